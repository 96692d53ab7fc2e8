import { fixedClock, type FixedClock } from '@iamfetch/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tenantNames, type Tenant } from '../access.ts'
import { administer } from '../administer.ts'
import { createConsumer } from '../consumer.ts'
import { startPremiumContent, type PremiumContent } from '../start.ts'

let clock: FixedClock
let premium: PremiumContent
beforeEach(async () => {
  clock = fixedClock()
  premium = await startPremiumContent({ clock })
})
afterEach(() => premium.stop())

const READ = '{"message":"Premium Content: OAuth Scope: Read"}'
const WRITE = '{"message":"Premium Content: OAuth Scope: Write"}'
const UNAUTHORIZED = '{"message":"Unauthorized"}'
const HOUR_MS = 3_600_000

/** Calls a tenant's consumer over HTTP, as its users do. */
async function call(tenant: Tenant, path: string, method = 'GET'): Promise<[number, string]> {
  const response = await fetch(`${premium.urlOf(tenant)}/${path}`, { method })
  return [response.status, await response.text()]
}

/** Calls the provider itself. */
async function provider(method: 'GET' | 'POST', token?: string): Promise<[number, string]> {
  const response = await fetch(`${premium.stack.config.apis['provider'].url}/premium`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  return [response.status, await response.text()]
}

async function refusal(tenant: Tenant, path: string): Promise<[number, string]> {
  const [status, body] = await call(tenant, path)
  const { code, message, remedy } = JSON.parse(body)
  for (const text of [message, remedy]) expect(text).toMatch(/\w/)
  return [status, code]
}

describe('a consumer whose client may read and write', () => {
  test('returns the three responses', async () => {
    expect(await call('acme', 'unauthorized-read')).toEqual([401, UNAUTHORIZED])
    expect(await call('acme', 'authorized-read')).toEqual([200, READ])
    expect(await call('acme', 'authorized-write')).toEqual([200, WRITE])
    expect(await call('acme', 'authorized-write', 'POST')).toEqual([200, WRITE])
  })

  test('mints one token for each set of scopes and reads its secret once, however often it is called', async () => {
    const paths = ['authorized-read', 'authorized-write']
    const calls = Array.from({ length: 50 }, (_, index) => call('acme', paths[index % 2]!))
    for (const [status] of await Promise.all(calls)) expect(status).toBe(200)
    expect(premium.stack.tokensMinted()).toEqual([
      { client: 'acme', scopes: ['premium/read'], count: 1 },
      { client: 'acme', scopes: ['premium/write'], count: 1 },
    ])
    expect(premium.stack.faults.calls('GetSecretValue')).toBe(1)
  })

  test('goes on when its token has expired', async () => {
    await call('acme', 'authorized-read')
    await clock.advance(HOUR_MS)
    expect(await call('acme', 'authorized-read')).toEqual([200, READ])
    expect(premium.stack.tokensMinted('acme')).toBe(2)
  })
})

describe('refused is', () => {
  test('a call without a token, and one with a text that is not a token', async () => {
    expect(await provider('GET')).toEqual([401, UNAUTHORIZED])
    expect(await provider('POST', 'not.a.token')).toEqual([401, UNAUTHORIZED])
  })

  test('a token with the wrong scope', async () => {
    const { tokens } = createConsumer(premium.optionsFor('acme'))
    expect(await provider('POST', await tokens.read())).toEqual([403, '{"message":"Forbidden"}'])
    expect(await provider('GET', await tokens.write())).toEqual([403, '{"message":"Forbidden"}'])
    expect(await provider('GET', await tokens.read())).toEqual([200, READ])
  })

  test('a scope that the tenant’s client does not have', async () => {
    expect(await call('globex', 'authorized-read')).toEqual([200, READ])
    expect(await refusal('globex', 'authorized-write')).toEqual([502, 'INVALID_SCOPE'])
    expect(await call('initech', 'authorized-write')).toEqual([200, WRITE])
    expect(await refusal('initech', 'authorized-read')).toEqual([502, 'INVALID_SCOPE'])
  })

  test('a wrong secret, unless the previous one is right', async () => {
    const { storeSecret } = administer(premium, 'acme')
    await storeSecret('a-wrong-secret')
    expect(await call('acme', 'authorized-read')).toEqual([200, READ])
    await storeSecret('another-wrong-secret')
    expect(await refusal('acme', 'authorized-write')).toEqual([502, 'INVALID_CLIENT'])
  })

  test('an expired token', async () => {
    const token = await createConsumer(premium.optionsFor('acme')).tokens.read()
    await clock.advance(HOUR_MS - 1_000)
    expect(await provider('GET', token)).toEqual([200, READ])
    await clock.advance(1_000)
    expect(await provider('GET', token)).toEqual([401, UNAUTHORIZED])
  })

  test('a revoked client, from the moment when its last token ends', async () => {
    expect(await call('globex', 'authorized-read')).toEqual([200, READ])
    await administer(premium, 'globex').revoke()
    expect(await call('globex', 'authorized-read')).toEqual([200, READ])
    await clock.advance(HOUR_MS)
    expect(await refusal('globex', 'authorized-read')).toEqual([502, 'INVALID_CLIENT'])
    expect(await call('acme', 'authorized-read')).toEqual([200, READ])
  })

  test('the secret of another tenant', async () => {
    const { secretId } = premium.optionsFor('globex')
    const thief = createConsumer({ ...premium.optionsFor('acme'), secretId })
    const { statusCode, body } = await thief.authorizedRead()
    expect([statusCode, JSON.parse(body).code]).toEqual([502, 'SECRET_UNAVAILABLE'])
    expect(body).toContain('AccessDeniedException')
    expect(premium.stack.tokensMinted()).toEqual([])
  })
})

test('no response and no config ever shows a secret or a token', async () => {
  const { stack, optionsFor } = premium
  await administer(premium, 'acme').storeSecret('a-wrong-secret')
  const shown = [JSON.stringify(stack.config)]
  for (const tenant of tenantNames) {
    for (const path of ['unauthorized-read', 'authorized-read', 'authorized-write']) {
      shown.push((await call(tenant, path))[1])
    }
    const { clientSecret } = stack.appClients[tenant]
    const { tokens } = createConsumer(optionsFor(tenant))
    const token = await (tenant === 'initech' ? tokens.write : tokens.read)()
    for (const text of shown) {
      expect(text).not.toContain(clientSecret)
      expect(text).not.toContain('a-wrong-secret')
      expect(text).not.toContain(token.split('.')[2])
    }
  }
})

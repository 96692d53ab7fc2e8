import * as fc from 'fast-check'
import { createIamFetch } from 'iamfetch'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { tenantFetch } from '../callers.ts'
import { startWhoCalled, type WhoCalled } from '../start.ts'
import { tenantNames, tenants, type Tenant } from '../tenants.ts'

const forms = ['http', 'rest'] as const
type Form = (typeof forms)[number]

let who: WhoCalled
const callers = {} as Record<Form, Record<Tenant, typeof fetch>>
let invoked = 0
let letIn = 0

beforeAll(async () => {
  who = await startWhoCalled({ onInvoke: () => void invoked++, onCaller: () => void letIn++ })
  for (const form of forms) {
    const made = tenantNames.map((tenant) => [tenant, who.asTenant(form, tenant)])
    callers[form] = Object.fromEntries(made) as Record<Tenant, typeof fetch>
  }
})
afterAll(() => who.stop())

/** What no answer to another tenant may hold. */
const mark = (tenant: Tenant): string => `«${tenant}»`
/** Notes of the same IDs, for everybody. */
const ids = ['plan', 'budget']

/** What each tenant has to find; the store is made to hold just this. */
let expected: Record<Tenant, Map<string, string>>
function seed(): void {
  expected = { acme: new Map(), globex: new Map(), initech: new Map() }
  for (const tenant of tenantNames) {
    const own = who.notes.of(tenant)
    own.clear()
    for (const id of ids) {
      own.set(id, `${mark(tenant)} ${id}`)
      expected[tenant].set(id, `${mark(tenant)} ${id}`)
    }
  }
}
beforeEach(() => {
  seed()
  invoked = 0
  letIn = 0
})

const clientIdOf = (tenant: Tenant): string => who.stack.appClients[tenant].clientId
const others = (tenant: Tenant): Tenant[] => tenantNames.filter((name) => name !== tenant)
const put = (text: string, more: object = {}): RequestInit => ({
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ text, ...more }),
})

describe.each(forms)('tenants of the %s API', (form) => {
  test('each find their own notes under the same IDs', async () => {
    for (const tenant of tenantNames) {
      const list = await callers[form][tenant]('/notes')
      const notes = Object.fromEntries(expected[tenant])
      expect([list.status, await list.json()]).toEqual([200, { tenant, notes }])
      const one = await callers[form][tenant]('/notes/plan')
      expect(await one.json()).toEqual({ text: `${mark(tenant)} plan` })
    }
  })

  test('write to their own, which the others do not see', async () => {
    const text = `${mark('acme')} new`
    expect((await callers[form].acme('/notes/new', put(text))).status).toBe(200)
    expect(await (await callers[form].acme('/notes/new')).json()).toEqual({ text })
    for (const other of others('acme')) {
      expect((await callers[form][other]('/notes/new')).status).toBe(404)
    }
  })

  test('may do what their scopes allow: the gateway stops the rest', async () => {
    const response = await callers[form].initech('/notes/plan', put('x'))
    expect([response.status, await response.json()]).toEqual(withoutScope[form])
    expect(invoked).toBe(0)
    expect(who.notes.of('initech')).toEqual(expected.initech)
  })

  test('are not made of users, nor of a token that was altered to name another client', async () => {
    const { idToken, accessToken } = await who.signIn('alice')
    const statuses: number[] = []
    for (const token of [idToken, accessToken]) {
      statuses.push((await who.asUser(form, token)('/notes')).status)
    }
    expect(statuses).toEqual([withoutScope[form][0], withoutScope[form][0]])
    const forged = await forgedToken('acme', 'globex')
    expect((await who.asUser(form, forged)('/notes')).status).toBe(401)
    expect(invoked).toBe(0)
  })
})

test('an app client of the pool that is not a tenant is refused everywhere, even with the scopes', async () => {
  const { clientId, clientSecret } = await createStranger()
  const { apis, endpoints } = who.stack.config
  const tokenUrl = `${endpoints.oauth}/oauth2/token`
  const statuses: number[] = []
  for (const form of forms) {
    const baseUrl = apis[form].url
    const call = tenantFetch({ baseUrl, tokenUrl, clientId, clientSecret })
    statuses.push((await call('/notes')).status, (await call('/notes/plan')).status)
  }
  // An HTTP API's authorizer does not know the client; a REST API's takes every client of the pool.
  expect(statuses).toEqual([401, 401, 401, 401])
  // Three, because after the first 401 the client asks once more, with a new token.
  expect([invoked, letIn]).toEqual([3, 0])
})

/** Creates an app client, as an administrator would for another API. */
async function createStranger(): Promise<{ clientId: string; clientSecret: string }> {
  const { config, admin } = who.stack
  const signed = createIamFetch({
    baseUrl: config.endpoints.cognitoIdp,
    service: 'cognito-idp',
    region: config.region,
    credentials: admin,
  })
  const response = await signed('/', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.CreateUserPoolClient',
    },
    body: JSON.stringify({
      UserPoolId: config.userPoolId,
      ClientName: 'stranger',
      GenerateSecret: true,
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthScopes: ['notes/read', 'notes/write'],
    }),
  })
  const { UserPoolClient: made } = (await response.json()) as {
    UserPoolClient: { ClientId: string; ClientSecret: string }
  }
  return { clientId: made.ClientId, clientSecret: made.ClientSecret }
}

/** A tenant's own token, with another tenant's client in its claims. */
async function forgedToken(tenant: Tenant, victim: Tenant): Promise<string> {
  const { clientId, clientSecret } = who.stack.appClients[tenant]
  const response = await fetch(`${who.stack.config.endpoints.oauth}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  })
  const { access_token: token } = (await response.json()) as { access_token: string }
  const [header, , signature] = token.split('.')
  const claims = { ...decodeJwt(token), sub: clientIdOf(victim), client_id: clientIdOf(victim) }
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return [header, payload, signature].join('.')
}

/** What a tenant's call has to answer, by its own notes alone. */
function answerOf(form: Form, tenant: Tenant, what: string, id: string, text: string): Wanted {
  const own = expected[tenant]
  if (what === 'list') return [200, JSON.parse(JSON.stringify({ tenant, notes: entriesOf(own) }))]
  if (what === 'write') {
    if (!tenants[tenant].some((scope) => scope === 'notes/write')) return withoutScope[form]
    own.set(id, text)
  }
  const found = own.get(id)
  return found === undefined ? [404, { message: 'Not Found' }] : [200, { text: found }]
}

type Wanted = [status: number, body: object]
const entriesOf = (own: Map<string, string>): object => Object.fromEntries(own)
/** A gateway's answer to a token without the scope: a REST API's authorizer says 401 (unverified). */
const withoutScope: Record<Form, Wanted> = {
  http: [403, { message: 'Forbidden' }],
  rest: [401, { message: 'Unauthorized' }],
}

test('a client of one tenant never reads or changes another’s, whatever it sends', async () => {
  let found = 0
  const claimName = fc.constantFrom(
    'tenant',
    'tenantId',
    'tenant_id',
    'client_id',
    'clientId',
    'sub',
    'owner',
    'custom:tenant',
    '__proto__',
  )
  const headerName = fc.constantFrom(
    'x-tenant',
    'x-tenant-id',
    'x-client-id',
    'x-forwarded-user',
    'x-amz-iamfetch-identity',
    'x-amzn-oidc-data',
    'x-amzn-oidc-identity',
    'x-original-url',
    'x-http-method-override',
    'forwarded',
    'cookie',
  )
  const call = fc.record({
    form: fc.constantFrom(...forms),
    tenant: fc.constantFrom(...tenantNames),
    victimAt: fc.nat({ max: 1 }),
    what: fc.constantFrom('list', 'read', 'write'),
    id: fc.oneof(
      fc.constantFrom(...ids),
      fc.constantFrom('VICTIM', 'CLIENT', 'VICTIM/plan', '../VICTIM', 'VICTIM:plan', '__proto__'),
      // A URL has no path that ends in dot segments: the platform takes them away.
      fc.string({ minLength: 1 }).filter((id) => !/^\.\.?$/.test(id)),
    ),
    query: fc.array(fc.tuple(claimName, fc.boolean()), { maxLength: 4 }),
    headers: fc.array(fc.tuple(headerName, fc.boolean()), { maxLength: 4 }),
    body: fc.array(fc.tuple(claimName, fc.boolean()), { maxLength: 4 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 6 }), async (calls) => {
      seed()
      for (const [at, { form, tenant, victimAt, what, ...sent }] of calls.entries()) {
        const victim = others(tenant)[victimAt]!
        const claim = (byName: boolean): string => (byName ? victim : clientIdOf(victim))
        const claims = (list: [string, boolean][]): [string, string][] =>
          list.map(([name, byName]) => [name, claim(byName)])
        const id = sent.id.replace('VICTIM', victim).replace('CLIENT', clientIdOf(victim))
        const path = what === 'list' ? '/notes' : `/notes/${encodeURIComponent(id)}`
        const text = `${mark(tenant)} ${at}`
        const init = what === 'write' ? put(text, Object.fromEntries(claims(sent.body))) : {}
        const headers = new Headers(init.headers)
        for (const [name, value] of claims(sent.headers)) headers.set(name, value)

        const response = await callers[form][tenant](
          `${path}?${new URLSearchParams(claims(sent.query)).toString()}`,
          { ...init, headers },
        )
        const answer = await response.text()
        for (const other of others(tenant)) expect(answer).not.toContain(mark(other))
        const [status, body] = answerOf(form, tenant, what, id, text)
        expect([response.status, JSON.parse(answer)]).toEqual([status, body])
        if (status === 200) found++
      }
      for (const tenant of tenantNames) expect(who.notes.of(tenant)).toEqual(expected[tenant])
    }),
    { numRuns: 150 },
  )
  // It was not for want of answers.
  expect(found).toBeGreaterThan(100)
}, 60_000)

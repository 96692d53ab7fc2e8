import { fixedClock } from '@iamfetch/testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { machineToken, memoryStore, oauthTokenEndpoint, type TokenStore } from '../src/index.ts'
import { claimsOf, elapse, testEndpoint } from './endpoint.ts'

/** The keys under which a token is kept, read off a store. */
async function keyOf(
  options: Parameters<typeof oauthTokenEndpoint>[0],
  more: { clientSecret: string; scopes?: string[] },
): Promise<string> {
  const keys: string[] = []
  const store: TokenStore = {
    get: async (key) => void keys.push(key),
    set: async () => {},
    delete: async () => {},
  }
  const token = machineToken({
    source: oauthTokenEndpoint(options),
    ...more,
    store,
    fetch: async () => Response.json({ error: 'invalid_request' }, { status: 400 }),
  })
  await token().catch(() => {})
  return keys[0]!
}

const url = 'https://idp.example/oauth2/token'
const scope = fc.stringMatching(/^[a-c]\/[a-c]$/)
const name = fc.stringMatching(/^[a-c"\\,|]{1,3}$/)
const asked = fc.record({
  clientId: name,
  clientSecret: name,
  scopes: fc.array(scope, { maxLength: 3 }),
  resource: fc.option(name, { nil: undefined }),
  metadata: fc.option(fc.dictionary(name, name, { maxKeys: 2 }), { nil: undefined }),
})

test('two tokens share a key only if everything that decides about them is the same', async () => {
  const meaning = (one: { scopes: string[]; metadata: object | undefined }): string =>
    JSON.stringify({
      ...one,
      scopes: [...new Set(one.scopes)].toSorted(),
      metadata:
        one.metadata &&
        Object.entries(one.metadata)
          .map((entry) => JSON.stringify(entry))
          .toSorted(),
    })
  const fields = ['clientId', 'clientSecret', 'scopes', 'resource', 'metadata'] as const
  await fc.assert(
    fc.asyncProperty(asked, asked, fc.subarray([...fields]), async (one, other, same) => {
      // Alike in some of the fields: what is left decides.
      const two = { ...other, ...Object.fromEntries(same.map((field) => [field, one[field]])) }
      const [a, b] = await Promise.all(
        [one, two].map(({ clientSecret, scopes, ...source }) =>
          keyOf({ url, ...source }, { clientSecret, scopes }),
        ),
      )
      expect(a === b).toBe(meaning(one) === meaning(two))
    }),
    { numRuns: 200 },
  )
})

test('a difference in a single field is a difference in the key', async () => {
  const base = {
    clientId: 'a',
    resource: 'b',
    metadata: { c: 'd' },
    clientSecret: 'e',
    scopes: ['f/g'],
  }
  const variants = [
    base,
    { ...base, clientId: 'b' },
    { ...base, resource: 'a' },
    { ...base, metadata: { c: 'e' } },
    { ...base, metadata: { d: 'c' } },
    { ...base, clientSecret: 'f' },
    { ...base, scopes: ['f/h'] },
    { ...base, scopes: ['f/g', 'f/h'] },
    { ...base, scopes: [] },
  ]
  const keys = variants.map(({ clientSecret, scopes, ...source }) =>
    keyOf({ url, ...source }, { clientSecret, scopes }),
  )
  expect(new Set(await Promise.all(keys)).size).toBe(variants.length)
})

test('order and repetition of scopes, and the order of metadata, are no difference', async () => {
  const one = await keyOf(
    { url, clientId: 'a', metadata: { x: '1', y: '2' } },
    { clientSecret: 's', scopes: ['r/b', 'r/a'] },
  )
  const two = await keyOf(
    { url, clientId: 'a', metadata: { y: '2', x: '1' } },
    { clientSecret: 's', scopes: ['r/a', 'r/b', 'r/a'] },
  )
  expect(one).toBe(two)
})

test('another endpoint or way to authenticate is another key', async () => {
  const secret = { clientSecret: 's' }
  const keys = await Promise.all([
    keyOf({ url, clientId: 'a' }, secret),
    keyOf({ url: `${url}2`, clientId: 'a' }, secret),
    keyOf({ url, clientId: 'a', auth: 'basic' }, secret),
    keyOf({ url, clientId: 'a', tokenFormat: 'opaque' }, secret),
  ])
  expect(new Set(keys).size).toBe(keys.length)
})

test('a tenant never gets a token of another tenant, nor wider scopes, whatever happens to a shared store', async () => {
  const step = fc.record({
    tenant: fc.integer({ min: 0, max: 3 }),
    process: fc.integer({ min: 0, max: 1 }),
    scopes: fc.constantFrom(['premium/read'], ['premium/write'], ['premium/read', 'premium/write']),
    event: fc.constantFrom('nothing', 'nothing', 'reject', 'rotate', 'wait', 'swap'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const clock = fixedClock()
      const endpoint = testEndpoint(clock)
      const secrets = ['same', 'same', 'other', 'same']
      secrets.forEach((secret, tenant) =>
        endpoint.clients.set(`tenant-${tenant}`, {
          secrets: [secret],
          scopes: ['premium/read', 'premium/write'],
        }),
      )
      const entries = new Map<string, string>()
      const inner = memoryStore({ clock })
      const store: TokenStore = {
        ...inner,
        get: async (key) => entries.get(key),
        set: async (key, value) => void entries.set(key, value),
      }
      const made = new Map<string, ReturnType<typeof machineToken>>()
      for (const { tenant, process, scopes, event } of steps) {
        const id = JSON.stringify([tenant, process, scopes])
        const token =
          made.get(id) ??
          machineToken({
            source: oauthTokenEndpoint({ url, clientId: `tenant-${tenant}` }),
            clientSecret: () => secrets[tenant]!,
            scopes,
            store,
            fetch: endpoint,
            clock,
            onEvent: () => {},
          })
        made.set(id, token)
        const got = await elapse(clock, token())
        const claims = claimsOf(got)
        expect(claims['client_id']).toBe(`tenant-${tenant}`)
        expect(claims['scope']).toBe(scopes.join(' '))
        if (event === 'reject') token.invalidate(got)
        if (event === 'wait') await clock.advance(3_000_000)
        if (event === 'rotate') {
          secrets[tenant] += '+'
          endpoint.clients.get(`tenant-${tenant}`)!.secrets = [secrets[tenant]!]
        }
        if (event === 'swap') {
          // An attacker with write access to the store puts every entry in the place of another.
          const values = [...entries.values()].toReversed()
          for (const [index, key] of [...entries.keys()].entries()) entries.set(key, values[index]!)
        }
      }
    }),
    { numRuns: 40 },
  )
}, 30_000)

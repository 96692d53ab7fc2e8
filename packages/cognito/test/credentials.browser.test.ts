import { expect, test } from 'vitest'
import { decodeIdToken } from '../src/index.ts'
import { FULL, fakePool, idToken } from './fake-pool.ts'

test('in a browser a hundred callers share one exchange, and another user gets an own one', async () => {
  const pool = fakePool()
  const provider = pool.make()
  const all = await Promise.all(Array.from({ length: 100 }, () => provider()))
  expect(new Set(all).size).toBe(1)
  expect(pool.calls()).toEqual(['GetId', 'GetCredentialsForIdentity'])
  for (const { headers, request } of pool.fetch.seen) {
    expect([...headers.keys()].toSorted()).toEqual(['content-type', 'x-amz-target'])
    expect([request.credentials, request.cache, request.redirect]).toEqual([
      'omit',
      'no-store',
      'manual',
    ])
  }
  pool.token = idToken({ sub: 'bob-sub' })
  expect((await provider()).identityId).not.toBe(all[0]!.identityId)
})

test('in a browser the page’s own fetch is used, and a network that fails has a code', async () => {
  const provider = fakePool().make({
    fetch: undefined,
    endpoint: 'http://127.0.0.1:9/',
    clock: Date,
    random: () => 0,
  })
  await expect(provider()).rejects.toMatchObject({
    code: 'NETWORK_OR_CORS',
    retryable: true,
    cause: expect.any(TypeError),
  })
})

test('in a browser secrets do not show, and structured cloning leaves them behind', async () => {
  const pool = fakePool()
  const credentials = await pool.make()()
  const copies = JSON.stringify([credentials, { ...credentials }, structuredClone(credentials)])
  for (const secret of pool.secrets) expect(copies).not.toContain(secret)
  expect(credentials.secretAccessKey).toBe(pool.secrets[0])
})

test('in a browser localStorage keeps the identity of a guest, and never the one of a user', async () => {
  const pool = fakePool()
  const identityStore = {
    get: (key: string) => localStorage.getItem(key),
    set: (key: string, id: string) => localStorage.setItem(key, id),
    delete: (key: string) => localStorage.removeItem(key),
  }
  await pool.make({ identityStore })()
  expect(localStorage.length).toBe(0)
  const asGuest = { identityStore, idToken: undefined, guest: true }
  const first = await pool.make(asGuest)()
  const next = pool.make(asGuest)
  expect((await next()).identityId).toBe(first.identityId)
  // One for the user and one for the guest.
  expect(pool.calls().filter((name) => name === 'GetId')).toHaveLength(2)
  expect(JSON.stringify(localStorage)).not.toContain('alice')
  next.clear()
  await Promise.resolve()
  expect(localStorage.length).toBe(0)
})

test('in a browser claims are read in every script', () => {
  const name = 'Zoë 山田 🦊'
  expect(decodeIdToken(idToken({ name }))).toMatchObject({ name, 'cognito:preferred_role': FULL })
})

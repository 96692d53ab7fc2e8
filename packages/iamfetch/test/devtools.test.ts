import { cognitoCredentials, createIamFetch, createTokenFetch } from 'iamfetch'
import { createDevtools, type Devtools } from 'iamfetch/devtools'
import { fakeFetch } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { fakePool, idToken, POOL } from '../../cognito/test/fake-pool.ts'
import { API, credentialsOf, quickClock, refusal } from './fixtures.ts'

const SECRET = 'hunter2'

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** Waits until the latest call is explained. */
async function explained({ calls }: Devtools): Promise<void> {
  while (calls()[0]?.explanation === undefined) await settle()
}

test('a call is listed with its attempts, its timing and its status, without its query', async () => {
  const devtools = createDevtools()
  const call = devtools.observeFetch(createIamFetch, {
    baseUrl: API,
    credentials: credentialsOf('A'),
    clock: quickClock(),
    fetch: fakeFetch((_, index) => new Response(SECRET, { status: index === 0 ? 503 : 200 })),
  })
  expect((await call(`/notes?q=${SECRET}#${SECRET}`)).status).toBe(200)
  await settle()
  const [listed, ...others] = devtools.calls()
  expect(others).toEqual([])
  expect(listed).toMatchObject({
    method: 'GET',
    url: `${API}/notes`,
    status: 200,
    code: undefined,
    exchangeMs: 0,
    signMs: expect.any(Number),
    durationMs: expect.any(Number),
    attempts: [{ status: 503 }, { status: 200 }],
    notes: [
      expect.stringMatching(/^Sent again after \d+ ms, because of an error of the server\.$/),
    ],
  })
  expect(JSON.stringify(devtools.calls())).not.toContain(SECRET)
})

test('a refusal is explained, and the caller can still read it', async () => {
  const devtools = createDevtools()
  const denied =
    'User: arn:aws:sts::123456789012:assumed-role/ReadOnlyRole/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:abc123/prod/POST/notes'
  const call = devtools.observeFetch(createIamFetch, {
    baseUrl: API,
    credentials: credentialsOf('A'),
    clock: quickClock(),
    fetch: fakeFetch(() => refusal(denied)),
  })
  const response = await call('/notes', { method: 'POST', body: SECRET })
  expect(await response.json()).toEqual({ message: denied })
  await explained(devtools)
  expect(devtools.calls()[0]).toMatchObject({
    status: 403,
    explanation: {
      message: expect.stringContaining('ReadOnlyRole'),
      responsible: 'policy',
      remedy: expect.arrayContaining([expect.any(String)]),
    },
  })
  const shown = JSON.stringify(devtools.calls())
  for (const secret of [SECRET, 'secret-A', 'session-A', 'ASIAA', 'Signature=']) {
    expect(shown).not.toContain(secret)
  }
})

test('an observed call sends what options of a class and a Request in their place contain', async () => {
  const fetch = fakeFetch(() => new Response())
  const options = { baseUrl: API, credentials: credentialsOf('A'), fetch, clock: quickClock() }
  const call = createDevtools().observeFetch(createIamFetch, options)
  class Options {
    get method(): string {
      return 'DELETE'
    }
  }
  const request = new Request(API, { method: 'PUT', body: 'text', headers: { 'x-a': 'b' } })
  await call('/notes', new Options())
  await call('/notes', request)
  expect(fetch.seen.map(({ method, body }) => [method, body])).toEqual([
    ['DELETE', ''],
    ['PUT', 'text'],
  ])
  expect(fetch.seen[1]?.headers.get('x-a')).toBe('b')
})

test('a rejected call has its code and an explanation', async () => {
  const devtools = createDevtools()
  const call = devtools.observeFetch(createTokenFetch, {
    baseUrl: API,
    token: async () => '',
    clock: quickClock(),
  })
  await expect(call('/notes')).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  await explained(devtools)
  expect(devtools.calls()[0]).toMatchObject({
    code: 'LOGIN_REQUIRED',
    status: undefined,
    attempts: [],
    explanation: { message: expect.stringContaining('no user is signed in') },
  })
})

test('the time of an exchange is that of the calls that waited for it', async () => {
  const devtools = createDevtools()
  const pool = fakePool()
  const credentials = cognitoCredentials(
    devtools.observeCognito({
      identityPoolId: POOL,
      idToken: async () => idToken(),
      fetch: pool.fetch,
      clock: pool.clock,
    }),
  )
  const call = devtools.observeFetch(createIamFetch, {
    baseUrl: API,
    credentials,
    fetch: fakeFetch(() => new Response()),
  })
  await call('/first')
  await call('/second')
  const [second, first] = devtools.calls()
  expect(first?.exchangeMs).toBeGreaterThan(0)
  expect(second?.exchangeMs).toBe(0)
})

test('calls of a user are forgotten when the user signs out', async () => {
  const devtools = createDevtools()
  const pool = fakePool()
  const credentials = cognitoCredentials(
    devtools.observeCognito({
      identityPoolId: POOL,
      idToken: async () => idToken(),
      fetch: pool.fetch,
      clock: pool.clock,
    }),
  )
  const call = devtools.observeFetch(createIamFetch, {
    baseUrl: API,
    credentials,
    fetch: fakeFetch(() => new Response()),
  })
  await call('/notes-of-alice')
  expect(devtools.calls()).toHaveLength(1)
  credentials.clear()
  await settle()
  expect(devtools.calls()).toEqual([])
})

test('calls of a user are forgotten when the call of another user shows that the first one is gone', async () => {
  const devtools = createDevtools()
  let user = 'alice'
  const call = devtools.observeFetch(createTokenFetch, {
    baseUrl: API,
    token: async () => idToken({ sub: user }),
    fetch: fakeFetch(() => new Response()),
  })
  await call('/notes-of-alice')
  await call('/more-notes-of-alice')
  expect(devtools.calls()).toHaveLength(2)
  user = 'bob'
  await call('/notes-of-bob')
  expect(devtools.calls().map(({ url }) => url)).toEqual([`${API}/notes-of-bob`])
})

test('only the latest calls are kept, and those that ended can be cleared', async () => {
  const devtools = createDevtools({ keep: 2 })
  let release: ((response: Response) => void) | undefined
  const call = devtools.observeFetch(createTokenFetch, {
    baseUrl: API,
    token: async () => 'a.b.c',
    fetch: fakeFetch(({ url }) =>
      url.endsWith('/slow') ? new Promise((resolve) => (release = resolve)) : new Response(),
    ),
  })
  for (const path of ['/1', '/2', '/3']) await call(path)
  expect(devtools.calls().map(({ url }) => url)).toEqual([`${API}/3`, `${API}/2`])
  const slow = call('/slow')
  await settle()
  let changes = 0
  const stop = devtools.subscribe(() => changes++)
  devtools.clear()
  await settle()
  expect(devtools.calls().map(({ url }) => url)).toEqual([`${API}/slow`])
  expect(changes).toBe(1)
  stop()
  release?.(new Response())
  await slow
  expect(devtools.calls()[0]?.status).toBe(200)
})

test('wrong options are refused', () => {
  expect(() => createDevtools({ keep: 0 })).toThrow(
    'createDevtools: "keep" must be a whole number above 0, got 0',
  )
  expect(createDevtools().controls).toBeUndefined()
})

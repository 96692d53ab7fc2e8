import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { IamFetchError } from '@iamfetch/core'
import { act, StrictMode, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  fakePool,
  FULL,
  idToken,
  READ,
  settle,
  type FakePool,
} from '../../../cognito/test/fake-pool.ts'
import { IamProvider } from '../../src/react/index.ts'
import { useIamQueryOptions } from '../../src/react/query.ts'

const BOB = { sub: 'bob-sub', 'cognito:username': 'bob' }

let root: Root
let container: HTMLElement
let pool: FakePool
let client: QueryClient
/** Everything that was ever on the page. */
let shown: string[]

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  container = document.body.appendChild(document.createElement('div'))
  root = createRoot(container)
  pool = fakePool()
  client = new QueryClient({ defaultOptions: { queries: { retryDelay: 0, staleTime: Infinity } } })
  shown = []
})
afterEach(async () => {
  await act(async () => root.unmount())
  container.remove()
  client.clear()
})

/** An API that responds with the caller, according to the current credentials. */
const apiOf =
  (credentials: ReturnType<FakePool['make']>, before?: () => Promise<void>): typeof fetch =>
  async () => {
    await credentials()
    await before?.()
    const { username, role, preferredRole } = credentials.status()
    return Response.json(`${username} as ${(role ?? preferredRole)?.split('/')[1]}`)
  }

/** A query that takes its signal is cancelled by TanStack when it has no observer any more; one that does not goes on. */
function Items({ enabled = true, goesOn = false }: { enabled?: boolean; goesOn?: boolean }) {
  const iamQueryOptions = useIamQueryOptions()
  const { data, error, fetchStatus } = useQuery(
    iamQueryOptions({
      queryKey: ['items'],
      enabled,
      queryFn: async (context): Promise<string> =>
        (await context.fetch('/items', goesOn ? {} : { signal: context.signal })).json(),
    }),
  )
  shown.push(String(data))
  return (
    <p>
      {data ?? 'nothing'} {fetchStatus} {error?.message}
    </p>
  )
}

const show = (
  credentials: ReturnType<FakePool['make']>,
  fetch: typeof globalThis.fetch = apiOf(credentials),
  page: ReactNode = <Items />,
): Promise<void> =>
  act(async () =>
    root.render(
      <StrictMode>
        <QueryClientProvider client={client}>
          <IamProvider fetch={fetch} credentials={credentials}>
            {page}
          </IamProvider>
        </QueryClientProvider>
      </StrictMode>,
    ),
  )

const text = (): string => container.textContent ?? ''
/** Each round is an `act` of its own: React 18 renders nothing before it ends. */
async function until(wanted: string): Promise<void> {
  const giveUpAt = performance.now() + 10_000
  while (!text().includes(wanted) && performance.now() < giveUpAt) await act(settle)
  expect(text()).toContain(wanted)
}

test('requests data by itself when a user is signed in', async () => {
  await show(pool.make())
  await until('alice as FullAccessRole idle')
  expect(pool.count('GetId')).toBe(1)
})

test('waits while no user is signed in, and starts after the sign-in that clear() announces', async () => {
  pool.token = undefined
  const credentials = pool.make()
  const calls = vi.fn<typeof fetch>(apiOf(credentials))
  await show(credentials, calls)
  await until('nothing idle')
  expect(calls).not.toHaveBeenCalled()
  pool.token = idToken()
  await act(async () => credentials.clear())
  await until('alice as FullAccessRole')
})

test('respects the enabled option of the page', async () => {
  const credentials = pool.make()
  const calls = vi.fn<typeof fetch>(apiOf(credentials))
  await show(credentials, calls, <Items enabled={false} />)
  await act(async () => void (await credentials()))
  expect(text()).toContain('nothing idle')
  expect(calls).not.toHaveBeenCalled()
})

test("never shows alice's data to bob, and forgets it", async () => {
  const credentials = pool.make()
  await show(credentials)
  await until('alice as FullAccessRole')
  shown = []
  pool.token = idToken(BOB)
  await act(async () => credentials.clear())
  await until('bob as FullAccessRole')
  expect(new Set(shown)).toEqual(new Set(['undefined', 'bob as FullAccessRole']))
  const cached = JSON.stringify(
    client
      .getQueryCache()
      .getAll()
      .map(({ state }) => state.data),
  )
  expect(cached).not.toContain('alice')
})

test('a subject of another provider is another user', async () => {
  const credentials = pool.make()
  const cached = (): unknown[] =>
    client
      .getQueryCache()
      .getAll()
      .map(({ state }) => state.data)
  await show(credentials)
  await until('alice as FullAccessRole')
  shown = []
  pool.token = idToken({ iss: 'https://other.example', 'cognito:username': 'eve' })
  await act(async () => credentials.clear())
  await until('eve as FullAccessRole')
  expect(new Set(shown)).toEqual(new Set(['undefined', 'eve as FullAccessRole']))
  expect(cached()).not.toContain('alice as FullAccessRole')
})

test.each([
  ['user', 'bob as FullAccessRole', () => void (pool.token = idToken(BOB))],
  [
    'role',
    'alice as ReadOnlyAccessRole',
    () => void (pool.token = idToken({ 'cognito:preferred_role': READ })),
  ],
  [
    'provider',
    'eve as FullAccessRole',
    () => void (pool.token = idToken({ iss: 'https://other.example', 'cognito:username': 'eve' })),
  ],
])('an answer to another %s is not kept under the key that asked', async (_, wanted, change) => {
  const credentials = pool.make()
  // It changes while the call is under way, and nothing but the token tells it.
  await show(
    credentials,
    apiOf(credentials, async () => {
      change()
      await credentials()
    }),
    <Items goesOn />,
  )
  await until(wanted)
  const kept = client.getQueryCache().findAll({ predicate: ({ state }) => !!state.data })
  expect(kept).toHaveLength(1)
})

test("alice's data goes with her from a view that asks nothing, too", async () => {
  const credentials = pool.make()
  const kept = (): number =>
    client.getQueryCache().findAll({ predicate: ({ state }) => !!state.data }).length
  await show(credentials)
  await until('alice as FullAccessRole')
  await show(credentials, undefined, <p>another view</p>)
  expect([text(), kept()]).toEqual(['another view', 1])
  credentials.clear()
  await vi.waitFor(() => expect(kept()).toBe(0))
  // She comes back, and goes once more.
  await show(credentials)
  await until('alice as FullAccessRole')
  await show(credentials, undefined, <p>another view</p>)
  expect(kept()).toBe(1)
  credentials.clear()
  await vi.waitFor(() => expect(kept()).toBe(0))
})

test('another role has its own data', async () => {
  const credentials = pool.make()
  await show(credentials)
  await until('alice as FullAccessRole')
  shown = []
  await act(async () => credentials.switchRole(READ))
  await until('alice as ReadOnlyAccessRole')
  expect(shown).not.toContain('alice as FullAccessRole')
  await act(async () => credentials.switchRole(FULL))
  await until('alice as FullAccessRole')
})

test('groups that changed count as another role', async () => {
  const credentials = pool.make()
  await show(credentials)
  await until('alice as FullAccessRole')
  shown = []
  pool.token = idToken({ 'cognito:preferred_role': READ })
  await act(async () => void (await credentials.refreshIdentity()))
  await until('alice as ReadOnlyAccessRole')
  expect(shown).not.toContain('alice as FullAccessRole')
})

test('a key without its caller goes on matching', async () => {
  const credentials = pool.make()
  const calls = vi.fn<typeof fetch>(apiOf(credentials))
  await show(credentials, calls)
  await until('alice as FullAccessRole')
  const { length } = calls.mock.calls
  await act(async () => client.invalidateQueries({ queryKey: ['items'] }))
  expect(calls.mock.calls.length).toBe(length + 1)
})

test.each([
  ['NETWORK_OR_CORS', true, 1],
  ['DEADLINE_EXCEEDED', true, 3],
  ['ORIGIN_NOT_ALLOWED', false, 1],
] as const)('an error %s, retryable %s, is met %d times', async (code, retryable, times) => {
  let calls = 0
  await show(pool.make(), async () => {
    calls++
    throw new IamFetchError(code, `it was ${code}`, { remedy: '', retryable })
  })
  await until(`idle it was ${code}`)
  expect(calls).toBe(times)
})

test('an error of the page is not retried either: a refusal stays one', async () => {
  let calls = 0
  await show(pool.make(), async () => {
    calls++
    throw new Error('403')
  })
  await until('idle 403')
  expect(calls).toBe(1)
})

test('a response is discarded and requested again if the role was fixed in the meantime, although the key stays the same', async () => {
  const credentials = pool.make()
  let calls = 0
  await show(credentials, async () => {
    await credentials()
    calls++
    // The token decided so far, so a newer token could have changed the role of the call.
    if (calls === 1) credentials.switchRole(FULL)
    return Response.json(`response ${calls}`)
  })
  await until('response 2')
  expect(shown).not.toContain('response 1')
})

import {
  hydrate,
  MutationCache,
  MutationObserver,
  QueryClient,
  QueryObserver,
  type MutationState,
} from '@tanstack/react-query'
import { beforeEach, describe, expect, test } from 'vitest'
import { callerOf, type Caller } from '../../src/react/caller.ts'
import { mutationOptionsFor } from '../../src/react/mutation.ts'
import { queryOptionsFor, type QueryOwner } from '../../src/react/query-options.ts'
import { watchCallers } from '../../src/react/watch-callers.ts'
import { failure, scene, settle, type Scene } from '../caller-scene.ts'

const ADMIN = 'arn:aws:iam::123456789012:role/Admin'

/** The state of a mutation that waits, as a store keeps it. */
const PAUSED: MutationState = {
  status: 'pending',
  isPaused: true,
  variables: 'what alice wants',
  context: undefined,
  data: undefined,
  error: null,
  failureCount: 0,
  failureReason: null,
  submittedAt: 1,
}

let device: Scene
let alice: Caller
let client: QueryClient

beforeEach(async () => {
  device = scene(() => Response.json({ of: device.callers().at(-1) }))
  await device.credentials()
  alice = presentCaller()
  client = new QueryClient()
})

const presentCaller = (): Caller => callerOf(device.credentials.status())

async function signIn(user: string | undefined): Promise<void> {
  device.credentials.clear()
  device.user = user
  await failure(device.credentials())
}

const owner = (): QueryOwner => ({
  fetch: device.iamFetch,
  credentials: device.credentials,
  client,
  caller: presentCaller(),
})

/** The options of a query of the present caller. */
const notes = (more: object = {}) =>
  queryOptionsFor(owner())({
    queryKey: ['notes'],
    queryFn: async (context) => {
      const { fetch } = context as { fetch: typeof globalThis.fetch }
      return (await fetch('/notes')).json()
    },
    ...more,
  }) as { queryKey: readonly unknown[]; queryFn: () => Promise<unknown> }

const add = (more: object = {}) =>
  mutationOptionsFor(owner())({
    mutationKey: ['add'],
    mutationFn: (body: string, own) => own.fetch('/notes', { method: 'POST', body }),
    ...more,
  })

describe('the function of one caller is not used for the key of another', () => {
  test.each([
    ['user', () => signIn('bob')],
    ['role', async () => device.credentials.switchRole(ADMIN)],
  ])('the default of a query of another %s', async (_, change) => {
    await change()
    client.setQueryDefaults(['notes'], { queryFn: notes().queryFn })
    const error = await failure(client.fetchQuery({ queryKey: ['notes', { caller: alice }] }))
    expect(error).toMatchObject({ code: 'CLEARED' })
    expect(device.sent()).toBe(0)
  })

  test('a key of the page in place of the one with the caller', async () => {
    const error = await failure(client.fetchQuery({ ...notes(), queryKey: ['notes'] }))
    expect(error).toMatchObject({ name: 'TypeError', code: 'INVALID_OPTION' })
    expect(device.sent()).toBe(0)
  })

  test('a key of the page, under which a persister would keep the data of all users', async () => {
    let restored = 0
    const persister = (): unknown => ++restored
    const error = await failure(client.fetchQuery({ ...notes({ persister }), queryKey: ['notes'] }))
    expect(error).toMatchObject({ code: 'INVALID_OPTION' })
    expect(restored).toBe(0)
  })

  test('a mutation in a version of TanStack Query that passes no context', async () => {
    const { mutationFn } = add()
    const options = { mutationKey: ['add', { caller: { ...alice, sub: 'bob' } }], mutationFn }
    const error = await failure((options.mutationFn as Function)('what bob wants'))
    expect(error).toMatchObject({ code: 'CLEARED' })
    expect(device.sent()).toBe(0)
  })

  test('a mutation that a store kept without its caller', async () => {
    await signIn('bob')
    client.setMutationDefaults(['add'], add() as never)
    hydrate(client, { queries: [], mutations: [{ mutationKey: ['add'], state: PAUSED }] })
    const [mutation] = client.getMutationCache().getAll()
    await client.resumePausedMutations()
    await settle()
    expect(mutation?.state.error).toMatchObject({ code: 'INVALID_OPTION' })
    expect(device.sent()).toBe(0)
  })

  test('the key that the options were created with sends', async () => {
    expect(await client.fetchQuery(notes())).toEqual({ of: 'alice' })
    expect(await client.getMutationCache().build(client, add()).execute('a note')).toBeDefined()
    expect(device.callers()).toEqual(['alice', 'alice'])
  })
})

test('the callbacks of a mutation bring nothing to the user who signs in between two of its steps', async () => {
  const called: string[] = []
  const note = (name: string) => (): void => void called.push(name)
  const callbacks = { onMutate: note('onMutate'), onSuccess: note('onSuccess') }
  const mutationCache = new MutationCache({ onSuccess: () => signIn('bob') })
  client = new QueryClient({ mutationCache })
  const options = add(callbacks)
  const duringSuccess = await failure(mutationCache.build(client, options).execute('a note'))
  expect(duringSuccess).toMatchObject({ code: 'CLEARED' })
  expect(called).toEqual(['onMutate'])
  const afterwards = await failure(mutationCache.build(client, options).execute('a note'))
  expect(afterwards).toMatchObject({ code: 'CLEARED' })
  expect(called).toEqual(['onMutate'])
})

test('a component that still observes the query of a user who has gone is not shown data that is put back', async () => {
  watchCallers(client, device.credentials)
  const observer = new QueryObserver(client, notes())
  const stop = observer.subscribe(() => {})
  await settle()
  const query = observer.getCurrentQuery()
  const before = query.state
  expect(before.data).toBeDefined()
  await signIn('bob')
  query.setState(before)
  expect(observer.getCurrentResult().data).toBeUndefined()
  stop()
})

test('data that came with the page is not shown to a user who is the first of other credentials on it', async () => {
  notes()
  await signIn('bob')
  const caller = presentCaller()
  const credentials = device.credentialsWith({})
  const { initialData } = queryOptionsFor({ ...owner(), credentials, caller })({
    queryKey: ['notes'],
    queryFn: () => [],
    initialData: { of: 'alice' },
  })
  expect(initialData).toBeUndefined()
})

test('in the first versions of TanStack Query 5, which hide the observers of a query, a user is forgotten, too', async () => {
  watchCallers(client, device.credentials)
  const states: unknown[] = []
  const { queryKey } = notes()
  const query = { queryKey, setState: (state: unknown) => states.push(state) }
  client.getQueryCache().getAll = () => [query] as never
  client.getMutationCache().build(client, add())
  client.getQueryCache().notify({ type: 'observerOptionsUpdated' } as never)
  await signIn('bob')
  expect(states[0]).toEqual(expect.objectContaining({ data: undefined, status: 'pending' }))
  expect(client.getMutationCache().getAll()).toEqual([])
})

test('a persister receives all pages of an infinite query', async () => {
  const stored: unknown[] = []
  const persister = async (load: (context: object) => unknown, context: object) => {
    stored.push(await load(context))
    return stored.at(-1)
  }
  const pages = {
    queryFn: async (context: object) => context as { pageParam: number },
    initialPageParam: 0,
    getNextPageParam: () => 1,
    pages: 2,
  }
  await client.fetchInfiniteQuery({ ...pages, ...notes({ ...pages, persister }) })
  expect(stored).toMatchObject([{ pages: [{ pageParam: 0 }, { pageParam: 1 }] }])
})

describe('a component that was hidden while the user changed', () => {
  test('does not show the last result of select when select throws for the next user', async () => {
    watchCallers(client, device.credentials)
    const select = (data: { of: string }): string => {
      if (data.of !== 'alice') throw new Error('select')
      return data.of
    }
    const options = () => notes({ select, staleTime: Infinity })
    const observer = new QueryObserver(client, options())
    const hide = observer.subscribe(() => {})
    await settle()
    expect(observer.getCurrentResult().data).toBe('alice')
    hide()
    await signIn('bob')
    await client.fetchQuery(options())
    const shown = observer.getOptimisticResult(client.defaultQueryOptions(options()))
    expect(shown).toMatchObject({ status: 'error', data: undefined })
  })

  test('does not show the result of a mutation, and keeps the next one', async () => {
    watchCallers(client, device.credentials)
    const observer = new MutationObserver(client, add())
    const hide = observer.subscribe(() => {})
    await observer.mutate('a note of alice')
    hide()
    await signIn('bob')
    expect(observer.getCurrentResult()).toMatchObject({ status: 'idle', variables: undefined })
    observer.setOptions(add())
    await observer.mutate('a note of bob')
    device.credentials.switchRole(ADMIN)
    await settle()
    device.credentials.switchRole()
    expect(observer.getCurrentResult()).toMatchObject({ status: 'idle' })
    await observer.mutate('a note of bob')
    await device.credentials.refreshIdentity()
    expect(observer.getCurrentResult()).toMatchObject({ variables: 'a note of bob' })
  })
})

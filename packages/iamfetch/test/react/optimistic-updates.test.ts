import {
  MutationCache,
  MutationObserver,
  notifyManager,
  onlineManager,
  QueryClient,
  QueryObserver,
} from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { callerOf, type Caller } from '../../src/react/caller.ts'
import { mutationOptionsFor, type IamMutationOptions } from '../../src/react/mutation.ts'
import { queryOptionsFor, type QueryOwner } from '../../src/react/query-options.ts'
import { watchCallers } from '../../src/react/watch-callers.ts'
import { failure, idTokenOf, scene, settle, type Scene } from '../caller-scene.ts'

const ADMIN = 'arn:aws:iam::123456789012:role/Admin'
/** A filter that matches the list of every user, as pages write it. */
const LISTS = { queryKey: ['notes'] }

let device: Scene
let client: QueryClient
let mutationCache: MutationCache
/** Whether the API saves. */
let saves: boolean
/** Everything that the present user's list showed since the change. */
let shown: unknown[]
/** What the API lists. */
let note: string
let stops: (() => void)[]

beforeEach(async () => {
  saves = true
  note = 'a note'
  shown = []
  stops = []
  device = scene(() => new Response())
  mutationCache = new MutationCache()
  client = new QueryClient({ mutationCache, defaultOptions: { queries: { staleTime: Infinity } } })
  watchCallers(client, device.credentials)
  await device.credentials.checkSignIn()
})
afterEach(() => {
  for (const stop of stops) stop()
  client.clear()
})

/** The API, for the user who is signed in when it is called. */
const api: typeof fetch = async (_, init) =>
  init?.method === 'POST'
    ? new Response('', { status: saves ? 200 : 409 })
    : Response.json([`${note} of ${device.user}`])

const owner = (): QueryOwner => ({
  fetch: api,
  credentials: device.credentials,
  client,
  caller: presentCaller(),
})
const presentCaller = (): Caller => callerOf(device.credentials.status())

const list = () =>
  queryOptionsFor(owner())({
    queryKey: ['notes'],
    queryFn: async (context) => {
      const { fetch } = context as { fetch: typeof globalThis.fetch }
      return (await fetch('/notes')).json()
    },
  }) as { queryKey: readonly unknown[]; queryFn: () => Promise<unknown> }

/** A component that shows the list of the user who is there now. */
async function showList(): Promise<void> {
  const observer = new QueryObserver(client, list())
  const ofThisCaller = shown
  const render = (): void => void ofThisCaller.push(observer.getCurrentResult().data)
  stops.push(observer.subscribe(notifyManager.batchCalls(render)))
  await settle()
  expect(observer.getCurrentResult().data).toBeDefined()
}

/** Another user, or another role of the same one, takes over while the mutation is under way. */
const CHANGES = {
  'another user signs in': async () => {
    device.user = 'bob'
    await device.credentials.checkSignIn()
  },
  'another user signs in after a sign-out': async () => {
    device.credentials.clear()
    device.user = 'bob'
    await device.credentials.checkSignIn()
  },
  'the user switches to another role': async () => device.credentials.switchRole(ADMIN),
}

/** Where the change happens, and what happens. Every step of a recipe that may wait calls it. */
interface Script {
  readonly at: (step: string) => Promise<void>
  readonly steps: string[]
}

const scriptWith = (step: string, act: () => Promise<void>): Script => {
  const steps: string[] = []
  return {
    steps,
    async at(one) {
      if (!steps.includes(one)) steps.push(one)
      if (one !== step || steps.indexOf(one) !== steps.length - 1) return
      await act()
    },
  }
}

type Previous = [readonly unknown[], string[] | undefined][]
type Context = { previous: Previous }

const write = (added: string): void =>
  void client.setQueriesData<string[]>(LISTS, (old) => old && [...old, `saved: ${added}`])

function rollBack(context: Context | undefined): void {
  client.setQueriesData<string[]>(LISTS, context?.previous[0]?.[1])
  for (const [key, data] of context?.previous ?? []) client.setQueryData(key, data)
}

/**
 * The recipe of TanStack's documentation with a filter, as functions that any place may call. Nothing waits for callbacks of `mutate`, nor
 * for what follows `mutateAsync`: those write at once.
 */
const recipe = ({ at }: Script) => ({
  onMutate: async (added: string): Promise<Context> => {
    await at('onMutate begins')
    await client.cancelQueries(LISTS)
    await at('onMutate has cancelled')
    const previous: Previous = client.getQueriesData<string[]>(LISTS)
    client.setQueriesData<string[]>(LISTS, (old) => old && [...old, added])
    await at('onMutate has written')
    return { previous }
  },
  onSuccess: async (added: string): Promise<void> => {
    await at('onSuccess begins')
    write(added)
    await at('onSuccess has written')
  },
  onError: async (context: Context | undefined): Promise<void> => {
    await at('onError begins')
    rollBack(context)
    await at('onError has written')
  },
  onSettled: async (): Promise<void> => {
    await at('onSettled begins')
    await client.invalidateQueries(LISTS)
  },
})

type Options = IamMutationOptions<void, Error, string, Context>

/** The mutation of the present user, which calls the API once. */
function add({ at }: Script, callbacks: Partial<Options> = {}) {
  const options: Options = {
    mutationKey: ['add'],
    async mutationFn(body, { fetch }) {
      await at('the mutation begins')
      const { ok } = await fetch('/notes', { method: 'POST', body })
      await at('the mutation was answered')
      if (!ok) throw new Error('not saved')
    },
    ...callbacks,
  }
  return mutationOptionsFor(owner())(options)
}

const ADDED = "alice's new note"

/** The places in which pages write these functions. */
const STYLES: Record<string, (script: Script) => Promise<unknown>> = {
  'in the options of the mutation'(script) {
    const { onMutate, onSuccess, onError, onSettled } = recipe(script)
    const callbacks: Partial<Options> = {
      onMutate,
      onSuccess: (_, added) => onSuccess(added),
      onError: (_error, _added, context) => onError(context),
      onSettled,
    }
    return new MutationObserver(client, add(script, callbacks)).mutate(ADDED)
  },
  'in the options of mutate'(script) {
    const { onMutate } = recipe(script)
    const observer = new MutationObserver(client, add(script, { onMutate }))
    stops.push(observer.subscribe(() => {}))
    return observer.mutate(ADDED, {
      onSuccess: (_, added) => write(added),
      onError: (_error, _added, context) => rollBack(context),
      onSettled: () => void client.invalidateQueries(LISTS),
    })
  },
  'in the MutationCache'(script) {
    const { onMutate, onSuccess, onError, onSettled } = recipe(script)
    let context: Context | undefined
    Object.assign(mutationCache.config, {
      onMutate: async (added: string) => void (context = await onMutate(added)),
      onSuccess: (_: unknown, added: string) => onSuccess(added),
      onError: () => onError(context),
      onSettled,
    })
    return new MutationObserver(client, add(script)).mutate(ADDED)
  },
  'in the defaults of the mutation'(script) {
    const { onMutate, onSuccess, onError, onSettled } = recipe(script)
    const defaults = {
      onMutate,
      onSuccess: (_: unknown, added: string) => onSuccess(added),
      onError: (_error: unknown, _added: string, context?: Context) => onError(context),
      onSettled,
    }
    client.setMutationDefaults(['add'], defaults as object)
    return new MutationObserver(client, add(script)).mutate(ADDED)
  },
  async 'after mutateAsync'(script) {
    const { onMutate } = recipe(script)
    let context: Context | undefined
    const options = add(script, {
      onMutate: async (added) => (context = await onMutate(added)),
    })
    try {
      await new MutationObserver(client, options).mutate(ADDED)
      write(ADDED)
    } catch {
      rollBack(context)
    }
    await client.invalidateQueries(LISTS)
  },
}

describe.each(Object.entries(STYLES))('an optimistic update %s', (style, run) => {
  test.each([true, false])('is shown, and rolled back unless it is saved (%s)', async (isSaved) => {
    saves = isSaved
    await showList()
    const data = (): unknown => client.getQueryData(list().queryKey)
    let during: unknown
    const script = scriptWith('onMutate has written', async () => void (during = data()))
    await failure(run(script))
    await settle()
    expect(during).toEqual(['a note of alice', ADDED])
    expect(data()).toEqual(['a note of alice'])
  })

  const changes = Object.values(CHANGES)
  // One update that is not saved and one that is, so that every step is reached.
  test.each([
    [false, changes[0]!],
    [true, changes[1 + (style.length % 2)]!],
  ])(
    'writes nothing into the list of the next caller, wherever the caller changes (saved: %s)',
    async (isSaved, change) => {
      saves = isSaved
      await showList()
      const { steps, at } = scriptWith('', async () => {})
      await failure(run({ steps, at }))
      expect(steps.length).toBeGreaterThan(4)
      for (const step of steps) {
        await beginAgain()
        await showList()
        await failure(
          run(
            scriptWith(step, async () => {
              await change()
              shown = []
              await showList()
            }),
          ),
        )
        await settle()
        const own = [`a note of ${device.user}`]
        const others = shown.filter((data) => JSON.stringify(data ?? own) !== JSON.stringify(own))
        expect(others, step).toEqual([])
        expect(client.getQueryData(list().queryKey), step).toEqual(own)
      }
    },
  )
})

test('what the present user writes while a mutation of another is still under way is loaded again', async () => {
  let answer: (() => void) | undefined
  const wait = new Promise<void>((resolve) => (answer = resolve))
  const done = failure(
    new MutationObserver(
      client,
      mutationOptionsFor(owner())({ mutationFn: async () => wait }),
    ).mutate(),
  )
  await CHANGES['another user signs in']()
  await showList()
  const { queryKey } = list()
  client.setQueryData(queryKey, ['written by hand'])
  expect(client.getQueryData(queryKey)).toEqual(['a note of bob'])
  note = 'another note'
  answer?.()
  await done
  await settle()
  await settle()
  expect(client.getQueryData(queryKey)).toEqual(['another note of bob'])
  client.setQueryData(queryKey, ['written by hand'])
  expect(client.getQueryData(queryKey)).toEqual(['written by hand'])
})

test('it is also loaded again while that mutation goes on', async () => {
  const hangs = mutationOptionsFor(owner())({ mutationFn: () => new Promise<void>(() => {}) })
  void new MutationObserver(client, hangs).mutate()
  await CHANGES['another user signs in']()
  await showList()
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  try {
    const { queryKey } = list()
    client.setQueryData(queryKey, ['written by hand'])
    note = 'another note'
    await vi.advanceTimersByTimeAsync(1_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(client.getQueryData(queryKey)).toEqual(['another note of bob'])
  } finally {
    vi.useRealTimers()
  }
})

test('a query function of a user who has gone writes nothing into the list of the next one', async () => {
  let answer: (() => void) | undefined
  const wait = new Promise<void>((resolve) => (answer = resolve))
  const details = queryOptionsFor(owner())({
    queryKey: ['details'],
    queryFn: async () => {
      await wait
      write(ADDED)
      return []
    },
  }) as { queryKey: readonly unknown[] }
  void failure(client.fetchQuery(details))
  await CHANGES['another user signs in']()
  await showList()
  answer?.()
  await settle()
  await settle()
  expect(client.getQueryData(list().queryKey)).toEqual(['a note of bob'])
})

test('a mutation of another role that waits for the network does not keep the user from writing', async () => {
  onlineManager.setOnline(false)
  const waiting = failure(
    new MutationObserver(client, add(scriptWith('', async () => {}))).mutate(ADDED),
  )
  await settle()
  await CHANGES['the user switches to another role']()
  const { queryKey } = list()
  client.setQueryData(queryKey, ['written by hand'])
  expect(client.getQueryData(queryKey)).toEqual(['written by hand'])
  onlineManager.setOnline(true)
  await client.resumePausedMutations()
  expect(await waiting).toMatchObject({ code: 'CLEARED' })
})

test('callbacks of a mutation do not run for a user who has gone, whatever defaults set them', async () => {
  const called: string[] = []
  const noteCall = (name: string) => (): void => void called.push(name)
  client.setMutationDefaults(['add'], { onError: noteCall('default onError') })
  const options = add(scriptWith('the mutation begins', CHANGES['another user signs in']), {
    onSettled: noteCall('onSettled'),
  })
  expect(await failure(new MutationObserver(client, options).mutate(ADDED))).toMatchObject({
    code: 'CLEARED',
  })
  expect(called).toEqual([])
})

/** Alice is signed in again, and no data is cached. */
async function beginAgain(): Promise<void> {
  device.user = 'alice'
  device.credentials.clear()
  await device.credentials.checkSignIn()
  client.clear()
}

test('an update of one user of a page with two accounts writes nothing into the list of the other', async () => {
  const second = device.credentialsWith({ idToken: async () => idTokenOf('carol') })
  watchCallers(client, second)
  await second.checkSignIn()
  const caller = callerOf(second.status())
  const { queryKey } = queryOptionsFor({ fetch: api, credentials: second, client, caller })({
    queryKey: ['notes'],
    queryFn: () => [],
  }) as { queryKey: readonly unknown[] }
  client.setQueryData(queryKey, ["carol's note"])
  await showList()
  const seen: unknown[] = []
  const own: unknown[] = []
  const script: Script = {
    steps: [],
    at: async () => {
      seen.push(JSON.stringify(client.getQueryData(queryKey)))
      own.push(client.getQueryData(list().queryKey))
    },
  }
  await STYLES['in the options of the mutation']!(script)
  expect(new Set(seen)).toEqual(new Set(['["carol\'s note"]']))
  expect(own).toContainEqual(['a note of alice', ADDED])
})

test('a query of one user that does not end does not keep the other user of the page from writing', async () => {
  const second = device.credentialsWith({ idToken: async () => idTokenOf('carol') })
  watchCallers(client, second)
  await second.checkSignIn()
  const endless = queryOptionsFor({
    ...owner(),
    credentials: second,
    caller: callerOf(second.status()),
  })({ queryKey: ['stream'], queryFn: () => new Promise(() => {}) })
  void failure(client.fetchQuery(endless as never))
  await settle()
  const { queryKey } = list()
  client.setQueryData(queryKey, ['written by hand'])
  expect(client.getQueryData(queryKey)).toEqual(['written by hand'])
})

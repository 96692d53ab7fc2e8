import {
  dehydrate,
  hydrate,
  isCancelledError,
  keepPreviousData,
  onlineManager,
  QueryClient,
  QueryClientProvider,
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
  useSuspenseQuery,
  type FetchQueryOptions,
} from '@tanstack/react-query'
import { isIamFetchError } from '@iamfetch/core'
import {
  act,
  Component,
  memo,
  StrictMode,
  Suspense,
  useEffect,
  useMemo,
  useState,
  type ReactNode,
} from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fakePool, idToken, READ, settle, type FakePool } from '../../../cognito/test/fake-pool.ts'
import { IamProvider, useCredentialStatus } from '../../src/react/index.ts'
import {
  useIamMutationOptions,
  useIamQueryOptions,
  type CreateIamQueryOptions,
  type IamQueryKey,
  type IamQueryOptions,
} from '../../src/react/query.ts'

const BOB = { sub: 'bob-sub', 'cognito:username': 'bob' }

/** What the API returns. An object, as most responses are. */
interface Notes {
  of: string
  lines?: string[]
}

let root: Root
let container: HTMLElement
let pool: FakePool
let credentials: ReturnType<FakePool['make']>
let client: QueryClient
/** The data of each render since the last change. */
let shown: unknown[]
/** Whose calls reached the API. */
let calls: string[]
let errors: unknown[]

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  container = document.body.appendChild(document.createElement('div'))
  root = createRoot(container)
  pool = fakePool()
  credentials = pool.make()
  client = newClient()
  shown = []
  calls = []
  errors = []
})
afterEach(async () => {
  await act(async () => root.unmount())
  container.remove()
  client.clear()
  onlineManager.setOnline(true)
})

const newClient = (queries: object = {}): QueryClient =>
  new QueryClient({
    defaultOptions: { queries: { retryDelay: 0, staleTime: Infinity, ...queries } },
  })

const whoNow = (): string => {
  const { username, role, preferredRole } = credentials.status()
  return `${username} as ${(role ?? preferredRole)?.split('/')[1]}`
}

/** The API: its response says whose call it was. It takes a moment, so that a page without data is rendered in between. */
const api: typeof fetch = async (input) => {
  await credentials()
  const of = whoNow()
  calls.push(of)
  await settle()
  return Response.json({ of: `${of} ${new Request(input).url.replace(/.*\//, '/')}` })
}

const load = async ({ fetch }: { fetch: typeof globalThis.fetch }): Promise<Notes> =>
  (await fetch('/notes')).json()

class Boundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {}
  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error }
  }
  override render(): ReactNode {
    return this.state.error === undefined ? this.props.children : <Shown data="boundary" />
  }
}

const show = (page: ReactNode): Promise<void> =>
  act(async () =>
    root.render(
      <StrictMode>
        <QueryClientProvider client={client}>
          <IamProvider fetch={api} credentials={credentials}>
            {page}
          </IamProvider>
        </QueryClientProvider>
      </StrictMode>,
    ),
  )

const text = (): string => container.textContent ?? ''
/** Each round is an `act` of its own: React continues what a Suspense boundary waits for only between them. */
async function until(wanted: string): Promise<void> {
  const giveUpAt = performance.now() + 10_000
  while (!text().includes(wanted) && performance.now() < giveUpAt) await act(settle)
  expect(text()).toContain(wanted)
}

/** Renders data, and remembers it together with what it is derived from. */
function Shown({ data }: { data: unknown }) {
  shown.push(data)
  return <p>{JSON.stringify(data) ?? 'nothing'}</p>
}

/** The ways in which the caller changes, and what the page shows afterwards. */
const CHANGES: Record<string, { change: () => void; after: string }> = {
  'the sign-out': {
    change() {
      pool.token = undefined
      credentials.clear()
    },
    after: '',
  },
  'another user signed in': {
    change() {
      pool.token = idToken(BOB)
      credentials.clear()
    },
    after: 'bob as FullAccessRole',
  },
  'a user with the same sub of another provider signed in': {
    change() {
      pool.token = idToken({ iss: 'https://other.example', 'cognito:username': 'eve' })
      credentials.clear()
    },
    after: 'eve as FullAccessRole',
  },
  'a switch to another role': {
    change: () => credentials.switchRole(READ),
    after: 'alice as ReadOnlyAccessRole',
  },
  'a token with other groups': {
    change() {
      pool.token = idToken({ 'cognito:preferred_role': READ })
      void credentials.refreshIdentity()
    },
    after: 'alice as ReadOnlyAccessRole',
  },
}

const ALICE = 'alice as FullAccessRole'

/** A page that shows alice's notes in one way, and what to do before the caller changes. */
interface Page {
  Page: () => ReactNode
  before?: () => Promise<void>
  /** What the page shows at the end, given whom it is about. Defaults to the response. */
  ends?: (after: string) => string
}

/** What a function of the page takes a value for. */
const notes = (value: unknown): Partial<Notes> => ({ ...(value as Notes | undefined) })

type Options = IamQueryOptions<Notes, Error, unknown, string[]>

const pageWith = (extra: Partial<Options>) =>
  function PageWithOptions() {
    const iamQueryOptions = useIamQueryOptions()
    const [queryKey] = useState(['notes'])
    const options: Options = { queryKey, queryFn: load, ...extra }
    const { data } = useQuery(iamQueryOptions(options))
    return <Shown data={data} />
  }

let kept: Notes | undefined
let stored: Notes | undefined
let page = 1
let rerender: (value: number) => void

const CAME_WITH_THE_PAGE: Notes = { of: ALICE }

const PAGES: Record<string, Page> = {
  'placeholderData: keepPreviousData': {
    Page: pageWith({ placeholderData: keepPreviousData }),
  },
  'a placeholderData function': {
    Page: pageWith({ placeholderData: (previous) => previous }),
  },
  'a placeholderData function that reads the previous query': {
    Page: pageWith({ placeholderData: (_, query) => query?.state.data }),
  },
  'a placeholderData function that kept the data': {
    Page: pageWith({ placeholderData: (previous) => (kept = previous ?? kept) }),
  },
  'placeholderData with the data that the page kept': {
    Page() {
      const iamQueryOptions = useIamQueryOptions()
      const { data, isPlaceholderData } = useQuery(
        iamQueryOptions({ queryKey: ['notes'], queryFn: load, placeholderData: kept! }),
      )
      if (data && !isPlaceholderData) kept = data
      return <Shown data={data} />
    },
  },
  'placeholderData in the defaults of the client': {
    Page: pageWith({}),
    before: async () =>
      client.setDefaultOptions({ queries: { placeholderData: keepPreviousData } }),
  },
  'placeholderData in the defaults of a key': {
    Page: pageWith({}),
    before: async () => client.setQueryDefaults(['notes'], { placeholderData: keepPreviousData }),
  },
  'a placeholder that was on the page': {
    Page() {
      const iamQueryOptions = useIamQueryOptions()
      const [number, setNumber] = useState(page)
      rerender = setNumber
      const { data } = useQuery(
        iamQueryOptions({
          queryKey: ['notes', number],
          queryFn: ({ fetch }) => (number === 1 ? load({ fetch }) : new Promise<Notes>(() => {})),
          placeholderData: keepPreviousData,
          select: ({ of }) => of,
        }),
      )
      return <Shown data={data} />
    },
    // The second page never arrives: the first one is its placeholder.
    before: () => act(async () => rerender(2)),
    ends: () => '',
  },
  'initialData: a value': { Page: pageWith({ initialData: { of: ALICE } }) },
  'initialData: a function that always returns the same': {
    Page: pageWith({ initialData: () => CAME_WITH_THE_PAGE }),
  },
  'a structuralSharing function that keeps old parts': {
    Page: pageWith({
      select: ({ of }) => ({ of, lines: [of] }),
      structuralSharing: (previous, next) => ({
        ...notes(next),
        lines: [...(notes(previous).lines ?? []), ...(notes(next).lines ?? [])],
      }),
    }),
  },
  'a queryHash without the caller': { Page: pageWith({ queryHash: 'notes' }) },
  'a queryKeyHashFn that leaves the caller out': {
    Page: pageWith({ queryKeyHashFn: () => 'notes' }),
  },
  'a queryKeyHashFn in the defaults of the client': {
    Page: pageWith({}),
    before: async () =>
      client.setDefaultOptions({ queries: { queryKeyHashFn: (key) => String(key[0]) } }),
  },
  'a persister that leaves the caller out': {
    Page: pageWith({
      persister: async (queryFn, context) => (stored ??= await queryFn(context)),
    }),
  },
  'a select that throws for the next data': {
    Page: pageWith({
      select: (data) => {
        if (!data.of.startsWith(ALICE)) throw new Error('select')
        return data
      },
    }),
    ends: () => '',
  },
  'an infinite query with placeholderData': {
    Page() {
      const iamQueryOptions = useIamQueryOptions()
      const { data } = useInfiniteQuery(
        iamQueryOptions({
          queryKey: ['notes'],
          queryFn: load,
          initialPageParam: 0,
          getNextPageParam: () => undefined,
          placeholderData: keepPreviousData,
        }),
      )
      return <Shown data={data?.pages} />
    },
  },
  useQueries: {
    Page() {
      const iamQueryOptions = useIamQueryOptions()
      const data = useQueries({
        queries: [
          iamQueryOptions({
            queryKey: ['notes'],
            queryFn: load,
            placeholderData: keepPreviousData,
          }),
        ],
        combine: (results) => results.map((result) => result.data),
      })
      return <Shown data={data} />
    },
  },
  useSuspenseQuery: { Page: Suspended },
}

function Suspended() {
  return (
    <Boundary>
      <Suspense fallback={<Shown data={undefined} />}>
        <SuspendedNotes />
      </Suspense>
    </Boundary>
  )
}

function SuspendedNotes() {
  const iamQueryOptions = useIamQueryOptions()
  const { data } = useSuspenseQuery(iamQueryOptions({ queryKey: ['notes'], queryFn: load }))
  return <Shown data={data} />
}

describe.each(Object.entries(PAGES))('%s', (_, { Page, before, ends = (after) => after }) => {
  test.each(Object.entries(CHANGES))(
    "shows nothing of alice's after %s",
    async (_name, { change, after }) => {
      kept = undefined
      stored = undefined
      page = 1
      await show(<Page />)
      await until(ALICE)
      await before?.()
      await show(<Page />)
      await until(ALICE)
      await act(async () => {
        change()
        shown = []
      })
      await until(ends(after))
      await act(settle)
      await act(settle)
      expect(shown).not.toEqual([])
      expect(JSON.stringify(shown)).not.toContain(ALICE)
      expect(text()).not.toContain(ALICE)
    },
  )
})

test('a placeholder of the same user and role is shown', async () => {
  const { Page } = PAGES['a placeholder that was on the page']!
  page = 1
  await show(<Page />)
  await until(ALICE)
  shown = []
  await act(async () => rerender(2))
  expect(JSON.stringify(shown)).toContain(ALICE)
  expect(text()).toContain(ALICE)
})

test('a placeholder value of the page is shown to every user and role', async () => {
  const PLACEHOLDER = { of: 'placeholder' }
  const Page = pageWith({ placeholderData: PLACEHOLDER })
  await show(<Page />)
  await until(ALICE)
  await act(async () => {
    CHANGES['another user signed in']!.change()
    shown = []
  })
  await until('bob')
  expect(shown).toContainEqual(PLACEHOLDER)
})

test('an initialData function receives the caller', async () => {
  const Page = pageWith({ initialData: ({ sub }) => ({ of: `initial ${sub}` }) })
  await show(<Page />)
  await until('initial alice-sub')
  await act(async () => CHANGES['another user signed in']!.change())
  await until('initial bob-sub')
  expect(shown).toContainEqual({ of: 'initial bob-sub' })
})

/** It is rendered again only for other options, or for another result. */
const Observer = memo(({ options }: { options: ReturnType<typeof notesOptions> }) => {
  const { data } = useQuery(options)
  return <Shown data={data} />
})

const notesOptions = (make: CreateIamQueryOptions) => make({ queryKey: ['notes'], queryFn: load })

test('a component that holds on to old options shows nothing after the sign-out', async () => {
  function Stale() {
    const iamQueryOptions = useIamQueryOptions()
    const { sub } = useCredentialStatus()
    const known = sub !== undefined
    // Its dependencies are wrong on purpose.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    const first = useMemo(() => notesOptions(iamQueryOptions), [])
    const [options, setOptions] = useState(first)
    if (known && options === first) setOptions(notesOptions(iamQueryOptions))
    return <Observer options={options} />
  }
  await show(<Stale />)
  await until(ALICE)
  await act(async () => CHANGES['the sign-out']!.change())
  await act(settle)
  expect(text()).not.toContain(ALICE)
})

/** Options that a page kept from when alice was signed in. */
async function optionsOfAlice(extra: Partial<IamQueryOptions<Notes, Error, Notes, string[]>> = {}) {
  const made: FetchQueryOptions<Notes, Error, Notes, IamQueryKey<string[]>>[] = []
  function Page() {
    const iamQueryOptions = useIamQueryOptions()
    const { sub } = useCredentialStatus()
    useEffect(() => {
      if (sub !== 'alice-sub') return
      const { placeholderData: _, ...options } = iamQueryOptions({
        queryKey: ['notes'],
        queryFn: load,
        ...extra,
      })
      made.push(options)
    }, [iamQueryOptions, sub])
    return <p>{sub}</p>
  }
  await show(<Page />)
  await until('alice-sub')
  return made[0]!
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

test.each(['fetchQuery', 'ensureQueryData', 'prefetchQuery'] as const)(
  "%s with options from alice's time sends nothing for bob and brings no data",
  async (method) => {
    const options = await optionsOfAlice()
    await act(() => client.prefetchQuery(options))
    expect(client.getQueryData<Notes>(options.queryKey)?.of).toContain(ALICE)
    await act(async () => CHANGES['another user signed in']!.change())
    await until('bob-sub')
    expect(client.getQueryData(options.queryKey)).toBeUndefined()
    calls = []
    const run: (given: typeof options) => Promise<unknown> = client[method].bind(client)
    const outcome = await act(() => failure(run(options)))
    // TanStack Query keeps the errors of a prefetch to itself.
    expect(isIamFetchError(outcome, 'CLEARED')).toBe(method !== 'prefetchQuery')
    expect(calls).toEqual([])
    expect(client.getQueryData(options.queryKey)).toBeUndefined()
  },
)

test('a query that is under way brings nothing after the sign-out, whatever retry says', async () => {
  const options = await optionsOfAlice({ retry: true, retryDelay: 0 })
  const outcome = failure(client.fetchQuery(options))
  await act(async () => CHANGES['the sign-out']!.change())
  const error = await outcome
  // It is not an Error in the first versions of TanStack Query 5.
  expect(error instanceof Error || isCancelledError(error)).toBe(true)
  await act(settle)
  expect(client.getQueryData(options.queryKey)).toBeUndefined()
})

test('a query of another role is not retried, whatever retry says', async () => {
  let runs = 0
  const options = await optionsOfAlice({
    retry: true,
    retryDelay: 0,
    queryFn: async () => {
      runs++
      credentials.switchRole(READ)
      throw new Error('500')
    },
  })
  const outcome = await act(() => failure(client.fetchQuery(options)))
  expect(isIamFetchError(outcome, 'CLEARED')).toBe(true)
  expect(runs).toBe(1)
})

test("a persisted or hydrated cache brings bob nothing of alice's", async () => {
  const options = await optionsOfAlice()
  await act(() => client.prefetchQuery(options))
  const dehydrated = JSON.parse(JSON.stringify(dehydrate(client)))
  expect(JSON.stringify(dehydrated)).toContain(ALICE)
  await act(async () => CHANGES['another user signed in']!.change())
  await until('bob-sub')
  await act(async () => hydrate(client, dehydrated))
  expect(client.getQueriesData({ queryKey: ['notes'] }).map(([, data]) => data)).toEqual([])
  // Nor if the cache is restored before it is known who is signed in.
  client.clear()
  pool.token = undefined
  await act(async () => credentials.clear())
  client = newClient()
  hydrate(client, dehydrated)
  const Page = pageWith({})
  shown = []
  await show(<Page />)
  pool.token = idToken(BOB)
  await act(async () => credentials.clear())
  await until('bob as FullAccessRole')
  expect(JSON.stringify(shown)).not.toContain(ALICE)
  expect(JSON.stringify(client.getQueriesData({ queryKey: ['notes'] }))).not.toContain(ALICE)
})

test('a hydrated query is shown to the user and role in its key', async () => {
  const options = await optionsOfAlice()
  await act(() => client.prefetchQuery(options))
  const dehydrated = JSON.parse(JSON.stringify(dehydrate(client)))
  client = newClient()
  calls = []
  hydrate(client, dehydrated)
  const Page = pageWith({})
  await show(<Page />)
  await until(ALICE)
  expect(calls).toEqual([])
})

test('the defaults of the client do not mix two callers up when both are cached', async () => {
  client = newClient({ queryKeyHashFn: (key: readonly unknown[]) => String(key[0]) })
  const Page = pageWith({})
  await show(<Page />)
  await until(ALICE)
  await act(async () => credentials.switchRole(READ))
  await until('alice as ReadOnlyAccessRole')
  shown = []
  await act(async () => credentials.switchRole())
  await until(ALICE)
  expect(JSON.stringify(shown)).not.toContain('ReadOnly')
})

function Saves() {
  const iamMutationOptions = useIamMutationOptions()
  const { mutateAsync, data, variables, status } = useMutation(
    iamMutationOptions({
      mutationKey: ['save'],
      mutationFn: async (line: string, { fetch }) => {
        const { of }: Notes = await (await fetch(`/save-${line}`)).json()
        return of
      },
    }),
  )
  useEffect(() => {
    send = (line) => void mutateAsync(line).catch((error: unknown) => errors.push(error))
  }, [mutateAsync])
  shown.push([data, variables])
  return (
    <p>
      {status} {data} {variables}
    </p>
  )
}
let send: (line: string) => void

test.each(Object.entries(CHANGES))(
  "the result of alice's mutation is gone after %s",
  async (_, { change }) => {
    await show(<Saves />)
    await act(async () => void (await credentials()))
    await act(async () => send('secret'))
    await until(`${ALICE} /save-secret secret`)
    await act(async () => {
      change()
      shown = []
    })
    await until('idle')
    await act(settle)
    expect(JSON.stringify(shown)).not.toContain('secret')
  },
)

test.each(Object.entries(CHANGES))(
  "alice's mutation that waits for the network is not sent after %s",
  async (_, { change }) => {
    await show(<Saves />)
    await act(async () => void (await credentials()))
    calls = []
    onlineManager.setOnline(false)
    await act(async () => send('secret'))
    await act(async () => change())
    await act(settle)
    await act(async () => onlineManager.setOnline(true))
    await act(() => client.resumePausedMutations())
    await act(settle)
    expect(calls).toEqual([])
  },
)

test("alice's mutation whose response arrives after bob signed in fails with CLEARED", async () => {
  await show(<Saves />)
  await act(async () => void (await credentials()))
  await act(async () => {
    send('secret')
    await Promise.resolve()
    CHANGES['another user signed in']!.change()
    await credentials()
  })
  await until('idle')
  await act(settle)
  expect(errors).toHaveLength(1)
  expect(isIamFetchError(errors[0], 'CLEARED')).toBe(true)
  expect(text()).not.toContain('secret')
})

import { cognitoCredentials, type CognitoCredentials } from '@iamfetch/cognito'
import {
  keepPreviousData,
  QueryClient,
  QueryClientProvider,
  useInfiniteQuery,
  useQuery,
  type UseQueryOptions,
} from '@tanstack/react-query'
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  type Arbitrary,
} from 'fast-check'
import { createIamFetch, type SignerContext } from 'iamfetch'
import { IamProvider, useCredentialStatus } from 'iamfetch/react'
import { useIamQueryOptions } from 'iamfetch/react/query'
import { act, StrictMode, useState, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { expect, test } from 'vitest'
import {
  API,
  goOn,
  OUTCOMES,
  POOL,
  ROLES,
  USERS,
  World,
  type Outcome,
  type User,
} from '../identity-model/world.ts'

/** One thing that happens, and then everything goes on that can. */
type Step =
  | { do: 'go on'; operations: number }
  | { do: 'settle'; pick: number; outcome: Outcome }
  | { do: 'sign in'; user: User; clear: boolean }
  | { do: 'sign out'; clear: boolean }
  | { do: 'clear' }
  | { do: 'switch role'; role: number }
  | { do: 'change groups' }
  | { do: 'read the token' }
  | { do: 'wait'; ms: number }
  | { do: 'turn the page'; page: number }
  | { do: 'show'; view: View }
  | { do: 'invalidate' }

type View = 'pages' | 'list' | 'both' | 'nothing'

const step: Arbitrary<Step> = oneof(
  {
    weight: 8,
    arbitrary: record({
      do: constant('go on' as const),
      operations: integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      do: constant('settle' as const),
      pick: nat({ max: 5 }),
      outcome: constantFrom(...OUTCOMES),
    }),
  },
  {
    weight: 4,
    arbitrary: record({
      do: constant('sign in' as const),
      user: constantFrom(...USERS),
      clear: boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: record({ do: constant('sign out' as const), clear: boolean() }),
  },
  { weight: 1, arbitrary: constant({ do: 'clear' as const }) },
  {
    weight: 2,
    arbitrary: record({ do: constant('switch role' as const), role: nat({ max: 2 }) }),
  },
  { weight: 1, arbitrary: constant({ do: 'change groups' as const }) },
  { weight: 3, arbitrary: constant({ do: 'read the token' as const }) },
  {
    weight: 1,
    arbitrary: record({
      do: constant('wait' as const),
      ms: constantFrom(1_000, 3_700_000),
    }),
  },
  {
    weight: 2,
    arbitrary: record({ do: constant('turn the page' as const), page: nat({ max: 2 }) }),
  },
  {
    weight: 1,
    arbitrary: record({
      do: constant('show' as const),
      view: constantFrom('both' as const, 'pages' as const, 'list' as const, 'nothing' as const),
    }),
  },
  { weight: 1, arbitrary: constant({ do: 'invalidate' as const }) },
)

/** The options of TanStack Query that a page sets. */
const setups = record({
  placeholder: boolean(),
  select: boolean(),
  merge: boolean(),
  hash: boolean(),
  initial: boolean(),
  oneProvider: boolean(),
})
type Setup = typeof setups extends Arbitrary<infer T> ? T : never

/** What the API returns: for whom it was asked. */
interface Data {
  user: string
  role: string
}

async function load(sent: Promise<Response>): Promise<Data> {
  const response = await sent
  if (!response.ok) throw new Error(`${response.status}`)
  return response.json()
}

/** Throws for the data of one user, so that what it returned for another one could be shown again. */
function selectUnlessBob(data: Data): Data {
  if (data.user === 'bob@one') throw SELECT_FAILED
  return { ...data }
}
/** Always the same one: a new error at each render is a new result, which is rendered again. */
const SELECT_FAILED = new Error('select failed')

class Page {
  readonly world = new World()
  readonly client = new QueryClient({
    defaultOptions: { queries: { retryDelay: 0, gcTime: 3_600_000, staleTime: 0 } },
  })
  readonly credentials: CognitoCredentials
  readonly root: Root
  readonly container: HTMLElement
  #fetch: typeof globalThis.fetch
  #turn: (page: number) => void = () => {}
  #setView: (view: View) => void = () => {}

  readonly setup: Setup

  constructor(setup: Setup) {
    this.setup = setup
    const { world } = this
    world.fastTokens = true
    const { clock } = world
    this.credentials = cognitoCredentials({
      identityPoolId: POOL,
      idToken: world.readToken,
      fetch: world.cognito,
      random: () => 0.5,
      clock,
      ...(setup.oneProvider && { providerName: 'provider.example' }),
    })
    const api = createIamFetch({
      baseUrl: API,
      clock,
      credentials: this.credentials,
      signer: plainSigner,
      retry: { random: () => 0.5 },
      fetch: world.gateway,
    })
    this.#fetch = (input, init) => {
      const call = world.start()
      const path = typeof input === 'string' ? input : ''
      return api(`/call-${world.calls.length}${path}`, init).finally(() => (call.settled = 'ended'))
    }
    this.container = document.body.appendChild(document.createElement('div'))
    this.root = createRoot(this.container)
  }

  /** Checks what is shown in the very moment in which it is rendered. */
  readonly Shown = ({ of, data }: { of: string; data: Data | undefined }): ReactNode => {
    const text = data && `${data.user} in ${data.role}`
    const present = this.#present()
    if (text !== undefined && text !== present) {
      this.world.violate(`${of} shows data of ${text} to ${present}`)
    }
    return <p>{text}</p>
  }

  /** The user and the role as the credentials know them. */
  #present(): string {
    const status = this.credentials.status()
    const { sub, provider, role, preferredRole } = status
    if (sub === undefined) return 'nobody'
    const issuer: unknown = 'issuer' in status ? status.issuer : provider
    const name = String(issuer).replace('https://', '').replace('.example', '')
    return `${sub}@${name} in ${role ?? preferredRole}`
  }

  readonly #options = () => {
    const { placeholder, select, merge, hash, initial } = this.setup
    return {
      ...(placeholder && { placeholderData: keepPreviousData }),
      ...(select && { select: selectUnlessBob }),
      ...(merge && {
        structuralSharing: (previous: unknown, next: unknown) => previous ?? next,
      }),
      ...(hash && { queryKeyHashFn: (key: readonly unknown[]) => JSON.stringify(key.slice(0, 2)) }),
      // What `select` made of data belongs to the page: it no longer shows for which user it was fetched.
      ...(initial && !select && { initialData: () => this.#remembered }),
    }
  }
  #remembered: Data | undefined

  readonly Pages = (): ReactNode => {
    const iamQueryOptions = useOptions()
    const [page, setPage] = useState(0)
    this.#turn = setPage
    const { data }: { data: Data | undefined } = useQuery<Data>(
      iamQueryOptions({
        queryKey: ['pages', page],
        queryFn: ({ fetch }: { fetch: typeof globalThis.fetch }) => load(fetch(`/${page}`)),
        ...this.#options(),
      }),
    )
    this.#remembered = data
    return <this.Shown of="the page" data={data} />
  }

  readonly List = (): ReactNode => {
    const iamQueryOptions = useOptions()
    const { data } = useInfiniteQuery(
      iamQueryOptions({
        queryKey: ['list'],
        queryFn: ({ fetch, signal }: { fetch: typeof globalThis.fetch; signal: AbortSignal }) =>
          load(fetch('/list', { signal })),
        initialPageParam: 0,
        getNextPageParam: () => undefined,
        ...(this.setup.placeholder && { placeholderData: keepPreviousData }),
      }) as never,
    ) as { data: { pages: Data[] } | undefined }
    return data?.pages.map((one, index) => <this.Shown key={index} of="the list" data={one} />)
  }

  readonly Views = (): ReactNode => {
    useCredentialStatus()
    const [view, setView] = useState<View>('both')
    this.#setView = setView
    return (
      <>
        {view !== 'list' && view !== 'nothing' && <this.Pages />}
        {view !== 'pages' && view !== 'nothing' && <this.List />}
      </>
    )
  }

  async open(): Promise<void> {
    await this.#act(() =>
      this.root.render(
        <StrictMode>
          <QueryClientProvider client={this.client}>
            <IamProvider fetch={this.#fetch} credentials={this.credentials}>
              <this.Views />
            </IamProvider>
          </QueryClientProvider>
        </StrictMode>,
      ),
    )
  }

  async close(): Promise<void> {
    await act(async () => this.root.unmount())
    this.container.remove()
    this.client.clear()
  }

  async step(one: Step): Promise<void> {
    this.world.log(`> ${Object.values(one).join(', ')}`)
    if (one.do === 'go on') {
      for (let n = 0; n < one.operations && this.world.pending.length > 0; n++) {
        await this.#act(() => this.world.settle(0, 'ok'))
      }
    } else {
      await this.#act(() => this.#do(one))
    }
    // What is on the page is what the present user may see, also where nothing was rendered again.
    const present = this.#present()
    for (const { textContent } of this.container.querySelectorAll('p')) {
      if (textContent && textContent !== present) {
        this.world.violate(`the page still shows data of ${textContent} to ${present}`)
      }
    }
  }

  readonly #act = (work: () => void): Promise<void> =>
    act(async () => {
      work()
      await goOn()
    })

  #do(one: Exclude<Step, { do: 'go on' }>): void {
    const { world, credentials, client } = this
    switch (one.do) {
      case 'settle':
        if (world.pending.length > 0) world.settle(one.pick, one.outcome)
        return
      case 'sign in':
        if (one.clear) credentials.clear()
        world.user = one.user
        return world.renewToken()
      case 'sign out':
        world.user = null
        return one.clear ? credentials.clear() : undefined
      case 'clear':
        return credentials.clear()
      case 'switch role':
        return credentials.switchRole(ROLES[one.role])
      case 'change groups':
        return world.changeGroups()
      case 'read the token':
        credentials().catch(() => {})
        return
      case 'wait':
        return world.advance(one.ms)
      case 'turn the page':
        return this.#turn(one.page)
      case 'show':
        return this.#setView(one.view)
      case 'invalidate':
        return void client.invalidateQueries({ queryKey: ['pages'] })
      default:
        return one satisfies never
    }
  }
}

/** Names the key, which is all that the gateway reads here. Real signatures are made in other threads, in any order. */
const plainSigner = ({ credentials }: SignerContext) => ({
  presign: () => Promise.reject(new Error('not used')),
  async sign(input: RequestInfo | URL, init?: RequestInit) {
    const { accessKeyId } = await credentials()
    const headers = new Headers(init?.headers)
    headers.set('authorization', `AWS4-HMAC-SHA256 Credential=${accessKeyId}/plain`)
    return new Request(input, { ...init, headers })
  },
})

/** The options are chosen at random: their types are not known. */
const useOptions = useIamQueryOptions as unknown as () => (options: object) => UseQueryOptions<Data>

async function run(setup: Setup, script: readonly Step[]): Promise<string | undefined> {
  const page = new Page(setup)
  await page.open()
  for (const one of script) {
    await page.step(one)
    if (page.world.violation) break
  }
  await page.close()
  const { violation, trace } = page.world
  return violation && [violation, '', ...trace].join('\n')
}

test('random interleavings of users, roles, pages and responses show no data to another user or role, and none after the sign-out', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const property = asyncProperty(
    setups,
    array(step, { maxLength: 25, size: 'max' }),
    async (setup, script) => {
      const violation = await run(setup, script)
      if (violation !== undefined) throw new Error(violation)
    },
  )
  await expect(assert(property, { numRuns: 40 })).resolves.toBeUndefined()
}, 600_000)

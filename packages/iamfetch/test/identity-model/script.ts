import {
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  type Arbitrary,
} from 'fast-check'
import {
  cognitoCredentials,
  followTabs,
  type CognitoCredentials,
  type TabChannel,
} from '@iamfetch/cognito'
import { createIamFetch, createTokenFetch } from 'iamfetch'
import { awsSdkCredentials } from 'iamfetch/aws-sdk-credentials'
import { withIdToken } from 'iamfetch/id-token'
import {
  API,
  goOn,
  OUTCOMES,
  POOL,
  ROLES,
  USERS,
  World,
  type Outcome,
  type Reads,
  type User,
} from './world.ts'

/** What is tested: how the calls are authorized. */
export type Engine = 'cognito' | 'aws-sdk' | 'wrapped' | 'plain' | 'token'

export interface Setup {
  readonly engine: Engine
  /** Both issuers are one provider of the pool. */
  readonly oneProvider: boolean
  /** The ID token goes along with each request. */
  readonly companion: boolean
  readonly fastTokens: boolean
  /** A call was made and has ended before the script begins, so that credentials are held. */
  readonly warm: boolean
}

/** With `IDENTITY_MODEL_READS=later` the first read after the start of a call is its own, whenever that begins. */
const READS = process.env.IDENTITY_MODEL_READS === 'later' ? 'later' : 'at the start'

/** One thing that happens, and then everything goes on that can; or two with only a few microtasks in between. */
export type Step = Event | { do: 'two at once'; first: Event; microtasks: number; second: Event }

export type Event =
  | { do: 'call'; method: 'GET' | 'POST'; body: 'none' | 'text' | 'slow' }
  /** Settles so many operations, the oldest first, as a service that is well does. */
  | { do: 'go on'; operations: number }
  | { do: 'settle'; pick: number; outcome: Outcome }
  | { do: 'sign in'; user: User; clear: boolean }
  | { do: 'sign out'; clear: boolean }
  | { do: 'clear' }
  | { do: 'another tab'; says: 'user' | 'roles' }
  | { do: 'switch role'; role: number }
  | { do: 'change groups' }
  | { do: 'renew token' }
  | { do: 'refresh' }
  | { do: 'wait'; ms: number }
  | { do: 'abort'; call: number }

const event: Arbitrary<Event> = oneof(
  {
    weight: 6,
    arbitrary: record({
      do: constant('go on' as const),
      operations: integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: record({
      do: constant('call' as const),
      method: constantFrom('GET' as const, 'POST' as const),
      body: constantFrom('none' as const, 'text' as const, 'slow' as const),
    }),
  },
  {
    weight: 8,
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
    weight: 3,
    arbitrary: record({
      do: constant('wait' as const),
      ms: constantFrom(1_000, 20_000, 300_000, 3_000_000, 3_700_000),
    }),
  },
  {
    weight: 1,
    arbitrary: record({ do: constant('sign out' as const), clear: boolean() }),
  },
  { weight: 1, arbitrary: constant({ do: 'clear' as const }) },
  {
    weight: 1,
    arbitrary: record({
      do: constant('another tab' as const),
      says: constantFrom('user' as const, 'roles' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: record({ do: constant('switch role' as const), role: nat({ max: 2 }) }),
  },
  { weight: 1, arbitrary: constant({ do: 'change groups' as const }) },
  { weight: 1, arbitrary: constant({ do: 'renew token' as const }) },
  { weight: 1, arbitrary: constant({ do: 'refresh' as const }) },
  {
    weight: 1,
    arbitrary: record({ do: constant('abort' as const), call: nat({ max: 5 }) }),
  },
)

const step: Arbitrary<Step> = oneof(
  { weight: 4, arbitrary: event },
  {
    weight: 1,
    arbitrary: record({
      do: constant('two at once' as const),
      first: event,
      microtasks: nat({ max: 20 }),
      second: event,
    }),
  },
)

export const scripts: Arbitrary<Step[]> = array(step, { maxLength: 40, size: 'max' })

export const setups = (engine: Engine): Arbitrary<Setup> =>
  record({
    engine: constant(engine),
    oneProvider: boolean(),
    companion: boolean(),
    fastTokens: boolean(),
    warm: boolean(),
  })

/** What a script acts on. */
interface Subject {
  readonly fetch: typeof globalThis.fetch
  readonly clear?: () => void
  readonly cognito?: CognitoCredentials
  readonly otherTab?: CognitoCredentials
  /** A call keeps the role that it started with. */
  readonly knowsRole?: boolean
  /** When a call reads the token source for itself. */
  readonly reads: Reads
}

/**
 * Runs a script and then lets everything end well.
 *
 * @returns What happened, as text, if an invariant was violated.
 */
export async function run(setup: Setup, script: readonly Step[]): Promise<string | undefined> {
  const world = new World()
  world.fastTokens = setup.fastTokens
  const subject = subjectOf(setup, world)
  if (setup.warm) {
    startCall({ do: 'call', method: 'GET', body: 'none' }, world, subject)
    await goOn()
    world.endStart(subject.reads)
    await finish(world)
  }
  for (const one of script) {
    world.log(`> ${describe(one)}`)
    if (one.do === 'two at once') {
      const first = act(one.first, world, subject)
      for (let turn = 0; turn < one.microtasks; turn++) await Promise.resolve()
      await Promise.all([first, act(one.second, world, subject)])
    } else {
      await act(one, world, subject)
    }
    await goOn()
    world.endStart(subject.reads)
    if (world.violation) break
  }
  if (!world.violation) await finish(world)
  if (!world.violation) return undefined
  return [world.violation, '', ...world.trace].join('\n')
}

function describe(one: Step): string {
  if (one.do === 'two at once') {
    return `${describe(one.first)}; after ${one.microtasks} microtasks ${describe(one.second)}`
  }
  const { do: name, ...rest } = one
  return [name, ...Object.entries(rest).map(([key, value]) => `${key}: ${value}`)].join(', ')
}

/** Settles everything as it should be and lets the time pass. A call that has not ended then hangs. */
async function finish(world: World): Promise<void> {
  world.log('> everything ends well')
  for (let round = 0; round < 500; round++) {
    if (world.calls.every(({ settled }) => settled !== undefined)) return
    if (world.pending.length > 0) world.settle(0, 'ok')
    else world.advance(Math.max(0, (world.nextWake ?? world.now) - world.now))
    await goOn()
    if (world.violation) return
  }
  const hanging = world.calls.filter(({ settled }) => settled === undefined)
  world.violate(`${hanging.map(({ name }) => name).join(', ')} did not end`)
}

async function act(one: Event, world: World, subject: Subject): Promise<void> {
  switch (one.do) {
    case 'call':
      return startCall(one, world, subject)
    case 'go on':
      for (let n = 0; n < one.operations && world.pending.length > 0; n++) {
        world.settle(0, 'ok')
        await goOn()
      }
      return
    case 'settle':
      if (world.pending.length > 0) world.settle(one.pick, one.outcome)
      return
    case 'sign in':
      if (one.clear) subject.clear?.()
      world.user = one.user
      return world.renewToken()
    case 'sign out':
      world.user = null
      if (one.clear) subject.clear?.()
      return
    case 'clear':
      return subject.clear?.()
    case 'another tab':
      return actInOtherTab(one.says, subject)
    case 'switch role':
      return subject.cognito?.switchRole(ROLES[one.role])
    case 'change groups':
      return world.changeGroups()
    case 'renew token':
      return world.renewToken()
    case 'refresh':
      subject.cognito?.refreshIdentity().catch(() => {})
      return
    case 'wait':
      return world.advance(one.ms)
    case 'abort':
      return world.calls[one.call]?.abort.abort()
    default:
      return one satisfies never
  }
}

async function actInOtherTab(says: 'user' | 'roles', { otherTab }: Subject): Promise<void> {
  await otherTab?.().catch(() => {})
  if (says === 'user') otherTab?.clear()
  else await otherTab?.refreshIdentity().catch(() => {})
}

function startCall({ method, body }: Event & { do: 'call' }, world: World, subject: Subject): void {
  const call = world.start()
  if (subject.knowsRole) call.role = subject.cognito?.status().role ?? null
  const settled = (text: string): void => {
    call.settled = text
    world.log(`${call.name} ends: ${text}`)
  }
  const bodyToSend = (): BodyInit | null => {
    if (body === 'none' || method === 'GET') return null
    return body === 'text' ? 'text' : world.slowBody(call)
  }
  const given = bodyToSend()
  const init = {
    method,
    signal: call.abort.signal,
    ...(given !== null && { body: given, duplex: 'half' }),
  }
  subject.fetch(`/call-${world.calls.length}`, init).then(
    ({ status }) => settled(`${status}`),
    (error: { code?: string; message: string }) => settled(error.code ?? error.message),
  )
}

function subjectOf(setup: Setup, world: World): Subject {
  const { clock, cognito, gateway } = world
  // The old signature of the option is narrower than what a source may return.
  const readToken = world.readToken as () => Promise<string>
  const common = {
    baseUrl: API,
    clock,
    fetch: gateway,
    retry: { random: () => 0.5, methods: ['GET', 'POST'] },
    ...(setup.companion &&
      setup.engine !== 'token' && { beforeSign: withIdToken(world.readCompanion) }),
  }
  const options = {
    identityPoolId: POOL,
    idToken: readToken,
    clock,
    ...(setup.oneProvider && { providerName: 'provider.example' }),
  }
  const clearWith = (credentials: { clear(): void }) => (): void => {
    world.closeAll('clear()')
    credentials.clear()
  }
  switch (setup.engine) {
    case 'cognito': {
      const credentials = cognitoCredentials({ ...options, fetch: cognito, random: () => 0.5 })
      const clear = clearWith(credentials)
      return {
        fetch: createIamFetch({ ...common, credentials }),
        clear,
        cognito: credentials,
        knowsRole: true,
        otherTab: otherTabOf(
          Object.assign(() => credentials(), credentials, { clear }),
          options,
          world,
        ),
        reads: READS,
      }
    }
    case 'wrapped': {
      const credentials = cognitoCredentials({ ...options, fetch: cognito, random: () => 0.5 })
      return {
        fetch: createIamFetch({ ...common, credentials: () => credentials() }),
        clear: clearWith(credentials),
        cognito: credentials,
        // A function around ours does not show that it is one before it has been called.
        reads: 'perhaps at the start',
      }
    }
    case 'aws-sdk': {
      world.failsForGood = true
      const credentials = awsSdkCredentials({ ...options, fetch: cognito })
      const fetch = createIamFetch({ ...common, credentials })
      return { fetch, clear: clearWith(credentials), reads: READS }
    }
    case 'plain': {
      const { plainCredentials } = world
      return {
        fetch: createIamFetch({ ...common, credentials: () => plainCredentials() }),
        reads: 'never',
      }
    }
    case 'token':
      return { fetch: createTokenFetch({ ...common, token: readToken }), reads: READS }
    default:
      return setup.engine satisfies never
  }
}

/** Lets the AWS SDK load its parts, which takes real time at its first use only. */
export async function loadSdk(): Promise<void> {
  const { clock, cognitoAtOnce, readTokenAtOnce } = new World()
  const idToken = readTokenAtOnce as () => Promise<string>
  const options = { identityPoolId: POOL, idToken, clock, fetch: cognitoAtOnce }
  await awsSdkCredentials(options)()
}

/** Credentials of the same sign-in in another tab, where nothing takes time. */
function otherTabOf(
  credentials: CognitoCredentials,
  options: Parameters<typeof cognitoCredentials>[0],
  world: World,
): CognitoCredentials {
  const other = cognitoCredentials({
    ...options,
    idToken: world.readTokenAtOnce,
    fetch: world.cognitoAtOnce,
  })
  const listeners = [
    new Set<(event: { data: unknown }) => void>(),
    new Set<(event: { data: unknown }) => void>(),
  ] as const
  const channel = (own: 0 | 1): TabChannel => ({
    postMessage: (data) =>
      queueMicrotask(() => listeners[own === 0 ? 1 : 0].forEach((listener) => listener({ data }))),
    addEventListener: (_, listener) => void listeners[own].add(listener),
    close: () => listeners[own].clear(),
  })
  followTabs(credentials, { channel: channel(0) })
  followTabs(other, { channel: channel(1) })
  return other
}

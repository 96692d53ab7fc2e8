import {
  cognitoCredentials,
  type CognitoCredentials,
  type CognitoEvent,
  type CognitoOptions,
} from '@iamfetch/cognito'
import type { Clock } from '@iamfetch/core'
import {
  createFaults,
  startLocalStack,
  type Faults,
  type LocalStack,
  type StackDefinition,
} from '@iamfetch/local'
import { createIamFetch, type FetchEvent, type IamFetchOptions } from 'iamfetch'
import { fixedClock, type FixedClock } from '@iamfetch/testing'
import { groupAccess } from '../group-access.ts'
import { signIn } from '@iamfetch/testing/sign-in'

export const MINUTE = 60_000
export const HOUR: number = 60 * MINUTE

/** A local stack in a time that stands still, and everything that a bad day needs. */
export interface Scene {
  stack: LocalStack
  faults: Faults
  /** What time it really is: that of the stack. */
  time: FixedClock
  /** A device; its clock is off by as much as it says. */
  laptop(skewMs?: number): Laptop
  /** Signs a user in. */
  person(name: string): Promise<Person>
  /** The credentials and the fetch of one page. */
  page(who: Person | (() => Person | undefined), options?: PageOptions): Page
  /** How often each operation of Cognito was called, and each route of an API; nothing for none. */
  asked(): Record<string, number>
}

/** A clock that a test can set. Waits below five seconds (pauses before a retry) pass by themselves; time limits wait for `time.advance`. */
export interface Laptop extends Clock {
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  jump: (ms: number) => void
  readonly sleeps: number[]
}

/** Who is signed in, with the token at hand. */
export interface Person {
  name: string
  idToken: string
  accessToken: string
  /** Returns the token; a new one with `forceRefresh`. */
  token: (options: { forceRefresh: boolean }) => Promise<string>
  /** How often a new one was asked for. */
  renewals: number
}

export interface PageOptions {
  api?: string
  clock?: Clock
  credentials?: Partial<CognitoOptions>
  fetch?: Partial<IamFetchOptions>
}

/** One page of an app. */
export interface Page {
  credentials: CognitoCredentials
  call: typeof globalThis.fetch
  events: (CognitoEvent | FetchEvent)[]
}

const LONGEST_PAUSE_MS = 5_000

/** Starts a scene. The time is 2026-01-01 and stands still. */
export async function startScene(definition: StackDefinition = groupAccess): Promise<Scene> {
  const time = fixedClock()
  const faults = createFaults({ clock: time })
  const stack = await startLocalStack(definition, { faults })
  const { identityPoolId, endpoints, region, apis } = stack.config

  const laptop = (skewMs = 0): Laptop => {
    const sleeps: number[] = []
    return {
      sleeps,
      now: () => time.now() + skewMs,
      jump: (ms) => void (skewMs += ms),
      async sleep(ms, signal) {
        sleeps.push(ms)
        signal?.throwIfAborted()
        if (ms >= LONGEST_PAUSE_MS) return time.sleep(ms, signal)
        time.jump(ms)
      },
    }
  }
  const person = async (name: string): Promise<Person> => {
    const tokens = await signIn(stack, name)
    const user: Person = {
      name,
      ...tokens,
      renewals: 0,
      async token({ forceRefresh }) {
        if (!forceRefresh) return user.idToken
        user.renewals++
        Object.assign(user, await signIn(stack, name))
        return user.idToken
      },
    }
    faults.reset()
    return user
  }
  const page = (
    who: Person | (() => Person | undefined),
    { api = 'http', clock = laptop(), ...options }: PageOptions = {},
  ): Page => {
    const events: Page['events'] = []
    const present = typeof who === 'function' ? who : () => who
    const credentials = cognitoCredentials({
      identityPoolId,
      endpoint: endpoints.cognitoIdentity,
      ...(!options.credentials?.guest && { idToken: async (asked) => present()?.token(asked) }),
      clock,
      random: () => 0.5,
      onEvent: (event) => void events.push(event),
      ...options.credentials,
    })
    const call = createIamFetch({
      baseUrl: apis[api]?.url,
      region,
      credentials,
      clock,
      retry: { random: () => 0.5 },
      onEvent: (event) => void events.push(event),
      ...options.fetch,
    })
    return { credentials, call, events }
  }
  return {
    stack,
    faults,
    time,
    laptop,
    person,
    page,
    asked: () => {
      const counts = faults.calls()
      // A route is counted twice: by its name alone, and with its API's before it.
      const alone = (name: string): boolean =>
        !Object.keys(apis).some((api) => `${api} ${name}` in counts)
      return Object.fromEntries(Object.entries(counts).filter(([name]) => alone(name)))
    },
  }
}

/** The statuses of calls made together. */
export const statuses = async (calls: readonly Promise<Response>[]): Promise<number[]> =>
  (await Promise.all(calls)).map(({ status }) => status)

/** So many of the same. */
export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** What a promise rejects with. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** A `fetch` whose answers keep the time for themselves, as CORS makes it. */
export const withoutDate = async (
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> => {
  const response = await fetch(input, init)
  const headers = new Headers(response.headers)
  headers.delete('date')
  return new Response(response.body, { status: response.status, headers })
}

/** Waits until no exchange is under way. */
export async function rest({ status }: CognitoCredentials): Promise<void> {
  while (status().state.endsWith('ing')) await settle()
}

/** Lets everything that can go on without time passing do so. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

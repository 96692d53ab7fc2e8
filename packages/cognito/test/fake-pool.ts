import {
  fakeFetch,
  fixedClock,
  type FakeFetch,
  type FixedClock,
  type Seen,
} from '@iamfetch/testing'
import {
  cognitoCredentials,
  decodeIdToken,
  type CognitoCredentials,
  type CognitoOptions,
} from '../src/index.ts'

export const POOL = 'eu-central-1:11111111-2222-3333-4444-555555555555'
export const PROVIDER = 'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E'
export const FULL = 'arn:aws:iam::123456789012:role/FullAccessRole'
export const READ = 'arn:aws:iam::123456789012:role/ReadOnlyAccessRole'
export const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 1)

/** The user of a token: its subject, or the token itself if it is not a JWT. */
const subjectIn = (token: string): string =>
  token.startsWith('eyJ') ? decodeIdToken(token).sub : token

/** A token in the form of Cognito's; its signature is not a real one. */
export function idToken(claims: Record<string, unknown> = {}): string {
  const encode = (value: unknown): string =>
    btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
      .replace(/=+$/, '')
      .replaceAll('+', '-')
      .replaceAll('/', '_')
  const payload = {
    iss: `https://${PROVIDER}`,
    sub: 'alice-sub',
    aud: 'app-client-id',
    token_use: 'id',
    exp: START / 1_000 + 3_600,
    iat: START / 1_000,
    'cognito:username': 'alice',
    'cognito:groups': ['FullAccess'],
    'cognito:roles': [FULL, READ],
    'cognito:preferred_role': FULL,
    ...claims,
  }
  return `${encode({ alg: 'RS256' })}.${encode(payload)}.c2lnbmF0dXJlLW9mLW5vYm9keS1hdC1hbGw`
}

/** What a test can see and change of the pool that answers. */
export interface FakePool {
  fetch: FakeFetch
  /** The local clock; the service has one of its own that starts equal. */
  clock: FixedClock
  /** `GetId` and `GetCredentialsForIdentity`, in order. */
  calls(): string[]
  inputs(): Record<string, unknown>[]
  count(operation: string): number
  /** Moves both clocks. */
  pass(ms: number): Promise<void>
  /** Moves only the local clock. */
  skew(ms: number): void
  serverNow(): number
  make(options?: Partial<CognitoOptions>): CognitoCredentials
  token: string | undefined
  asked: boolean[]
  secrets: string[]
  /** From now on every user and guest gets another identity. */
  forgetIdentities(): void
}

/** An answer that refuses as Cognito does. */
export const refuses = (
  type: string,
  message: string,
  { status = 400, date }: { status?: number; date?: number } = {},
): Response =>
  new Response(JSON.stringify({ __type: type, message }), {
    status,
    headers: {
      'x-amzn-errortype': `${type}:`,
      'x-amzn-requestid': '11111111-2222-4333-8444-555555555555',
      ...(date !== undefined && { date: new Date(date).toUTCString() }),
    },
  })

/** What is answered instead of the usual, or nothing. */
export type Instead = (
  operation: string,
  input: Record<string, unknown>,
  index: number,
) => Response | undefined | Promise<Response | undefined>

/** An identity pool that gives what is asked for, and a sign-in. */
export function fakePool(
  instead: Instead = () => undefined,
  { lifeMs = HOUR, date = true }: { lifeMs?: number; date?: boolean } = {},
): FakePool {
  const clock = fixedClock(START)
  let ahead = 0
  const serverNow = (): number => clock.now() - ahead
  const operationOf = (seen: Seen): string => seen.headers.get('x-amz-target')!.split('.')[1]!
  const inputOf = (seen: Seen): Record<string, unknown> => JSON.parse(seen.body)
  const identities = new Map<string, string>()
  let made = 0
  const secrets: string[] = []
  let sessions = 0
  const fetch = fakeFetch(async (seen, index) => {
    const operation = operationOf(seen)
    const input = inputOf(seen)
    const other = await instead(operation, input, index)
    if (other) return other
    const answer = (body: unknown): Response =>
      new Response(JSON.stringify(body), {
        headers: date ? { date: new Date(serverNow()).toUTCString() } : {},
      })
    const [token] = Object.values(Object(input.Logins)).map(String)
    if (operation === 'GetId') {
      const who = token ? subjectIn(token) : 'guest'
      const id = identities.get(who) ?? `eu-central-1:identity-${++made}`
      identities.set(who, id)
      return answer({ IdentityId: id })
    }
    const n = ++sessions
    const SecretKey = `secret-key-${n}-wJalrXUtnFEMIK7MDENGbPxRfiCY`
    const SessionToken = `session-token-${n}-IQoJb3JpZ2luX2VjEFAKETOKEN`
    secrets.push(SecretKey, SessionToken)
    return answer({
      IdentityId: input.IdentityId,
      Credentials: {
        AccessKeyId: `ASIA${n}`,
        SecretKey,
        SessionToken,
        Expiration: Math.floor((serverNow() + lifeMs) / 1_000),
      },
    })
  })
  const pool: FakePool = {
    fetch,
    clock,
    secrets,
    token: idToken(),
    asked: [],
    serverNow,
    forgetIdentities: () => identities.clear(),
    calls: () => fetch.seen.map(operationOf),
    inputs: () => fetch.seen.map(inputOf),
    count: (operation) => fetch.seen.filter((seen) => operationOf(seen) === operation).length,
    pass: (ms) => clock.advance(ms),
    skew(ms) {
      ahead += ms
      clock.jump(ms)
    },
    make: (options) =>
      cognitoCredentials({
        identityPoolId: POOL,
        ...(!options?.guest && {
          idToken: async ({ forceRefresh }) => {
            pool.asked.push(forceRefresh)
            return pool.token
          },
        }),
        fetch,
        clock,
        random: () => 0.5,
        ...options,
      }),
  }
  return pool
}

/** Lets every promise that can go on do so. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** The two calls of an exchange. */
export const BOTH: readonly string[] = ['GetId', 'GetCredentialsForIdentity']

/** What a promise is rejected with. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

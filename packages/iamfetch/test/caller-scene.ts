import { fakeFetch, fixedClock, type FakeFetch, type FixedClock } from '@iamfetch/testing'
import {
  cognitoCredentials,
  createIamFetch,
  type CognitoCredentials,
  type CognitoOptions,
  type IamFetchOptions,
} from '../src/index.ts'
import { API } from './fixtures.ts'

export const POOL = 'eu-central-1:11111111-2222-3333-4444-555555555555'
export const ISSUER = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E'

/** An ID token in the form of Cognito's; its signature is nobody's. */
export function idTokenOf(sub: string, claims: Record<string, unknown> = {}): string {
  const encode = (value: unknown): string =>
    btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
  const payload = { iss: ISSUER, sub, aud: 'app', token_use: 'id', ...claims }
  return `${encode({ alg: 'RS256' })}.${encode(payload)}.c2lnbmF0dXJl`
}

/** Lets every promise that can go on do so. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** What a promise is rejected with. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** A device on which users sign in and out, an identity pool, and an API. */
export interface Scene {
  /** Whose token the source returns; `undefined` if no user is signed in. */
  user: string | undefined
  /** Replaces what the source does, for a slow or failing one. */
  source: (() => Promise<string | undefined>) | undefined
  readonly reads: () => number
  readonly idToken: (options?: { forceRefresh?: boolean }) => Promise<string>
  readonly credentials: CognitoCredentials
  readonly api: FakeFetch
  /** How many requests have left for the API, counted in the moment in which they leave. */
  readonly sent: () => number
  readonly clock: FixedClock
  readonly iamFetch: typeof globalThis.fetch
  readonly make: (options?: Partial<IamFetchOptions>) => typeof globalThis.fetch
  readonly credentialsWith: (options: Partial<CognitoOptions>) => CognitoCredentials
  /** Who signed the requests that left, in order. */
  readonly callers: () => string[]
}

/** The access key of a user contains the `sub`, so that a signature shows whose it is. */
const accessKeyOf = (sub: string, count: number): string => `ASIA${sub}x${count}`

/** @param answer  The API's response to its nth request; 0 is the first. */
export function scene(answer: (index: number) => Response | Promise<Response>): Scene {
  const clock = fixedClock()
  let reads = 0
  let sessions = 0
  const pool = fakeFetch(({ headers, body }) => {
    const { Logins, IdentityId }: Record<string, unknown> = JSON.parse(body)
    const [token] = Object.values(Object(Logins)).map(String)
    const sub = token ? String(JSON.parse(atob(token.split('.')[1]!)).sub) : 'guest'
    if (headers.get('x-amz-target')?.endsWith('.GetId')) {
      return Response.json({ IdentityId: `eu-central-1:${sub}` })
    }
    return Response.json({
      IdentityId,
      Credentials: {
        AccessKeyId: accessKeyOf(sub, ++sessions),
        SecretKey: 'secret',
        SessionToken: `session-${sub}`,
        Expiration: clock.now() / 1_000 + 3_600,
      },
    })
  })
  const api = fakeFetch((_, index) => answer(index))
  let sent = 0
  const send: typeof globalThis.fetch = (input, init) => {
    sent++
    return api(input, init)
  }
  const device: Scene = {
    user: 'alice',
    source: undefined,
    reads: () => reads,
    async idToken() {
      reads++
      const token = device.source ? await device.source() : device.user && idTokenOf(device.user)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no user is signed in
      return token as string
    },
    credentialsWith: (options) =>
      cognitoCredentials({
        identityPoolId: POOL,
        ...(!options.guest && { idToken: device.idToken }),
        fetch: pool,
        clock,
        random: () => 0.5,
        ...options,
      }),
    get credentials() {
      return credentials
    },
    api,
    sent: () => sent,
    clock,
    make: (options) =>
      createIamFetch({
        baseUrl: API,
        credentials,
        fetch: send,
        retry: { random: () => 0.5 },
        ...options,
      }),
    get iamFetch() {
      return iamFetch
    },
    callers: () =>
      api.seen.map(
        ({ headers }) =>
          /Credential=ASIA(\w+)x\d+\//.exec(headers.get('authorization') ?? '')?.[1] ?? 'nobody',
      ),
  }
  const credentials = device.credentialsWith({})
  const iamFetch = device.make()
  return device
}

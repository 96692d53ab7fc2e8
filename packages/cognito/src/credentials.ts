import {
  callerChanged,
  cleared,
  followSignIns,
  later,
  listeners,
  serverClock,
  type CallCredentials,
  type Clock,
  type Credentials,
  type CredentialsProvider,
  type IamFetchError,
  type ServerClock,
  type SignIns,
} from '@iamfetch/core'
import { checkCognitoOptions, checkRole } from './check-options.ts'
import { identitiesIn, type IdentityStore } from './identity.ts'
import { loginReader, type IdTokenSource, type Login } from './login.ts'
import { roleChange, rolesOf } from './roles.ts'
import type { SessionContext } from './session.ts'
import type { CredentialStatus } from './status.ts'

/** The options of {@link cognitoCredentials}. */
export interface CognitoOptions {
  /** For example `eu-central-1:` and a GUID. The exchange goes to the region in it. */
  identityPoolId: string
  /**
   * Returns the ID token of the user who is signed in, `undefined` if no user is. Every call reads it when it starts, and again
   * before each further attempt, and is signed for that user or not at all: keep the token at hand, and renew it only when it is
   * about to expire or `forceRefresh` is `true`. If it throws, the call fails and nothing is sent.
   */
  idToken?: IdTokenSource | undefined
  /** `true` for credentials of the pool's guest role, without any sign-in. @default false */
  guest?: boolean | undefined
  /** ARN of the role to request. Defaults to the one that the token prefers. */
  role?: string | undefined
  /**
   * The token's key in `Logins`. Defaults to the token's issuer without its scheme. Required for tokens that are not JWTs:
   * `graph.facebook.com`, `www.amazon.com`.
   */
  providerName?: string | undefined
  /**
   * Names the user of a token that is not a JWT, for example by the ID that the provider's SDK returned with it. Called only for
   * such tokens. It must not return one name for two users. By default each token counts as a user of its own: a renewed one
   * ends calls that are under way with `CALLER_CHANGED`, and cached data is dropped.
   */
  subjectOf?: ((token: string) => string | undefined) | undefined
  /** The URL of Cognito Identity. Defaults to the public endpoint of the pool's region. */
  endpoint?: string | undefined
  /** Keeps the identity ID of a guest over a reload. The one of a user is never stored. Defaults to memory. */
  identityStore?: IdentityStore | undefined
  /** Sends the exchange. @default globalThis.fetch */
  fetch?: typeof globalThis.fetch | undefined
  /** The local clock, which Cognito's time corrects; a `ServerClock` is used as it is. @default Date */
  clock?: Clock | undefined
  /** A number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
  /** Receives what happens. Nothing in an event is secret. */
  onEvent?: ((event: CognitoEvent) => void) | undefined
}

/** The role that the previous token named and the one that the new token names, if they name one. */
export interface RoleChange {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** What `onEvent` receives. */
export type CognitoEvent =
  /** The exchange failed. Credentials that are still valid stay in use. */
  | { type: 'exchange-failed'; error: unknown }
  /** Cognito no longer accepts the identity ID; a new one is requested. */
  | { type: 'identity-reset' }
  | ({ type: 'role-changed' } & RoleChange)
  /** The token of another user was read; everything of the previous user was dropped. */
  | { type: 'user-changed' }
  | { type: 'signed-out' }

/** Credentials of a signed-in user's role, or of a guest. Created by {@link cognitoCredentials}. */
export interface CognitoCredentials extends CredentialsProvider {
  /** Cognito's time. Sign with it. */
  readonly clock: ServerClock
  /** What is known about the credentials and the user. The same object until something changes. */
  readonly status: () => CredentialStatus
  /**
   * Reads the ID token, so that `status()` says whether a user is signed in. It sends nothing to Cognito. Call it when a page loads
   * and after a sign-in that nothing else reports.
   *
   * @returns The status. It never rejects: why a read failed is `error` in the status.
   */
  readonly checkSignIn: () => Promise<CredentialStatus>
  /** Calls `listener` after changes of `status()`. @returns A function that removes the listener. */
  readonly subscribe: (listener: () => void) => () => void
  /** Returns a provider of the same sign-in with another role, cached separately; without an ARN, with the role that the token decides. */
  readonly withRole: (arn?: string) => CognitoCredentials
  /** Changes the role of the provider that {@link cognitoCredentials} returned, for calls that start later. */
  readonly switchRole: (arn?: string) => void
  /** Requests a new ID token and exchanges it, so that a change of groups takes effect. */
  readonly refreshIdentity: () => Promise<RoleChange>
  /** Drops these very credentials; newer ones stay. */
  readonly invalidate: (credentials: Credentials) => void
  /** Starts a call that belongs to the user who is signed in now. `createIamFetch` uses it. */
  readonly startCall: () => CallCredentials
  /**
   * Sign-out: drops everything and ends with `CLEARED` what is under way: reads of the token, exchanges, and calls that have not
   * been sent. AWS accepts credentials that were handed out until they expire.
   */
  readonly clear: () => void
}

/**
 * Exchanges the ID token of a sign-in for AWS credentials of the user's role, and keeps them fresh.
 *
 * Any number of callers share one exchange, and it is renewed in the background. Never a guest unless `guest` is `true`; a call
 * never gets the credentials or the identity of another user than the one whose token it has read.
 *
 * @returns A provider: a function that returns credentials, as the AWS SDK v3 and `createIamFetch` take it. It rejects with an
 *   {@link IamFetchError}: `LOGIN_REQUIRED`, `CLEARED`, `CALLER_CHANGED`, those of the exchange (table on its page of the docs); a failing
 *   token source is `NETWORK_OR_CORS`, `OFFLINE` or `SERVICE_UNAVAILABLE`.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [AWS: enhanced flow](https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html)
 * @example
 * ```ts
 * const credentials = cognitoCredentials({
 *   identityPoolId: 'eu-central-1:00000000-0000-0000-0000-000000000000',
 *   idToken: amplifyIdToken(),
 * })
 * ```
 */
export function cognitoCredentials(options: CognitoOptions): CognitoCredentials {
  const endpoint = checkCognitoOptions(options)
  const { identityPoolId: pool, idToken, guest, fetch, random } = options
  const clock = serverClock(options.clock)
  const { notify, subscribe } = listeners()
  const identities = identitiesIn(options.identityStore ?? new Map<string, string>(), clock)
  let currentRole = options.role
  /** `true` from `clear()` until the token is read again. */
  let isCleared = false

  const emit = (event: CognitoEvent): void => later(() => options.onEvent?.(event))
  const reset = (login: Login | undefined, reason: IamFetchError): void => {
    currentRole = options.role
    if (login) identities.delete(login)
    for (const { slot } of roles.all()) slot.clear(reason)
  }
  const onStatus = (): void => {
    isCleared = false
    notify()
  }
  const onChange = (before: Login, next: Login | undefined): void => {
    if (next?.key !== before.key) {
      reset(before, next ? callerChanged() : (signIns.error ?? cleared()))
      emit({ type: next ? 'user-changed' : 'signed-out' })
    } else if (next.rights !== before.rights) {
      for (const { slot } of roles.all()) slot.invalidate(slot.peek()!)
      emit({ type: 'role-changed', ...roleChange(before, next) })
    }
  }
  const reader = loginReader(idToken, { ...options, pool })
  const signIns = followSignIns<Login>(reader, { onStatus, onChange })
  const onIdentityReset = (): void => emit({ type: 'identity-reset' })
  const exchange = { endpoint, fetch, clock, random }
  const session: SessionContext = { exchange, identities, signIns, pool, onIdentityReset }
  const roles = rolesOf(session, {
    subscribe,
    onStatus({ state, error }) {
      if (state === 'stale' || state === 'failed') emit({ type: 'exchange-failed', error })
      notify()
    },
    isSignedIn: () => (guest || isCleared ? false : isSignedIn(signIns)),
    checkRole: (role) => checkRole('withRole', role, guest),
    switchRole(role) {
      currentRole = checkRole('switchRole', role, guest)
      notify()
    },
    clear() {
      const login = signIns.current?.token ?? (guest ? { key: pool } : undefined)
      signIns.clear()
      isCleared = true
      reset(login, cleared())
      notify()
      emit({ type: 'signed-out' })
    },
  })
  return roles.providerFor(() => currentRole)
}

/** Whether a user is signed in, as far as the token was read; `undefined` if that is not known. */
function isSignedIn({ current, error }: SignIns<Login>): boolean | undefined {
  if (current) return true
  return error?.code === 'LOGIN_REQUIRED' ? false : undefined
}

import {
  awsDomain,
  callerChanged,
  checkOptions,
  cleared,
  followSignIns,
  checkEndpoint,
  fresh,
  invalidOption,
  later,
  listeners,
  serverClock,
  startCallOf,
  type CallCredentials,
  type Clock,
  type Credentials,
  type CredentialsProvider,
  type Fresh,
  type IamFetchError,
  type OptionNames,
  type ServerClock,
  type SignIns,
} from '@iamfetch/core'
import { identitiesIn, type IdentityStore } from './identity.ts'
import { loginReader, ownerOfLogin, type IdTokenSource, type Login } from './login.ts'
import { likelyRole } from './role.ts'
import { startSession, type SessionContext } from './session.ts'
import { statusOf, type CredentialStatus } from './status.ts'

/** The options of {@link cognitoCredentials}. */
export interface CognitoOptions {
  /** For example `eu-central-1:` and a GUID. The exchange goes to the region in it. */
  identityPoolId: string
  /**
   * Returns the ID token of the user who is signed in, `undefined` if no user is. Every call reads it when it starts, and again
   * before each further attempt, and is signed for that user or not at all: keep the token at hand, and renew it only when it is
   * about to expire or `forceRefresh` asks for it. If it throws, the call fails and nothing is sent.
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
  /** Corrected by what Cognito says the time is; a `ServerClock` is used as it is. @default Date */
  clock?: Clock | undefined
  /** A number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
  /** Receives what happens. Nothing in an event is secret. */
  onEvent?: ((event: CognitoEvent) => void) | undefined
}

const OPTION_NAMES: OptionNames<CognitoOptions> = {
  identityPoolId: true,
  idToken: true,
  guest: true,
  role: true,
  providerName: true,
  subjectOf: true,
  endpoint: true,
  identityStore: true,
  fetch: true,
  clock: true,
  random: true,
  onEvent: true,
}

/** The role that the previous token named and the one that the new token names, if they name one. */
export interface RoleChange {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** What `onEvent` receives. */
export type CognitoEvent =
  /** Credentials that are still valid are used further. */
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
 *   {@link IamFetchError}: `LOGIN_REQUIRED`, `CLEARED`, `CALLER_CHANGED`, those of the exchange (table in the README); a failing
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
  const region = checkCognitoOptions(options)
  const { identityPoolId: pool, idToken, guest, fetch, random } = options
  const clock = serverClock(options.clock)
  const endpoint = endpointOf(options.endpoint, region)
  const { notify, subscribe } = listeners()
  const identities = identitiesIn(options.identityStore ?? new Map<string, string>())
  const roles = new Map<string | undefined, Role>()
  let currentRole = options.role
  /** Since `clear()`, until the token is read again. */
  let isCleared = false

  const emit = (event: CognitoEvent): void => later(() => options.onEvent?.(event))
  const reset = (login: Login | undefined, reason: IamFetchError): void => {
    currentRole = options.role
    if (login) identities.delete(login)
    for (const { slot } of roles.values()) slot.clear(reason)
  }
  const signIns = followSignIns<Login>(loginReader(idToken, { ...options, pool }), {
    onStatus() {
      isCleared = false
      notify()
    },
    onChange(before, next) {
      if (next?.key !== before.key) {
        reset(before, next ? callerChanged() : (signIns.error ?? cleared()))
        emit({ type: next ? 'user-changed' : 'signed-out' })
      } else if (next.rights !== before.rights) {
        for (const { slot } of roles.values()) slot.invalidate(slot.peek()!)
        emit({ type: 'role-changed', ...roleChange(before, next) })
      }
    },
  })
  const session: SessionContext = {
    exchange: { endpoint, fetch, clock, random },
    identities,
    signIns,
    pool,
    onIdentityReset: () => emit({ type: 'identity-reset' }),
  }
  const shared: Shared = {
    session,
    subscribe,
    roleOf(role) {
      const known = roles.get(role)
      if (known) return known
      const slot = fresh<Credentials>((load) => startSession(session, role, load), {
        clock,
        random,
      })
      slot.subscribe(() => {
        const { state, error } = slot.status()
        if (state === 'stale' || state === 'failed') emit({ type: 'exchange-failed', error })
        notify()
      })
      const created = { slot, provider: providerFor(shared, () => role) }
      roles.set(role, created)
      return created
    },
    isSignedIn() {
      if (guest || isCleared) return false
      if (signIns.current) return true
      return signIns.error?.code === 'LOGIN_REQUIRED' ? false : undefined
    },
    checkRole: (role) => checkRole('withRole', role, guest),
    switchRole(role) {
      currentRole = checkRole('switchRole', role, guest)
      notify()
    },
    invalidate(credentials) {
      for (const { slot } of roles.values()) slot.invalidate(credentials)
    },
    clear() {
      const login = signIns.current?.token ?? (guest ? { key: pool } : undefined)
      signIns.clear()
      isCleared = true
      reset(login, cleared())
      notify()
      emit({ type: 'signed-out' })
    },
  }
  return providerFor(shared, () => currentRole)
}

/** The endpoint of Cognito Identity: https, or http for a host that is not AWS's, such as a local stack. */
function endpointOf(given: string | undefined, region: string): string {
  if (given === undefined) return `https://cognito-identity.${region}.${awsDomain(region)}/`
  checkEndpoint('cognitoCredentials', given)
  return given
}

/** What the providers of all roles share. */
interface Shared {
  readonly session: SessionContext
  readonly subscribe: CognitoCredentials['subscribe']
  readonly roleOf: (role: string | undefined) => Role
  readonly isSignedIn: () => boolean | undefined
  readonly checkRole: (role: string | undefined) => string | undefined
  readonly switchRole: CognitoCredentials['switchRole']
  readonly invalidate: CognitoCredentials['invalidate']
  readonly clear: CognitoCredentials['clear']
}

/** The credentials of one role, and their provider. */
interface Role {
  readonly slot: Fresh<Credentials>
  readonly provider: CognitoCredentials
}

function providerFor(shared: Shared, roleNow: () => string | undefined): CognitoCredentials {
  const { session, roleOf, isSignedIn, checkRole: checked, ...methods } = shared
  const { signIns } = session

  const startCall = (options?: { forceRefresh: boolean }): CallCredentials => {
    // The role of the call's start: switching it affects calls that start later.
    const { slot } = roleOf(roleNow())
    return startCallOf(
      signIns,
      ({ token, signIn }) => ({ ...ownerOfLogin(token), signIn }),
      (forceRefresh) => slot.get({ forceRefresh }),
      options,
    )
  }
  const provider = async ({ forceRefresh = false } = {}): Promise<Credentials> => {
    const call = startCall()
    return call.get({ forceRefresh }).finally(call.close)
  }
  const status = statusReader(signIns, () => {
    const role = roleNow()
    return { role, slot: roleOf(role).slot, signedIn: isSignedIn() }
  })
  return Object.assign(provider, {
    ...methods,
    clock: session.exchange.clock,
    startCall: () => startCall(),
    status,
    async checkSignIn() {
      // Why it failed is in the status.
      await signIns.read().catch(() => {})
      return status()
    },
    withRole: (arn?: string) => roleOf(checked(arn)).provider,
    async refreshIdentity() {
      const before = signIns.current?.token
      const call = startCall({ forceRefresh: true })
      await call.get({ forceRefresh: true }).finally(call.close)
      return roleChange(before, signIns.current?.token)
    },
  })
}

/** Creates the function that returns the status: the same object until something changes. */
function statusReader(
  signIns: SignIns<Login>,
  current: () => {
    role: string | undefined
    slot: Fresh<Credentials>
    signedIn: boolean | undefined
  },
): () => CredentialStatus {
  let seen: readonly unknown[] = []
  let status: CredentialStatus
  return () => {
    const { role, slot, signedIn } = current()
    const login = signIns.current?.token
    const parts = [slot.status(), login, signIns.error, role, signedIn]
    if (parts.some((part, index) => part !== seen[index])) {
      status = statusOf(slot, login, signIns.error, role, signedIn)
      seen = parts
    }
    return status
  }
}

/** @returns The region of the pool. */
function checkCognitoOptions(options: CognitoOptions): string {
  const owner = 'cognitoCredentials'
  checkOptions(owner, options, OPTION_NAMES)
  const { identityPoolId, idToken, guest, role, subjectOf } = options
  const region = /^([a-z]+(-[a-z]+)+-\d+):[\da-f-]{36}$/i.exec(identityPoolId)?.[1]
  if (!region) {
    throw invalidOption(
      owner,
      '"identityPoolId" must look like eu-central-1:00000000-0000-0000-0000-000000000000 (the ID of a user pool has an underscore)',
      identityPoolId,
    )
  }
  if (guest && idToken) {
    throw invalidOption(owner, '"idToken" and "guest: true" exclude each other')
  }
  if (!guest && typeof idToken !== 'function') {
    throw invalidOption(
      owner,
      '"idToken" must be a function that returns the ID token, unless "guest" is true',
      // Not the value: it may be a token.
      ...(typeof idToken === 'string' ? [] : [idToken]),
    )
  }
  if (subjectOf !== undefined && typeof subjectOf !== 'function') {
    throw invalidOption(owner, '"subjectOf" must be a function', subjectOf)
  }
  checkRole(owner, role, guest)
  return region
}

function checkRole(
  owner: string,
  role: string | undefined,
  guest: boolean | undefined,
): string | undefined {
  if (role === undefined) return undefined
  if (guest) throw invalidOption(owner, '"role" cannot be combined with "guest: true"')
  if (typeof role === 'string' && /^arn:[\w-]+:iam::\d{12}:role\/./.test(role)) return role
  throw invalidOption(
    owner,
    '"role" must be an ARN such as arn:aws:iam::123456789012:role/NAME',
    role,
  )
}

const roleChange = (before: Login | undefined, after: Login | undefined): RoleChange => ({
  from: likelyRole(before?.claims),
  to: likelyRole(after?.claims),
})

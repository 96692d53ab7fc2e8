import {
  awsDomain,
  checkEndpoint,
  fresh,
  later,
  listeners,
  serverClock,
  type Clock,
  type Credentials,
  type CredentialsProvider,
  type Fresh,
  type ServerClock,
} from '@iamfetch/core'
import { fingerprint } from './fingerprint.ts'
import { quietly, type IdentityStore } from './identity.ts'
import { followLogins, type IdTokenSource, type Login } from './login.ts'
import { likelyRole } from './role.ts'
import { startSession } from './session.ts'
import { statusOf, type CredentialStatus } from './status.ts'

/** What {@link cognitoCredentials} is made of. */
export interface CognitoOptions {
  /** Such as `eu-central-1:` and a GUID. Its region is where the exchange goes. */
  identityPoolId: string
  /**
   * Gives the ID token of whoever is signed in, nothing when nobody is. It is asked before every use of the
   * credentials, so that no call is ever signed for the user before: keep the token at hand, and renew it only
   * when it is about to expire or `forceRefresh` asks for it.
   */
  idToken?: IdTokenSource | undefined
  /** `true` for credentials of the pool's guest role, without any sign-in. @default false */
  guest?: boolean | undefined
  /** ARN of the role to ask for. @default the one that the token prefers */
  role?: string | undefined
  /** The token's key in `Logins`. @default the token's issuer without its scheme */
  providerName?: string | undefined
  /** Where Cognito Identity is. @default the public endpoint of the pool's region */
  endpoint?: string | undefined
  /** Keeps identity IDs over a reload. @default memory only */
  identityStore?: IdentityStore | undefined
  /** Sends the exchange. @default globalThis.fetch */
  fetch?: typeof globalThis.fetch | undefined
  /** Corrected by what Cognito says the time is; a `ServerClock` is taken as it is. @default Date */
  clock?: Clock | undefined
  /** A number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
  /** Hears what happens. Nothing in an event is secret. */
  onEvent?: ((event: CognitoEvent) => void) | undefined
}

/** The role that the token spoke for before and the one after, where it names one. */
export interface RoleChange {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** What `onEvent` hears. */
export type CognitoEvent =
  /** Credentials that are still valid go on serving. */
  | { type: 'exchange-failed'; error: unknown }
  /** Cognito no longer takes the identity ID; a new one is asked for. */
  | { type: 'identity-reset' }
  | ({ type: 'role-changed' } & RoleChange)
  /** Somebody else's token came; everything of the user before was dropped. */
  | { type: 'user-changed' }
  | { type: 'signed-out' }

/** Credentials of a signed-in user's role, or of a guest. Made by {@link cognitoCredentials}. */
export interface CognitoCredentials extends CredentialsProvider {
  /** Cognito's time. Sign with it. */
  readonly clock: ServerClock
  readonly status: () => CredentialStatus
  /** Calls `listener` after changes of `status()`. @returns The function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** The same sign-in with another role, cached on its own; without an ARN, with the role that the token decides. */
  readonly withRole: (arn?: string) => CognitoCredentials
  /** Moves the provider that {@link cognitoCredentials} gave to another role: whoever holds it signs with that one from the next call. */
  readonly switchRole: (arn?: string) => void
  /** Gets a new ID token and exchanges it, so that a change of groups takes effect. */
  readonly refreshIdentity: () => Promise<RoleChange>
  /** Drops these very credentials; newer ones stay. */
  readonly invalidate: (credentials: Credentials) => void
  /**
   * Sign-out: drops everything, also the result of an exchange under way.
   * What was handed out is accepted by AWS until it expires.
   */
  readonly clear: () => void
}

/**
 * Exchanges the ID token of a sign-in for AWS credentials of the user's role, and keeps them fresh.
 *
 * One exchange for any number of callers, renewed in the background. Never a guest unless `guest` is `true`;
 * never the credentials or the identity of the user before.
 *
 * @returns A provider: a function that gives credentials, as the AWS SDK v3 and `createIamFetch` take it.
 * @throws `TypeError` for options that cannot work. Calls reject with an `IamFetchError`; codes in the README.
 * @see [AWS: enhanced flow](https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html)
 */
export function cognitoCredentials(options: CognitoOptions): CognitoCredentials {
  const { identityPoolId, idToken, guest, onEvent, fetch, random } = options
  const region = /^([a-z]+(-[a-z]+)+-\d+):[\da-f-]{36}$/i.exec(identityPoolId)?.[1]
  if (!region) throw TypeError('identityPoolId: region:GUID')
  if (guest ? idToken : typeof idToken !== 'function') {
    throw TypeError('idToken: a function, or guest: true')
  }
  const checked = (role: string | undefined): string | undefined => {
    if (role === undefined || (!guest && /^arn:[\w-]+:iam::\d{12}:role\/./.test(role))) return role
    throw TypeError('role: a role ARN, not for guests')
  }
  let currentRole = checked(options.role)
  const endpoint = endpointOf(options.endpoint, region)
  const clock = serverClock(options.clock)
  const exchange = { endpoint, fetch, clock, random }
  const store = options.identityStore ?? new Map<string, string>()
  const roles = new Map<string | undefined, Role>()
  const { notify, subscribe } = listeners()

  const emit = (event: CognitoEvent): void => later(() => onEvent?.(event))
  const onReset = (): void => emit({ type: 'identity-reset' })
  const reset = (): void => {
    const { current } = logins
    currentRole = options.role
    if (current) void quietly(() => store.delete(fingerprint(current.key)))
    for (const { slot } of roles.values()) slot.clear()
    notify()
  }
  const logins = followLogins(idToken, identityPoolId, options.providerName, (next) => {
    const { current } = logins
    if (current && next?.key !== current.key) {
      reset()
      emit({ type: next ? 'user-changed' : 'signed-out' })
    } else if (current && next?.rights !== current.rights) {
      for (const { slot } of roles.values()) slot.invalidate(slot.peek()!)
      emit({ type: 'role-changed', ...roleChange(current, next) })
    }
    notify()
  })

  const roleOf = (role: string | undefined): Role => {
    const known = roles.get(role)
    if (known) return known
    const slot = fresh<Credentials>(
      (context) => startSession(exchange, store, logins, identityPoolId, role, onReset, context),
      { clock, random },
    )
    slot.subscribe(() => {
      const { state, error } = slot.status()
      if (error && !state.endsWith('ing')) emit({ type: 'exchange-failed', error })
      notify()
    })
    const made = { slot, provider: providerFor(() => role) }
    roles.set(role, made)
    return made
  }

  const providerFor = (roleNow: () => string | undefined): CognitoCredentials => {
    const slotNow = (): Fresh<Credentials> => roleOf(roleNow()).slot
    let from: unknown[] = []
    let snapshot: CredentialStatus
    const provider = async ({ forceRefresh = false } = {}): Promise<Credentials> => {
      await logins.look()
      return slotNow().get({ forceRefresh })
    }
    return Object.assign(provider, {
      clock,
      subscribe,
      status() {
        const slot = slotNow()
        const now = [slot.status(), logins.current]
        if (now.some((part, index) => part !== from[index])) {
          snapshot = statusOf(slot, logins.current, roleNow())
        }
        from = now
        return snapshot
      },
      withRole: (arn?: string) => roleOf(checked(arn)).provider,
      switchRole(arn?: string) {
        currentRole = checked(arn)
        notify()
      },
      async refreshIdentity() {
        const before = logins.current
        await logins.renew()
        await slotNow().get({ forceRefresh: true })
        return roleChange(before, logins.current)
      },
      invalidate(credentials: Credentials) {
        for (const { slot } of roles.values()) slot.invalidate(credentials)
      },
      clear() {
        reset()
        logins.forget()
        emit({ type: 'signed-out' })
      },
    })
  }
  return providerFor(() => currentRole)
}

/** The endpoint of Cognito Identity: https, or http for a host that is not AWS's, such as a local stack. */
function endpointOf(given: string | undefined, region: string): string {
  if (given === undefined) return `https://cognito-identity.${region}.${awsDomain(region)}/`
  checkEndpoint('cognitoCredentials', given)
  return given
}

/** What is held for one role, and who gives it. */
interface Role {
  slot: Fresh<Credentials>
  provider: CognitoCredentials
}

const roleChange = (before: Login | undefined, after: Login | undefined): RoleChange => ({
  from: likelyRole(before?.claims),
  to: likelyRole(after?.claims),
})

import { checkOptions, invalidOption } from '@iamfetch/core'
import type { CognitoCredentials } from './credentials.ts'
import { fingerprint } from './fingerprint.ts'

/** The part of a `BroadcastChannel` that is needed. */
export interface TabChannel {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  close(): void
}

/** How tabs find each other. */
export interface TabOptions {
  /** @default new BroadcastChannel('iamfetch') */
  channel?: TabChannel | undefined
}

/**
 * Lets the tabs of an origin learn from each other that the user signed out, that another user signed in, that the roles
 * changed.
 *
 * A sign-out or another user clears the credentials in every tab of the same user. After a change of roles those tabs read their
 * token, and request a new one if it still has the previous roles. Tabs send each other the kind of change and fingerprints of the
 * user and the roles, never a token or credentials. No locks are taken, and each tab exchanges for itself.
 *
 * @returns A function that stops following.
 * @throws `TypeError` with the code `INVALID_OPTION` if there is no `BroadcastChannel` and no `channel`.
 * @see [HTML: BroadcastChannel](https://html.spec.whatwg.org/multipage/web-messaging.html#broadcasting-to-other-browsing-contexts)
 * @example
 * ```ts
 * const stop = followTabs(cognito) // a sign-out in one tab clears the credentials of the others
 * ```
 */
export function followTabs(credentials: CognitoCredentials, options: TabOptions = {}): () => void {
  checkOptions('followTabs', options, { channel: true })
  if (typeof credentials?.subscribe !== 'function') {
    throw invalidOption('followTabs', '"credentials" must be cognitoCredentials(…)', credentials)
  }
  if (!options.channel && typeof BroadcastChannel === 'undefined') {
    throw invalidOption('followTabs', '"channel" is required, because there is no BroadcastChannel')
  }
  const channel: TabChannel = options.channel ?? new BroadcastChannel('iamfetch')
  let known = fingerprintsOf(credentials)

  const unsubscribe = credentials.subscribe(() => {
    const { user } = known
    const type = changeBetween(known, fingerprintsOf(credentials))
    known = fingerprintsOf(credentials)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a window's has one, a channel's has none
    if (user && type) channel.postMessage({ type, user, roles: known.roles })
  })

  const followRoles = async (roles: unknown): Promise<void> => {
    // If tabs share their tokens, this reads the new one.
    await credentials()
    if (fingerprintsOf(credentials).roles !== roles) await credentials.refreshIdentity()
  }

  channel.addEventListener('message', ({ data }) => {
    if (typeof data !== 'object' || data === null) return
    const { type, user, roles }: { type?: unknown; user?: unknown; roles?: unknown } = data
    const ours = fingerprintsOf(credentials)
    if (!ours.user || ours.user !== user) return
    if (type === 'user') {
      credentials.clear()
      // Not sent back: by then a user may be signed in there again.
      known = fingerprintsOf(credentials)
    }
    // Why it failed is in the status.
    if (type === 'roles' && ours.roles !== roles) followRoles(roles).catch(() => {})
  })

  return () => {
    unsubscribe()
    channel.close()
  }
}

interface Fingerprints {
  readonly user: string | undefined
  readonly roles: string
}

function changeBetween(
  previous: Fingerprints,
  current: Fingerprints,
): 'user' | 'roles' | undefined {
  if (current.user !== previous.user) return 'user'
  return current.roles === previous.roles ? undefined : 'roles'
}

/** Fingerprints of the user and of the roles in the token. */
function fingerprintsOf({ status }: CognitoCredentials): Fingerprints {
  const { provider, issuer, sub, roles, preferredRole } = status()
  return {
    user: sub && fingerprint(JSON.stringify([provider, issuer, sub])),
    roles: fingerprint(JSON.stringify([roles, preferredRole])),
  }
}

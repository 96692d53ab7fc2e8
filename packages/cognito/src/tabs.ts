import { checkOptions } from '@iamfetch/core'
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
 * Lets the tabs of an origin learn from each other that the user signed out, that another user came, that the roles
 * changed.
 *
 * A sign-out or another user drops the credentials in every tab that held the same user's; a change of roles makes
 * those tabs look at their token, and ask for a new one where it still has the roles of before. What goes from tab
 * to tab is the kind of change and fingerprints of the user and the roles: no token, no credentials. No locks are taken, and
 * each tab exchanges for itself.
 *
 * @returns The function that ends it.
 * @throws `TypeError` where there is no `BroadcastChannel` and none is given.
 * @see [HTML: BroadcastChannel](https://html.spec.whatwg.org/multipage/web-messaging.html#broadcasting-to-other-browsing-contexts)
 */
export function followTabs(credentials: CognitoCredentials, options: TabOptions = {}): () => void {
  checkOptions('followTabs', options, { channel: true })
  if (!options.channel && typeof BroadcastChannel === 'undefined') {
    throw new TypeError('channel: this runtime has no BroadcastChannel')
  }
  const channel: TabChannel = options.channel ?? new BroadcastChannel('iamfetch')
  let known = seen(credentials)

  const unsubscribe = credentials.subscribe(() => {
    const { user, roles } = known
    known = seen(credentials)
    const type = known.user !== user ? 'user' : known.roles !== roles ? 'roles' : undefined
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a window's has one, a channel's has none
    if (user && type) channel.postMessage({ type, user, roles: known.roles })
  })

  const followRoles = async (roles: unknown): Promise<void> => {
    // Where tabs share their tokens a look is enough.
    await credentials()
    if (seen(credentials).roles !== roles) await credentials.refreshIdentity()
  }

  channel.addEventListener('message', ({ data }) => {
    const { type, user, roles }: Record<string, unknown> = Object(data)
    const own = seen(credentials)
    if (!own.user || own.user !== user) return
    if (type === 'user') {
      credentials.clear()
      // Not told back: by then somebody may be signed in there again.
      known = seen(credentials)
    }
    // Why it failed is in the status.
    if (type === 'roles' && own.roles !== roles) followRoles(roles).catch(() => {})
  })

  return () => {
    unsubscribe()
    channel.close()
  }
}

/** Whose token it is and what it says about roles, without showing either. */
function seen({ status }: CognitoCredentials): { user: string | undefined; roles: string } {
  const { provider, issuer, sub, roles, preferredRole } = status()
  return {
    user: sub && fingerprint(JSON.stringify([provider, issuer, sub])),
    roles: fingerprint(JSON.stringify([roles, preferredRole])),
  }
}

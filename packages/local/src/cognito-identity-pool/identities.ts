import { drawUuid, type Random } from '../random.ts'
import type { Login } from './login.ts'

/** Someone the identity pool has met: signed in once, or a guest. */
export interface IdentityRecord {
  readonly id: string
  /** Who signed in; nothing for a guest. */
  login?: Pick<Login, 'provider' | 'sub'>
  disabled: boolean
}

/** The identities of one pool. */
export interface Identities {
  find(id: string): IdentityRecord | undefined
  /** The identity of a login, always the same one; a new one for a guest. */
  forLogin(login: Pick<Login, 'provider' | 'sub'> | undefined): IdentityRecord
  /**
   * Adds a login to a guest's identity. If the login has an identity already the two are merged: the guest's
   * is disabled.
   *
   * @returns The identity to use from now on.
   */
  link(guest: IdentityRecord, login: Login): IdentityRecord
  /** Forgets or disables one; its login gets a new one. @returns Whether there was one. */
  remove(id: string, how: 'deleted' | 'disabled'): boolean
  /** Everything, for a stack that takes this one's place. */
  all(): readonly IdentityRecord[]
}

/**
 * Creates a set of identities, whose IDs are `region:uuid`.
 *
 * @param earlier  Those of an earlier stack. Defaults to none.
 */
export function createIdentities(
  region: string,
  random: Random,
  earlier: readonly IdentityRecord[] = [],
): Identities {
  const byId = new Map<string, IdentityRecord>()
  const byLogin = new Map<string, IdentityRecord>()
  const nameOf = ({ provider, sub }: Pick<Login, 'provider' | 'sub'>): string =>
    `${provider} ${sub}`
  const assign = (
    identity: IdentityRecord,
    { provider, sub }: Pick<Login, 'provider' | 'sub'>,
  ): void => {
    identity.login = { provider, sub }
    byLogin.set(nameOf(identity.login), identity)
  }
  for (const identity of earlier) {
    byId.set(identity.id, identity)
    if (identity.login && !identity.disabled) assign(identity, identity.login)
  }
  return {
    find: (id) => byId.get(id),
    all: () => [...byId.values()],
    forLogin(login) {
      const known = login && byLogin.get(nameOf(login))
      if (known) return known
      const identity: IdentityRecord = { id: `${region}:${drawUuid(random)}`, disabled: false }
      byId.set(identity.id, identity)
      if (login) assign(identity, login)
      return identity
    },
    link(guest, login) {
      const known = byLogin.get(nameOf(login))
      if (known) guest.disabled = true
      else assign(guest, login)
      return known ?? guest
    },
    remove(id, how) {
      const identity = byId.get(id)
      if (!identity) return false
      if (identity.login) byLogin.delete(nameOf(identity.login))
      if (how === 'deleted') byId.delete(id)
      identity.disabled = true
      return true
    },
  }
}

import {
  fresh,
  startCallOf,
  type CallCredentials,
  type Credentials,
  type Fresh,
  type FreshStatus,
  type SignIns,
} from '@iamfetch/core'
import type { CognitoCredentials, RoleChange } from './credentials.ts'
import { ownerOfLogin, type Login } from './login.ts'
import { likelyRole } from './role.ts'
import { startSession, type SessionContext } from './session.ts'
import { statusOf, type CredentialStatus } from './status.ts'

/** What the providers of all roles have in common. */
export interface SharedMethods extends Pick<
  CognitoCredentials,
  'subscribe' | 'switchRole' | 'clear'
> {
  /** Is notified when the state of a role's credentials changes. */
  readonly onStatus: (status: FreshStatus) => void
  readonly isSignedIn: () => boolean | undefined
  /** Throws a `TypeError` for what is not the ARN of a role. */
  readonly checkRole: (role: string | undefined) => string | undefined
}

/** The credentials of one role, and their provider. */
interface Role {
  readonly slot: Fresh<Credentials>
  readonly provider: CognitoCredentials
}

/** The roles that were requested, each with a separate cache. Created by {@link rolesOf}. */
export interface Roles {
  readonly all: () => Iterable<Role>
  /** Creates a provider. @param roleNow  Returns the role of calls that start now; `undefined` for the one that the token decides. */
  readonly providerFor: (roleNow: () => string | undefined) => CognitoCredentials
}

/** Creates the {@link Roles} of one sign-in. */
export function rolesOf(session: SessionContext, shared: SharedMethods): Roles {
  const { clock, random } = session.exchange
  const known = new Map<string | undefined, Role>()

  const roleOf = (role: string | undefined): Role => {
    const existing = known.get(role)
    if (existing) return existing
    const slot = fresh<Credentials>((load) => startSession(session, role, load), { clock, random })
    slot.subscribe(() => shared.onStatus(slot.status()))
    const created = { slot, provider: roles.providerFor(() => role) }
    known.set(role, created)
    return created
  }
  const roles: Roles = {
    all: () => known.values(),
    providerFor: (roleNow) => providerFor(session, shared, roleOf, known, roleNow),
  }
  return roles
}

function providerFor(
  session: SessionContext,
  { subscribe, switchRole, clear, isSignedIn, checkRole }: SharedMethods,
  roleOf: (role: string | undefined) => Role,
  known: ReadonlyMap<string | undefined, Role>,
  roleNow: () => string | undefined,
): CognitoCredentials {
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
    subscribe,
    switchRole,
    clear,
    invalidate(credentials: Credentials) {
      for (const { slot } of known.values()) slot.invalidate(credentials)
    },
    clock: session.exchange.clock,
    startCall: () => startCall(),
    status,
    async checkSignIn() {
      // Why it failed is in the status.
      await signIns.read().catch(() => {})
      return status()
    },
    withRole: (arn?: string) => roleOf(checkRole(arn)).provider,
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
  let previous: readonly unknown[] = []
  let status: CredentialStatus
  return () => {
    const { role, slot, signedIn } = current()
    const login = signIns.current?.token
    const parts = [slot.status(), login, signIns.error, role, signedIn]
    if (parts.some((part, index) => part !== previous[index])) {
      status = statusOf(slot, login, signIns.error, role, signedIn)
      previous = parts
    }
    return status
  }
}

/** The roles of two logins. */
export const roleChange = (before: Login | undefined, after: Login | undefined): RoleChange => ({
  from: likelyRole(before?.claims),
  to: likelyRole(after?.claims),
})

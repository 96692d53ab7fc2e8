'use client'

import type { RoleExplanation } from '@iamfetch/cognito'
import { useMemo } from 'react'
import { predictedRole } from './caller.ts'
import { useIam } from './provider.ts'
import { useCredentialStatus } from './use-credential-status.ts'

/** The groups and roles of the signed-in user. */
export interface Roles {
  /** `cognito:groups` of the ID token. */
  readonly groups: readonly string[]
  /** `cognito:roles` of the ID token: the roles that the user can switch to. */
  readonly roles: readonly string[]
  /** The role of the next exchange, how certain that is and why. `undefined` before a token was read. */
  readonly predicted: RoleExplanation | undefined
  /**
   * The role of the credentials that are held, as far as the token shows it: AWS's response does not name it. `undefined` if no
   * credentials are held.
   */
  readonly current: string | undefined
  /** Switches the credentials to another role; without an ARN, to the role that the token decides. Affects later calls. */
  readonly switchRole: (arn?: string) => void
}

/**
 * Returns the groups and roles of the signed-in user, and a function that switches the role.
 *
 * Everything that uses these credentials, for example the `fetch` of {@link useIamFetch}, signs with the new role from the
 * next call on.
 *
 * @throws `TypeError` if there is no `IamProvider` above.
 * @example
 * ```tsx
 * const { roles, current, switchRole } = useRoles()
 * return (
 *   <select value={current} onChange={({ target }) => switchRole(target.value)}>
 *     {roles?.map((arn) => <option key={arn}>{arn}</option>)}
 *   </select>
 * )
 * ```
 */
export function useRoles(): Roles {
  const { switchRole } = useIam().credentials
  const { sub, groups, roles, preferredRole, role, expiresAt } = useCredentialStatus()
  const held = expiresAt !== undefined
  return useMemo(() => {
    const predicted = predictedRole({ sub, roles, preferredRole, role })
    return {
      groups,
      roles: roles ?? [],
      predicted,
      current: held ? predicted?.role : undefined,
      switchRole,
    }
  }, [sub, groups, roles, preferredRole, role, held, switchRole])
}

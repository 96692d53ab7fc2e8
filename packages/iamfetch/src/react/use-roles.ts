'use client'

import { explainRole, type RoleExplanation } from '@iamfetch/cognito'
import { useMemo } from 'react'
import { useIam } from './provider.ts'
import { useCredentialStatus } from './use-credential-status.ts'

/** The groups and roles of whoever is signed in. */
export interface Roles {
  readonly groups: readonly string[]
  /** The roles in the ID token, one of which can be switched to. */
  readonly roles: readonly string[]
  /** The role that the next exchange gives, how sure that is and why. Nothing before the first token was seen. */
  readonly predicted: RoleExplanation | undefined
  /** The role of the credentials that are held, as far as the token tells: AWS's answer does not name it. */
  readonly current: string | undefined
  /** Moves the credentials to another role; without an ARN, to the one that the token decides. */
  readonly switchRole: (arn?: string) => void
}

/**
 * Gives groups and roles of whoever is signed in, and a way to switch.
 *
 * What holds the credentials, as the `fetch` of {@link useIamFetch}, signs with the new role from the next call.
 *
 * @throws `TypeError` without a provider.
 */
export function useRoles(): Roles {
  const { switchRole } = useIam().credentials
  const { sub, groups, roles, preferredRole, role, expiresAt } = useCredentialStatus()
  const held = expiresAt !== undefined
  return useMemo(() => {
    const claims = {
      ...(roles && { 'cognito:roles': roles }),
      ...(preferredRole && { 'cognito:preferred_role': preferredRole }),
    }
    const predicted = sub === undefined ? undefined : explainRole(claims, { role })
    return {
      groups,
      roles: roles ?? [],
      predicted,
      current: held ? predicted?.role : undefined,
      switchRole,
    }
  }, [sub, groups, roles, preferredRole, role, held, switchRole])
}

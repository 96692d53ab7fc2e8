'use client'

import type { CredentialStatus } from '@iamfetch/cognito'
import { useSyncExternalStore } from 'react'
import { useIam } from './provider.ts'

/** Nobody is signed in while a server renders. One object, as React asks of a server's snapshot. */
const ON_SERVER: CredentialStatus = {
  state: 'empty',
  expiresAt: undefined,
  identityId: undefined,
  provider: undefined,
  issuer: undefined,
  sub: undefined,
  username: undefined,
  groups: [],
  roles: undefined,
  preferredRole: undefined,
  role: undefined,
  error: undefined,
}

/**
 * Gives what is known about the credentials, without any secret, and renders again when it changes.
 *
 * Asks for nothing: the first signed call, or a call of the credentials, starts the exchange. Time alone changes
 * nothing: compare `expiresAt` with a clock to count down.
 *
 * @throws `TypeError` without a provider.
 */
export function useCredentialStatus(): CredentialStatus {
  const { subscribe, status } = useIam().credentials
  return useSyncExternalStore(subscribe, status, onServer)
}

const onServer = (): CredentialStatus => ON_SERVER

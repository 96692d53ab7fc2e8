'use client'

import type { CredentialStatus } from '@iamfetch/cognito'
import { useSyncExternalStore } from 'react'
import { useIam } from './provider.ts'

/** The status while a server renders: nobody is signed in. One object, because React requires a stable server snapshot. */
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
 * Returns the status of the credentials, without any secret, and renders again when it changes.
 *
 * The hook sends nothing: the first signed call, or a call of the credentials, starts the exchange. Time alone changes
 * nothing: compare `expiresAt` with a clock to count down.
 *
 * @throws `TypeError` if there is no `IamProvider` above.
 */
export function useCredentialStatus(): CredentialStatus {
  const { subscribe, status } = useIam().credentials
  return useSyncExternalStore(subscribe, status, onServer)
}

const onServer = (): CredentialStatus => ON_SERVER

'use client'

import type { CognitoCredentials, CredentialStatus } from '@iamfetch/cognito'
import { useEffect } from 'react'
import { useIam } from './provider.ts'
import { useSnapshot } from './use-snapshot.ts'

/** The status while a server renders: it is not known whether a user is signed in. One object, because React requires a stable server snapshot. */
const ON_SERVER: CredentialStatus = {
  state: 'empty',
  signedIn: undefined,
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
 * When it mounts, it reads the ID token once if that was not read before, so that `signedIn` becomes known: `undefined` until then,
 * `false` if the page has to show its sign-in. It starts no exchange: the first signed call, or a call of the credentials, does.
 * Time alone changes nothing: compare `expiresAt` with a clock to count down.
 *
 * @throws `TypeError` if there is no `IamProvider` above.
 * @example
 * ```tsx
 * function Page() {
 *   const { signedIn, username, error } = useCredentialStatus()
 *   if (signedIn === undefined) return <p>{error?.message ?? 'Loading'}</p>
 *   return signedIn ? <p>{username}</p> : <button onClick={signIn}>Sign in</button>
 * }
 * ```
 */
export function useCredentialStatus(): CredentialStatus {
  const { credentials } = useIam()
  useEffect(() => checkOnce(credentials), [credentials])
  return useSnapshot(credentials.subscribe, credentials.status, onServer)
}

/** Credentials whose token is being read, for all components that mount in the meantime. */
const checking = new WeakSet<CognitoCredentials>()

/** Reads the token unless that was done, or another component is doing it. */
export function checkOnce(credentials: CognitoCredentials): void {
  const { signedIn, error } = credentials.status()
  if (signedIn !== undefined || error || checking.has(credentials)) return
  checking.add(credentials)
  void credentials.checkSignIn().finally(() => checking.delete(credentials))
}

const onServer = (): CredentialStatus => ON_SERVER

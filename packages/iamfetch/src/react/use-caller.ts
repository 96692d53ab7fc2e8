import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { callerOf, type Caller } from './caller.ts'
import { useIam } from './provider.ts'
import { useCredentialStatus } from './use-credential-status.ts'
import { watchCallers } from './watch-callers.ts'

/** Follows who is signed in: reads the token if that is not known, and removes the data of a user who goes. */
export function useCaller(): Caller {
  const { credentials } = useIam()
  const client = useQueryClient()
  const status = useCredentialStatus()
  const { sub, state } = status

  useEffect(() => {
    // It rejects if no user is signed in; the status shows that already.
    if (sub === undefined && state === 'empty') credentials().catch(() => {})
  }, [credentials, sub, state])

  useEffect(() => watchCallers(client, credentials), [client, credentials])

  return callerOf(status)
}

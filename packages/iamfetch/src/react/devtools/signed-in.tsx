'use client'

import type { CognitoCredentials, CredentialStatus } from '@iamfetch/cognito'
import { useEffect, useState, type ReactElement } from 'react'
import { predictedRole } from '../caller.ts'
import { useSnapshot } from '../use-snapshot.ts'

/** Who is signed in, the groups, the predicted and the assumed role, and how long the credentials last. */
export function SignedIn({ credentials }: { credentials: CognitoCredentials }): ReactElement {
  const status = useSnapshot(credentials.subscribe, credentials.status, credentials.status)
  const secondsLeft = useSecondsLeft(status.expiresAt, credentials)
  const predicted = predictedRole(status)
  const roles = status.roles ?? []
  return (
    <div className="iamfetch-card">
      <h2>{heading(status)}</h2>
      <dl>
        <Row name="Groups">{status.groups.join(', ') || '–'}</Row>
        <Row name="Predicted role">
          {roleName(predicted?.role) || '–'}
          {predicted && <small>{predicted.reason.replaceAll(/arn:\S+\//g, '')}</small>}
        </Row>
        <Row name="Assumed role">{status.expiresAt ? roleName(predicted?.role) || '–' : '–'}</Row>
        <Row name="Credentials">
          <span>
            {status.state}
            {secondsLeft !== undefined && `, ${timeLeft(secondsLeft)}`}
          </span>
          {status.error && (
            <small>
              {status.error.message} {status.error.remedy}
            </small>
          )}
        </Row>
      </dl>
      <div className="iamfetch-actions">
        {roles.length > 1 && (
          <label>
            Role
            <select
              value={status.role ?? ''}
              onChange={({ target }) => credentials.switchRole(target.value || undefined)}
            >
              <option value="">the one that the token decides</option>
              {roles.map((role) => (
                <option key={role} value={role}>
                  {roleName(role)}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" onClick={() => void credentials.refreshIdentity().catch(ignore)}>
          New ID token and role
        </button>
        <button
          type="button"
          onClick={() => void credentials({ forceRefresh: true }).catch(ignore)}
        >
          New credentials
        </button>
      </div>
    </div>
  )
}

/** Errors are part of the status, which is shown. */
const ignore = (): void => {}

export const Row = ({
  name,
  children,
}: {
  name: string
  children: ReactElement | string | readonly (ReactElement | string | false | undefined | null)[]
}): ReactElement => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

function heading({ signedIn, username, sub, state }: CredentialStatus): string {
  if (signedIn) return `Signed in as ${username ?? sub ?? 'a user'}`
  if (signedIn === false) return state === 'ready' ? 'A guest' : 'Nobody is signed in'
  return 'Nobody is known to be signed in'
}

const roleName = (arn: string | undefined): string => arn?.split('/').at(-1) ?? ''

function timeLeft(seconds: number): string {
  if (seconds <= 0) return 'expired'
  const minutes = Math.floor(seconds / 60)
  return `${minutes}:${String(seconds % 60).padStart(2, '0')} left`
}

/** How long credentials last, by Cognito's clock. Counts down. */
function useSecondsLeft(
  expiresAt: Date | undefined,
  { clock }: CognitoCredentials,
): number | undefined {
  const [, tick] = useState(0)
  useEffect(() => {
    if (!expiresAt) return undefined
    const timer = setInterval(() => tick((count) => count + 1), 1_000)
    return () => clearInterval(timer)
  }, [expiresAt])
  return expiresAt && Math.max(0, Math.floor((expiresAt.getTime() - clock.now()) / 1_000))
}

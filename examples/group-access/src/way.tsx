import { explainRole } from 'iamfetch'
import { useCredentialStatus } from 'iamfetch/react'
import { useEffect, useRef } from 'react'
import { Countdown } from './countdown.tsx'

/** The last part of a role's ARN, which is its name. */
const roleName = (arn: string | undefined): string => arn?.split('/').at(-1) ?? ''

function stepClass({ error, expiresAt }: ReturnType<typeof useCredentialStatus>): string {
  if (error) return 'blocked'
  return expiresAt ? '' : 'ahead'
}

/**
 * The steps from the sign-in to the gateway, one for each decision.
 *
 * @param seenRole  The role that the gateway saw in the last call, once there was one.
 * @param now       Milliseconds since the epoch, by the clock that Cognito corrected.
 */
export function Way({
  username,
  seenRole,
  now,
}: {
  username: string
  seenRole: string | undefined
  now: () => number
}) {
  const status = useCredentialStatus()
  // A user who signed in with the keyboard continues from here, not from where the form was.
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const known = status.sub !== undefined
  const explanation = explainRole({
    ...(status.roles && { 'cognito:roles': status.roles }),
    ...(status.preferredRole && { 'cognito:preferred_role': status.preferredRole }),
  })
  return (
    <section className="card" aria-labelledby="way">
      <h2 id="way" ref={heading} tabIndex={-1}>
        How your call gets its role
      </h2>
      <ol className="way">
        <li>
          <h3>Signed in as</h3>
          <p className="value" data-testid="username">
            {username}
          </p>
        </li>
        <li className={known ? '' : 'ahead'}>
          <h3>Groups in the ID token</h3>
          <p data-testid="groups">
            {status.groups.map((group) => (
              <span key={group} className="chip">
                {group}
              </span>
            ))}
            {known && status.groups.length === 0 && <span className="note">none</span>}
            {!known && <span className="note">…</span>}
          </p>
        </li>
        <li className={known ? '' : 'ahead'}>
          <h3>Role that will be assumed</h3>
          <p className="value" data-testid="role-expected">
            {known ? roleName(explanation.role) || "the pool's default" : '…'}
          </p>
          {known && <p className="note">{explanation.reason.replace(/arn:\S+\//, '')}</p>}
        </li>
        <li className={stepClass(status)}>
          <h3>Credentials</h3>
          <div data-testid="credentials">
            {status.expiresAt ? (
              <Countdown expiresAt={status.expiresAt.getTime()} now={now} />
            ) : (
              <span className="note">{status.state === 'loading' ? 'loading …' : 'none yet'}</span>
            )}
          </div>
          {status.error instanceof Error && (
            <p className="problem" role="alert">
              {status.error.message} {'remedy' in status.error && status.error.remedy}
            </p>
          )}
        </li>
        <li className={seenRole ? '' : 'ahead'}>
          <h3>Role that the gateway saw</h3>
          <p className="value" data-testid="role-seen">
            {seenRole ?? <span className="note">make a call to see it</span>}
          </p>
        </li>
      </ol>
    </section>
  )
}

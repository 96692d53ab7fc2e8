import { useState } from 'react'
import { Ask } from './ask.tsx'
import { AuditTrail } from './audit-trail.tsx'
import { CopyButton } from './copy-button.tsx'
import type { Fresh, Key, KeysApi } from './keys-api.ts'
import { Moment } from './moment.tsx'
import { textAnswer } from './text-answer.ts'
import { UseKey } from './use-key.tsx'

const GRACES = [
  ['at once: it may have leaked', 0],
  ['in an hour', 3_600],
  ['in a day', 86_400],
  ['in a week', 604_800],
] as const

/** One key: what it may, when it was used, and what can be done about it. */
export function KeyCard({
  api,
  held: key,
  say,
  onRotated,
  onRevoked,
}: {
  api: KeysApi
  held: Key
  say: (sentence: string) => void
  onRotated: (fresh: Fresh) => void
  onRevoked: (key: Key) => void
}) {
  const [asking, setAsking] = useState<'rotate' | 'revoke'>()
  const [once, setOnce] = useState('')
  const [open, setOpen] = useState<'use' | 'trail'>()
  const name = `“${key.label}”`
  // Whatever way its script runs, it turns nothing around it.
  const isolated = <bdi>{name}</bdi>
  const active = key.status === 'active'
  const toggle = (what: 'use' | 'trail') => ({
    'aria-expanded': open === what,
    onClick: () => setOpen(open === what ? undefined : what),
  })
  return (
    <li className={`card key ${key.status}`} aria-label={`Key ${key.label}`}>
      <div className="key-line">
        <h3>
          <bdi>{key.label}</bdi>
        </h3>
        <span className="stamp">{key.status}</span>
      </div>
      <p className="client-id">
        <span className="value">{key.clientId}</span>
        <CopyButton what={`client ID of ${name}`} text={key.clientId} say={say} />
      </p>
      <p>
        {key.scopes.map((scope) => (
          <span key={scope} className="chip">
            {scope}
          </span>
        ))}
      </p>
      <dl className="facts">
        <Fact name="last used">
          {key.lastUsedAt ? <Moment at={key.lastUsedAt} /> : <span className="note">never</span>}
        </Fact>
        <Fact name="made">
          <Moment at={key.createdAt} />
        </Fact>
        {key.revokedAt && key.status === 'revoked' ? (
          <Fact name="revoked" long={Boolean(key.reason)}>
            <Moment at={key.revokedAt} />
            {key.reason && (
              <>
                : <bdi>{key.reason}</bdi>
              </>
            )}
          </Fact>
        ) : (
          <Fact name={key.status === 'expired' ? 'expired' : 'expires'}>
            {key.expiresAt ? <Moment at={key.expiresAt} /> : <span className="note">never</span>}
          </Fact>
        )}
        {active && (
          <Fact name={key.secrets.length > 1 ? 'secrets' : 'secret'} long={key.secrets.length > 1}>
            {key.secrets.map(({ last4, expiresAt }) => (
              <span key={last4} className="secret-end">
                <span className="value">…{last4}</span>
                {expiresAt && (
                  <>
                    {' '}
                    ends <Moment at={expiresAt} />
                  </>
                )}
              </span>
            ))}
          </Fact>
        )}
      </dl>
      <div className="key-actions">
        {active && (
          <>
            <button type="button" aria-label={`Use it: ${name}`} {...toggle('use')}>
              Use it
            </button>
            <button
              type="button"
              aria-label={`Rotate ${name}`}
              onClick={() => {
                setOnce(crypto.randomUUID())
                setAsking('rotate')
              }}
            >
              Rotate
            </button>
            <button
              type="button"
              className="danger"
              aria-label={`Revoke ${name}`}
              onClick={() => setAsking('revoke')}
            >
              Revoke
            </button>
          </>
        )}
        <button type="button" aria-label={`Audit trail of ${name}`} {...toggle('trail')}>
          Audit trail
        </button>
      </div>
      {open === 'use' && active && <UseKey api={api} used={key} say={say} />}
      {open === 'trail' && <AuditTrail api={api} of={key} />}
      {asking === 'rotate' && (
        <Ask
          title={<>Rotate {isolated}</>}
          confirm="Make a new secret"
          onClose={() => setAsking(undefined)}
          act={async (answers) =>
            onRotated(await api.rotate(key.id, Number(answers.get('grace')), once))
          }
        >
          {key.secrets.length > 1 ? (
            <p>
              Two secrets are active, which is the limit. A new one ends both at once.
              <input type="hidden" name="grace" value={0} />
            </p>
          ) : (
            <>
              <p>Until the old secret expires, both secrets work, so no call has to fail.</p>
              <label>
                The old secret expires
                <select name="grace" defaultValue={3_600}>
                  {GRACES.map(([text, seconds]) => (
                    <option key={seconds} value={seconds}>
                      {text}
                    </option>
                  ))}
                </select>
              </label>
            </>
          )}
        </Ask>
      )}
      {asking === 'revoke' && (
        <Ask
          title={<>Revoke {isolated}?</>}
          confirm="Revoke it"
          danger
          onClose={() => setAsking(undefined)}
          act={async (answers) =>
            onRevoked(await api.revoke(key.id, textAnswer(answers, 'reason')))
          }
        >
          <p>
            Calls with it are refused within seconds, also with tokens that were issued before. It
            cannot be undone.
          </p>
          <label>
            Why, for the audit trail (optional)
            <input name="reason" maxLength={100} autoComplete="off" dir="auto" />
          </label>
        </Ask>
      )}
    </li>
  )
}

function Fact({
  name,
  long = false,
  children,
}: {
  name: string
  long?: boolean
  children: React.ReactNode
}) {
  return (
    <div className={long ? 'long' : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

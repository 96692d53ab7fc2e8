import { useEffect, useState } from 'react'
import { problemOf, type Problem } from './action.ts'
import type { Key, KeyEvent, KeysApi } from './keys-api.ts'
import { Moment } from './moment.tsx'
import { ProblemNote } from './problem.tsx'

/** What happened to a key, in order. Read anew whenever the key has changed. */
export function AuditTrail({ api, of }: { api: KeysApi; of: Key }) {
  const [events, setEvents] = useState<readonly KeyEvent[]>()
  const [problem, setProblem] = useState<Problem>()
  useEffect(() => {
    let wanted = true
    api.events(of.id).then(
      (found) => {
        if (!wanted) return
        setEvents(found)
        setProblem(undefined)
      },
      (error: unknown) => {
        if (wanted) setProblem(problemOf(error))
      },
    )
    return () => {
      wanted = false
    }
  }, [api, of])
  return (
    <>
      <ProblemNote problem={problem} />
      {!events && !problem && <p className="note">…</p>}
      <ol className="trail">
        {events?.map((event) => (
          <li key={`${event.type} ${event.at}`}>
            <span>{said(event)}</span> <Moment at={event.at} />
          </li>
        ))}
      </ol>
    </>
  )
}

function said({ type, by, detail }: KeyEvent): string {
  const who = by === 'system' ? '' : ' by you'
  if (type === 'created') return `Made${who}, for ${detail?.scopes?.join(' and ') ?? 'nothing'}`
  if (type === 'rotated') {
    const seconds = detail?.graceSeconds ?? 0
    return `Rotated${who}, the old secret ${seconds ? `has ${lengthOf(seconds)}` : 'ended at once'}`
  }
  if (type === 'secret-retired') return 'The old secret has ended'
  if (type === 'revoked') return `Revoked${who}${detail?.reason ? `: ${detail.reason}` : ''}`
  return type === 'expired' ? 'Expired' : `Changed${who}`
}

const lengthOf = (seconds: number): string =>
  seconds < 3_600
    ? `${Math.round(seconds / 60)} minutes`
    : seconds < 86_400
      ? `${Math.round(seconds / 3_600)} h`
      : `${Math.round(seconds / 86_400)} days`

import { useEffect, useState } from 'react'
import { problemOf, type Problem } from './action.ts'
import type { Key, KeyEvent, KeysApi } from './keys-api.ts'
import { Moment } from './moment.tsx'
import { ProblemNote } from './problem.tsx'

/** What happened to a key, in order. It is read again whenever the key has changed. */
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
  if (type === 'created') return `Created${who}, for ${detail?.scopes?.join(' and ') ?? 'nothing'}`
  if (type === 'rotated') {
    const seconds = detail?.graceSeconds ?? 0
    return `Rotated${who}, the old secret ${seconds ? `works ${lengthOf(seconds)} more` : 'ended at once'}`
  }
  if (type === 'secret-retired') return 'The old secret expired'
  if (type === 'revoked') return `Revoked${who}${detail?.reason ? `: ${detail.reason}` : ''}`
  return type === 'expired' ? 'Expired' : `Changed${who}`
}

const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** A length of time in its largest whole unit. */
function lengthOf(seconds: number): string {
  const [size, unit] = UNITS.find(([one]) => seconds % one === 0) ?? [1, 'second']
  const count = seconds / size
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

import { useEffect, useRef } from 'react'
import type { Problem } from './problem.ts'
import { ProblemView } from './problem-view.tsx'

/** One call that was made from this page. */
export interface Call {
  id: number
  method: string
  path: string
  state: 'pending' | 'done' | 'failed'
  status?: number
  /** Milliseconds from the click to the response. */
  totalMs?: number
  /** How many of these milliseconds the signature took. */
  signMs?: number
  /** What came back from the application. */
  answer?: string
  /** If the call did not succeed. */
  problem?: Problem
}

function ms(value: number | undefined): string {
  if (value === undefined) return '–'
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}

function verdict({ state, status = 0 }: Call): 'pending' | 'allowed' | 'refused' | 'failed' {
  if (state === 'pending') return 'pending'
  if (status >= 200 && status < 300) return 'allowed'
  return status === 403 ? 'refused' : 'failed'
}

/**
 * The calls so far, the newest first.
 *
 * @param onAct  Does what the button next to a problem says.
 */
export function CallLog({ calls, onAct }: { calls: readonly Call[]; onAct: (call: Call) => void }) {
  const newest = useRef<HTMLLIElement>(null)
  const { id, state } = calls[0] ?? {}
  useEffect(() => {
    if (id !== undefined && state !== 'pending') showEntry(newest.current)
  }, [id, state])
  if (calls.length === 0) {
    return <p className="empty">No calls yet. Press GET or POST to see what IAM decides.</p>
  }
  return (
    <ol className="log" aria-label="Calls, newest first">
      {calls.map((call) => (
        <li
          key={call.id}
          ref={call === calls[0] ? newest : null}
          className={`call ${verdict(call)}`}
          data-status={call.status}
        >
          <div className="call-line">
            <span className="method">{call.method}</span>
            <span className="path">{call.path}</span>
            <span className="stamp">
              {call.state === 'pending' ? 'waiting …' : `${call.status ?? ''} ${verdict(call)}`}
            </span>
          </div>
          <dl className="times">
            <div>
              <dt>total</dt>
              <dd>{ms(call.totalMs)}</dd>
            </div>
            <div>
              <dt>signing</dt>
              <dd>{ms(call.signMs)}</dd>
            </div>
          </dl>
          {call.problem && <ProblemView problem={call.problem} onAct={() => onAct(call)} />}
          {call.answer && <pre className="answer">{call.answer}</pre>}
        </li>
      ))}
    </ol>
  )
}

/** Scrolls to an entry that begins in the lower half of the screen or outside of it, as a new result does on a phone. */
function showEntry(entry: HTMLLIElement | null): void {
  if (!entry) return
  const { top } = entry.getBoundingClientRect()
  if (top >= 0 && top < innerHeight / 2) return
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
  entry.scrollIntoView({ block: 'start', behavior: isCalm ? 'auto' : 'smooth' })
}

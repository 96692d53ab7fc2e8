'use client'

import { useState, type ReactElement } from 'react'
import type { Devtools, DevtoolsCall } from '../../devtools/recorder.ts'
import { Row } from './signed-in.tsx'
import { useSnapshot } from '../use-snapshot.ts'

/** The calls, the newest first, each with its attempts, its timing and why it did not succeed. */
export function CallList({ devtools }: { devtools: Devtools }): ReactElement {
  const calls = useSnapshot(devtools.subscribe, devtools.calls, devtools.calls)
  const [onlyFailed, setOnlyFailed] = useState(false)
  const shown = onlyFailed ? calls.filter(hasFailed) : calls
  return (
    <div className="iamfetch-card">
      <h2>Calls</h2>
      <div className="iamfetch-actions">
        <label>
          <input
            type="checkbox"
            checked={onlyFailed}
            onChange={({ target }) => setOnlyFailed(target.checked)}
          />
          Only calls that did not succeed
        </label>
        <button type="button" onClick={devtools.clear} disabled={calls.length === 0}>
          Clear
        </button>
      </div>
      {shown.length === 0 ? (
        <p>{calls.length === 0 ? 'No calls yet.' : 'All calls succeeded.'}</p>
      ) : (
        <ol aria-label="Calls, newest first">
          {shown.map((call) => (
            <Call key={call.id} call={call} />
          ))}
        </ol>
      )}
    </div>
  )
}

function Call({ call }: { call: DevtoolsCall }): ReactElement {
  const { method, url, attempts, notes, explanation } = call
  const networkMs = attempts.reduce((total, { durationMs = 0 }) => total + durationMs, 0)
  return (
    <li>
      <details open={hasFailed(call)}>
        <summary>
          <b>{method || 'Call'}</b>
          <span className="iamfetch-path">{pathOf(url)}</span>
          <span className={hasFailed(call) ? 'iamfetch-failed' : 'iamfetch-result'}>
            {resultOf(call)}
          </span>
        </summary>
        <dl>
          <Row name="Host">{hostOf(url) || 'nothing was sent'}</Row>
          <Row name="Total">{milliseconds(call.durationMs)}</Row>
          <Row name="Exchange">{milliseconds(call.exchangeMs)}</Row>
          <Row name="Signing">{milliseconds(call.signMs)}</Row>
          <Row name="Network">{milliseconds(networkMs)}</Row>
          <Row name="Attempts">
            {attempts.map(({ status }) => status ?? 'no response').join(', ') || 'none'}
          </Row>
        </dl>
        {notes.length > 0 && (
          <ul>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        {explanation && (
          <div className="iamfetch-explanation">
            <p>{explanation.message}</p>
            {[explanation.remedy].flat().map((line) => (
              <p key={line}>{line}</p>
            ))}
            <p>
              <small>Responsible: {explanation.responsible}</small>
            </p>
          </div>
        )}
      </details>
    </li>
  )
}

const hasFailed = ({ code, status = 0 }: DevtoolsCall): boolean =>
  code !== undefined || status >= 400

function resultOf({ durationMs, status, code }: DevtoolsCall): string {
  if (durationMs === undefined) return 'under way'
  return code ?? String(status)
}

const pathOf = (url: string): string => (url ? new URL(url).pathname : '')
const hostOf = (url: string): string => (url ? new URL(url).host : '')

function milliseconds(value: number | undefined): string {
  if (value === undefined) return 'not known'
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}

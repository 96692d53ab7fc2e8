'use client'

import type { CognitoCredentials } from '@iamfetch/cognito'
import { useEffect, useState, type ReactElement } from 'react'
import type { LocalControls, LocalFault } from '../../devtools/local-controls.ts'

const FAULTS: readonly (readonly [LocalFault, string])[] = [
  ['throttle', 'too many requests'],
  ['fail', 'error 500'],
  ['slow', 'slow response'],
  ['drop', 'closed connection'],
  ['garbage', 'unreadable response'],
]
const MINUTE_MS = 60_000

/** Buttons that inject failures into the local stack. */
export function Controls({
  controls,
  credentials,
}: {
  controls: LocalControls
  credentials: CognitoCredentials
}): ReactElement {
  const [operations, setOperations] = useState<readonly string[]>([])
  const [outcome, setOutcome] = useState('')

  useEffect(() => {
    let isCurrent = true
    controls.operations().then(
      (names) => isCurrent && setOperations(names),
      (error: unknown) => isCurrent && setOutcome(messageOf(error)),
    )
    return () => void (isCurrent = false)
  }, [controls])

  const give: GiveOrder = (order, done) => {
    order().then(
      () => setOutcome(done),
      (error: unknown) => setOutcome(messageOf(error)),
    )
  }
  const expire = async (): Promise<void> => {
    const { accessKeyId } = await credentials()
    await controls.expireSession(accessKeyId)
  }
  return (
    <div className="iamfetch-card">
      <h2>Local stack</h2>
      <div className="iamfetch-actions">
        <button type="button" onClick={() => give(expire, 'The session has expired.')}>
          Expire the session
        </button>
        {[-10, 10].map((minutes) => (
          <button
            key={minutes}
            type="button"
            onClick={() =>
              give(
                () => controls.shiftClock(minutes * MINUTE_MS),
                `The clock of the local stack was moved by ${minutes} minutes.`,
              )
            }
          >
            Clock {minutes > 0 ? '+' : '−'}
            {Math.abs(minutes)} min
          </button>
        ))}
      </div>
      <FailNext controls={controls} operations={operations} onOrder={give} />
      <p role="status">{outcome}</p>
    </div>
  )
}

/** Sends an order to the local stack, and shows a text when it was carried out. */
type GiveOrder = (order: () => Promise<void>, done: string) => void

/** Lets the next call of an operation fail. */
function FailNext({
  controls,
  operations,
  onOrder,
}: {
  controls: LocalControls
  operations: readonly string[]
  onOrder: GiveOrder
}): ReactElement {
  const [operation, setOperation] = useState('')
  const [fault, setFault] = useState<LocalFault>('fail')
  const chosen = operation || operations[0] || ''
  return (
    <div className="iamfetch-actions">
      <label>
        Next call of
        <select value={chosen} onChange={({ target }) => setOperation(target.value)}>
          {operations.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        fails with
        <select
          value={fault}
          onChange={({ target }) => setFault(FAULTS[target.selectedIndex]?.[0] ?? 'fail')}
        >
          {FAULTS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        disabled={!chosen}
        onClick={() =>
          onOrder(() => controls.failNext(chosen, fault), `The next call of ${chosen} will fail.`)
        }
      >
        Let it fail
      </button>
    </div>
  )
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'Failed.')

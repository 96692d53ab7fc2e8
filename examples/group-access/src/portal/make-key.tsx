import { useRef } from 'react'
import { useAction } from './action.ts'
import type { Fresh, KeysApi } from './keys-api.ts'
import { ProblemNote } from './problem.tsx'
import { textAnswer } from './text-answer.ts'

const DAY = 86_400
const LIVES = [
  ['in 1 day', DAY],
  ['in 30 days', 30 * DAY],
  ['in 90 days', 90 * DAY],
  ['never', 0],
] as const
const SCOPES = [
  ['notes/read', 'read your notes'],
  ['notes/write', 'add to your notes'],
] as const

/** The form for a new key. A key cannot do what its user may not do. */
export function MakeKey({
  api,
  held,
  onMade,
}: {
  api: KeysApi
  held: readonly string[] | undefined
  onMade: (fresh: Fresh) => void
}) {
  const { busy, problem, run } = useAction()
  // Sent along until an answer came or something else is asked for, so that a repetition makes no second key.
  const once = useRef<string>(undefined)
  return (
    <form
      className="card make-key"
      aria-labelledby="make-key"
      aria-busy={busy}
      onChange={() => (once.current = undefined)}
      onSubmit={(event) => {
        event.preventDefault()
        const form = event.currentTarget
        const answers = new FormData(form)
        const seconds = Number(answers.get('life'))
        void run(async () => {
          const scopes = answers.getAll('scope').map(String)
          if (scopes.length === 0) {
            throw Object.assign(new Error('A key needs at least one scope.'), {
              remedy: 'Choose a scope.',
            })
          }
          once.current ??= crypto.randomUUID()
          const wanted = {
            label: textAnswer(answers, 'label'),
            scopes,
            ...(seconds > 0 && { expiresInSeconds: seconds }),
          }
          const made = await api.make(wanted, once.current)
          once.current = undefined
          form.reset()
          onMade(made)
        })
      }}
    >
      <h2 id="make-key">Create a key</h2>
      <label>
        Label
        <input
          name="label"
          required
          maxLength={100}
          pattern=".*\S.*"
          title="A name to recognise it by"
          placeholder="nightly export"
          autoComplete="off"
          dir="auto"
        />
      </label>
      <fieldset>
        <legend>Scopes</legend>
        {SCOPES.map(([scope, meaning], index) => {
          const yours = held?.includes(scope) ?? false
          return (
            <label key={scope} className="check">
              <input
                type="checkbox"
                name="scope"
                value={scope}
                disabled={!yours}
                defaultChecked={index === 0}
              />
              <span>
                {meaning} <code>{scope}</code>
                {held && !yours && <small>Your group does not have this scope.</small>}
              </span>
            </label>
          )
        })}
      </fieldset>
      <label>
        Expires
        <select name="life" defaultValue={30 * DAY}>
          {LIVES.map(([text, seconds]) => (
            <option key={text} value={seconds}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <ProblemNote problem={problem} />
      <button className="primary" disabled={busy || !held}>
        {busy ? 'Creating …' : 'Create key'}
      </button>
    </form>
  )
}

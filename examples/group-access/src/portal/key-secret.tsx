import { useEffect, useRef, useState } from 'react'
import { problemOf, type Problem } from './action.ts'
import type { Fresh, KeysApi } from './keys-api.ts'
import { ProblemNote } from './problem.tsx'
import { UseKey } from './use-key.tsx'

/** The one time that a secret is seen: once it is copied or hidden, it is gone. */
export function KeySecret({
  api,
  fresh: { key, secret },
  say,
  onDone,
}: {
  api: KeysApi
  fresh: Fresh
  say: (sentence: string) => void
  onDone: () => void
}) {
  const [gone, setGone] = useState(secret ? '' : LOST)
  const [problem, setProblem] = useState<Problem>()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const end = (sentence: string): void => {
    secret?.forget()
    setGone(sentence)
    setProblem(undefined)
    say(sentence)
    heading.current?.focus()
  }
  const copy = async (): Promise<void> => {
    try {
      await secret?.copy()
      end(COPIED)
    } catch (error) {
      setProblem({
        message: 'The browser did not allow copying.',
        remedy: `Select the text and copy it yourself. (${problemOf(error).message})`,
      })
    }
  }
  return (
    <section className="card key-secret" aria-labelledby="key-secret">
      <h2 id="key-secret" ref={heading} tabIndex={-1}>
        {gone ? 'The key ' : 'Copy the secret of '}
        <bdi>“{key.label}”</bdi>
        {!gone && ' now'}
      </h2>
      {gone ? (
        <p>{gone}</p>
      ) : (
        <>
          <p>It is shown once. It is not stored, so it cannot be shown again.</p>
          <code
            className="secret"
            data-testid="secret"
            ref={(element) => {
              if (element) secret?.show(element)
            }}
          />
          <ProblemNote problem={problem} />
          <div className="secret-buttons">
            <button type="button" className="primary" onClick={() => void copy()}>
              Copy the secret
            </button>
            <button type="button" onClick={() => end(HIDDEN)}>
              I have it, hide it
            </button>
          </div>
        </>
      )}
      <UseKey api={api} used={key} say={say} />
      {gone && (
        <button type="button" onClick={onDone}>
          Close
        </button>
      )}
    </section>
  )
}

const COPIED =
  'The secret is in your clipboard and no longer on this page. If you lose it, rotate the key.'
const HIDDEN = 'The secret is no longer on this page. If you lost it, rotate the key.'
const LOST =
  'The key was created, but the response with its secret did not arrive. Rotate it for a new secret.'

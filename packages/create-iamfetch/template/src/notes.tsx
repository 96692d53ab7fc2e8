import { useIamFetch, useRoles } from 'iamfetch/react'
import { describeRefusal } from 'iamfetch'
import { useCallback, useEffect, useState, type FormEvent } from 'react'

/** What went wrong: a sentence for the user, and the developer's explanation. */
interface Problem {
  text: string
  details?: string
}

interface Note {
  text: string
  by: string
}

export function Notes({ username }: { username: string }) {
  const iamFetch = useIamFetch()
  const { groups, current } = useRoles()
  const [notes, setNotes] = useState<Note[]>()
  const [problem, setProblem] = useState<Problem>()

  /** Calls the API. @returns The response, or why there is none. */
  const call = useCallback(
    async (init?: RequestInit): Promise<Response | Problem> => {
      try {
        const response = await iamFetch('/notes', init)
        if (response.ok) return response
        const { userMessage, message } = await describeRefusal(response)
        return { text: userMessage, details: message }
      } catch (error) {
        const details = error instanceof Error ? error.message : String(error)
        return { text: 'This did not work.', details }
      }
    },
    [iamFetch],
  )

  const load = useCallback(async (): Promise<void> => {
    const answer = await call()
    if (!(answer instanceof Response)) return setProblem(answer)
    setNotes((await answer.json()) as Note[])
    setProblem(undefined)
  }, [call])

  useEffect(() => void load(), [load])

  const add = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget
    const text = new FormData(form).get('text')
    const answer = await call({ method: 'POST', body: JSON.stringify({ text }) })
    if (!(answer instanceof Response)) return setProblem(answer)
    form.reset()
    await load()
  }

  return (
    <>
      <p className="hint">
        {username}, in {groups.join(', ') || 'no group'}
        {current && `, as ${current.split('/').at(-1)}`}
      </p>
      <ul aria-label="Notes">
        {notes?.map(({ text, by }, index) => (
          <li key={index}>
            <span>{text}</span> <small>{by}</small>
          </li>
        ))}
      </ul>
      <form onSubmit={(event) => void add(event)}>
        <label>
          New note
          <input name="text" required maxLength={200} autoComplete="off" />
        </label>
        <button type="submit">Add</button>
      </form>
      {problem && (
        <div role="alert">
          <p>{problem.text}</p>
          {import.meta.env.DEV && problem.details && (
            <details>
              <summary>Details</summary>
              <p>{problem.details}</p>
            </details>
          )}
        </div>
      )}
    </>
  )
}

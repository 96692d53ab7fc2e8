import { useIamFetch, useRoles } from 'iamfetch/react'
import { describeRefusal } from 'iamfetch'
import { useCallback, useEffect, useState, type FormEvent } from 'react'

interface Note {
  text: string
  by: string
}

export function Notes({ username }: { username: string }) {
  const iamFetch = useIamFetch()
  const { groups, current } = useRoles()
  const [notes, setNotes] = useState<Note[]>()
  const [problem, setProblem] = useState('')

  /** Calls the API. @returns The answer, or in words why there is none. */
  const call = useCallback(
    async (init?: RequestInit): Promise<Response | string> => {
      try {
        const response = await iamFetch('/notes', init)
        if (response.ok) return response
        const refused = response.status === 401 || response.status === 403
        return refused
          ? (await describeRefusal(response)).message
          : `It answered ${response.status}.`
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
    [iamFetch],
  )

  const load = useCallback(async (): Promise<void> => {
    const answer = await call()
    if (typeof answer === 'string') return setProblem(answer)
    setNotes((await answer.json()) as Note[])
    setProblem('')
  }, [call])

  useEffect(() => void load(), [load])

  const add = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget
    const text = new FormData(form).get('text')
    const answer = await call({ method: 'POST', body: JSON.stringify({ text }) })
    if (typeof answer === 'string') return setProblem(answer)
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
      {problem && <p role="alert">{problem}</p>}
    </>
  )
}

import { useState } from 'react'

/** What went wrong, and what to do about it. */
export interface Problem {
  message: string
  remedy: string
}

/** Runs something that may fail, once at a time. */
export interface Action {
  readonly busy: boolean
  readonly problem: Problem | undefined
  readonly run: (work: () => Promise<void>) => Promise<void>
}

/** An action with its state. */
export function useAction(): Action {
  const [state, setState] = useState<{ busy: boolean; problem?: Problem }>({ busy: false })
  return {
    busy: state.busy,
    problem: state.problem,
    async run(work) {
      if (state.busy) return
      setState({ busy: true })
      try {
        await work()
        setState({ busy: false })
      } catch (error) {
        setState({ busy: false, problem: problemOf(error) })
      }
    },
  }
}

/** An error in words for a person. */
export function problemOf(error: unknown): Problem {
  const { code, message, remedy }: Partial<Record<string, unknown>> = Object(error)
  if (code === 'OFFLINE') {
    return { message: 'This device is offline.', remedy: 'Repeat it when it is online again.' }
  }
  return {
    message: typeof message === 'string' && message ? message : 'That did not work.',
    remedy: typeof remedy === 'string' ? remedy : '',
  }
}

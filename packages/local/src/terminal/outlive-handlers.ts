import { currentHandler } from '../api-gateway/handler-context.ts'
import { logError, printable } from '../http/printable.ts'

const EVENTS = ['uncaughtException', 'unhandledRejection'] as const

/** How many stacks of this process rely on it. */
let stacks = 0

/**
 * Keeps this process alive when a handler throws after its response: a function on AWS that does so ends nothing but itself. The
 * error is logged. An error outside of handlers ends the process, unless something else listens for it.
 *
 * @returns Takes that back.
 */
export function outliveHandlers(): () => void {
  stacks += 1
  if (stacks === 1) for (const event of EVENTS) process.on(event, LISTENERS[event])
  return () => {
    stacks -= 1
    if (stacks === 0) for (const event of EVENTS) process.off(event, LISTENERS[event])
  }
}

const listenerOf =
  (event: (typeof EVENTS)[number]) =>
  (error: unknown): void => {
    const name = currentHandler()
    if (name !== undefined) {
      console.error(`The handler ${printable(name)} threw after its response.`)
      logError(error)
      // Node ends a process only if nothing listens, and this listener is not for errors outside of handlers.
    } else if (process.listenerCount(event) === 1) throw error
  }

const LISTENERS = {
  uncaughtException: listenerOf('uncaughtException'),
  unhandledRejection: listenerOf('unhandledRejection'),
}

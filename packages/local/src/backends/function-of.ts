import type { HandlerSource, LocalHandler } from '../definition/backend.ts'

/** Returns the handler of a definition whose handlers were connected when the stack started. */
export function functionOf(handler: HandlerSource | undefined): LocalHandler {
  if (typeof handler === 'function') return handler
  throw new TypeError('The handler is not connected: it is a file or an address.')
}

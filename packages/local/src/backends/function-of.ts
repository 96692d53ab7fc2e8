import type { HandlerSource, LocalHandler, StreamedHandler } from '../definition/backend.ts'

/** Returns the handler of a definition whose handlers were connected when the stack started. */
export function functionOf(handler: HandlerSource | StreamedHandler | undefined): LocalHandler {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a streamed handler receives a stream from `invokeStreamed`
  if (typeof handler === 'function') return handler as LocalHandler
  throw new TypeError('The handler is not connected: it is a file or an address.')
}

/** Returns the streamed handler of a definition whose handlers were connected when the stack started. */
export function streamedFunctionOf(handler: HandlerSource | StreamedHandler): StreamedHandler {
  if (typeof handler === 'function') return handler
  throw new TypeError('The handler is not connected: it is a file.')
}

import type { LocalContext, StreamedHandler } from '../definition/backend.ts'
import type { Clock } from '../faults/faults.ts'
import { writesToStream } from '../lambda-runtime/awslambda.ts'
import { ResponseStream } from '../lambda-runtime/response-stream.ts'
import { refused, type Result } from '../result.ts'
import { runHandler } from './handler-context.ts'
import type { HandlerResult } from './handler-result.ts'
import type { Refusal } from './refusal.ts'
import { readStreamedResult } from './streamed-result.ts'
import { startTimeout, TIMED_OUT } from './timeout.ts'

/** How long a streamed response may take, and how long a function may run. */
export const LONGEST_FUNCTION_MS = 900_000

/** The arguments of a streamed handler. */
export interface StreamedCall {
  /** The route or the function, for reasons. */
  key: string
  handler: StreamedHandler
  event: unknown
  context: LocalContext
  /** Whether the handler has to send status and headers, which a REST API needs. */
  needsMetadata: boolean
}

/**
 * Calls a handler that writes to a stream.
 *
 * @returns Its status and headers as soon as they are there; the body follows. What the handler throws later, and the end of the
 *   time, cut the connection.
 * @see [AWS: response streaming of REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html)
 */
export async function invokeStreamed(
  { clock, log }: { clock: Clock; log: (error: unknown) => void },
  { key, handler, event, context, needsMetadata }: StreamedCall,
): Promise<Result<HandlerResult, Refusal>> {
  if (!writesToStream(handler)) {
    return failed(`the handler of ${key} does not stream: wrap it in awslambda.streamifyResponse`)
  }
  const stream = new ResponseStream()
  // The reader of the stream receives it.
  stream.on('error', () => {})
  const timeout = startTimeout(clock, LONGEST_FUNCTION_MS)
  void timeout.over.then(() => stream.destroy(new Error('The response took over 15 minutes.')))
  stream.once('close', () => timeout.end())
  const work = runHandler(context.functionName, async () => handler(event, stream, context))
  let threw: unknown
  work.then(
    () => stream.end(),
    (error: unknown) => {
      threw = error
      log(error)
      stream.destroy(error instanceof Error ? error : new Error('The handler threw no Error.'))
    },
  )
  try {
    const result = await Promise.race([readStreamedResult(stream, needsMetadata), timeout.over])
    if (result !== TIMED_OUT) return result
    return refused({ kind: 'TimedOut', reason: `the handler of ${key} took over 15 minutes` })
  } catch {
    return failed(`the handler threw ${threw instanceof Error ? String(threw) : 'no Error'}`)
  }
}

const failed = (reason: string): Result<never, Refusal> =>
  refused({ kind: 'HandlerFailed', reason })

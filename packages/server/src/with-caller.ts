import { invalidOption } from '@iamfetch/core'
import type { Caller } from './caller.ts'
import { callerGate, type GateOptions } from './gate.ts'
import { refusalAnswer, type Answer } from './refusal.ts'
import { isResponseStream, writeAnswer, type ResponseStream } from './response-stream.ts'

/**
 * Wraps a Lambda handler: it runs only for a caller who is let in, and receives the caller as its last argument.
 *
 * A streamed handler is wrapped before Lambda's own wrapper: `awslambda.streamifyResponse(withCaller(handler, options))`.
 *
 * Every other caller gets the response that the gateway would have given: 401 if no caller is proven, 403 if the caller may
 * not call, 503 if keys could not be fetched. What the handler throws is not caught.
 *
 * @param options  See {@link GateOptions}. Without options, every caller but a guest is let in whom the gateway proved.
 * @throws {@link TypeError} at once, with the code `INVALID_OPTION`, for a wrong or an unknown option.
 * @example
 * ```ts
 * export const handler = withCaller(
 *   async (event: { rawPath: string }, context: unknown, caller) => ({
 *     statusCode: 200,
 *     body: JSON.stringify({ path: event.rawPath, subject: caller.subject }),
 *   }),
 *   {
 *     userPools: [{ userPoolId: 'eu-central-1_AbCdEfGhI', clientIds: ['1example23456789'] }],
 *     groups: ['Editors'],
 *   },
 * )
 * ```
 */
export function withCaller<Event, Context, Result>(
  handler: (event: Event, context: Context, caller: Caller) => Result | Promise<Result>,
  options?: GateOptions,
): (event: Event, context: Context) => Promise<Result | Answer>
/**
 * Wraps a streamed Lambda handler: it runs only for a caller who is let in, and receives the caller as its last argument.
 *
 * Every other caller gets the response that the gateway would have given, written to the stream.
 *
 * @param options  As above.
 * @throws {@link TypeError} at once, with the code `INVALID_OPTION`, for a wrong or an unknown option.
 * @example
 * ```ts
 * export const handler = awslambda.streamifyResponse(
 *   withCaller(async (event: unknown, stream: awslambda.HttpResponseStream, context: unknown, caller: Caller) => {
 *     const response = awslambda.HttpResponseStream.from(stream, { statusCode: 200 })
 *     response.write(`Hello ${caller.subject}`)
 *     response.end()
 *   }),
 * )
 * ```
 */
export function withCaller<Event, Stream extends ResponseStream, Context>(
  handler: (event: Event, stream: Stream, context: Context, caller: Caller) => void | Promise<void>,
  options?: GateOptions,
): (event: Event, stream: Stream, context: Context) => Promise<void>
export function withCaller(
  handler: (...given: never[]) => unknown,
  options: GateOptions = {},
): (...given: never[]) => Promise<unknown> {
  if (typeof handler !== 'function') {
    throw invalidOption('withCaller', 'the handler must be a function', handler)
  }
  const admit = callerGate(options, 'withCaller')
  const { scopes, refusalHeaders } = options
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the overloads say what each kind of handler receives
  const call = handler as (...given: unknown[]) => unknown
  // Two parameters: Lambda refuses a handler that declares a third, which used to be a callback.
  return async (event: unknown, second: unknown, ...rest: unknown[]) => {
    const admission = await admit(event)
    const stream = isResponseStream(second) ? second : undefined
    if ('refused' in admission) {
      const answer = refusalAnswer(admission.refused, event, { scopes, refusalHeaders })
      return stream ? writeAnswer(stream, answer) : answer
    }
    const { caller } = admission
    return stream ? call(event, stream, rest[0], caller) : call(event, second, caller)
  }
}

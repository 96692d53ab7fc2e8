import { invalidOption } from '@iamfetch/core'
import type { Caller } from './caller.ts'
import { callerGate, type GateOptions } from './gate.ts'
import { refusalAnswer, type Answer } from './refusal.ts'

/**
 * Wraps a Lambda handler: it runs only for a caller who is let in, and receives the caller as its third argument.
 *
 * Every other caller gets the response that the gateway would have given: 401 if no caller is proven, 403 if the caller may
 * not call, 503 if keys could not be fetched. What the handler throws is not caught.
 *
 * @param options  See {@link GateOptions}. Without options, everybody but a guest is let in whom the gateway proved.
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
  options: GateOptions = {},
): (event: Event, context: Context) => Promise<Result | Answer> {
  if (typeof handler !== 'function') {
    throw invalidOption('withCaller', 'the handler must be a function', handler)
  }
  const admit = callerGate(options, 'withCaller')
  const { scopes, refusalHeaders } = options
  return async (event, context) => {
    const admission = await admit(event)
    if ('refused' in admission) {
      return refusalAnswer(admission.refused, event, { scopes, refusalHeaders })
    }
    return handler(event, context, admission.caller)
  }
}

import type { Caller } from './caller.ts'
import { callerGate, type GateOptions } from './gate.ts'
import { refusalAnswer, type Answer } from './refusal.ts'

/**
 * Wraps a Lambda handler: it runs only for a caller who is let in, and gets the caller as its third argument.
 *
 * Everybody else gets the answer that the gateway would have given: 401 where nobody is proven, 403 for
 * somebody who may not. What the handler throws is left alone.
 *
 * @param options  Without any, everybody but a guest is let in whom the gateway proved.
 * @throws {@link TypeError} at once, for options that cannot be meant.
 */
export function withCaller<Event, Context, Result>(
  handler: (event: Event, context: Context, caller: Caller) => Result | Promise<Result>,
  options: GateOptions = {},
): (event: Event, context: Context) => Promise<Result | Answer> {
  const admit = callerGate(options)
  return async (event, context) => {
    const admission = await admit(event)
    if ('refused' in admission) return refusalAnswer(admission.refused, event, options)
    return handler(event, context, admission.caller)
  }
}

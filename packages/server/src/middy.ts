import type { Caller } from './caller.ts'
import { callerGate, type GateOptions } from './gate.ts'
import { refusalAnswer } from './refusal.ts'

/** The context of a handler behind {@link requireCaller}. */
export interface CallerContext {
  caller: Caller
}

/** What middy gives to a middleware, as far as it is used here. */
export interface MiddyRequest {
  event: unknown
  /** With the caller in it once the middleware ran: so middy types it for the handler. */
  context: CallerContext
}

/** A middleware for `middy().use()`. */
export interface CallerMiddleware {
  before(request: MiddyRequest): Promise<unknown>
}

/**
 * Middleware for middy: `context.caller` is who called, and everybody else is refused before the handler.
 *
 * @param options  As for `withCaller`.
 * @throws {@link TypeError} at once, for options that cannot be meant.
 * @see [middy: middlewares](https://middy.js.org/docs/middlewares/intro)
 */
export function requireCaller(options: GateOptions = {}): CallerMiddleware {
  const admit = callerGate(options)
  return {
    async before({ event, context }) {
      const admission = await admit(event)
      // What is returned here is the answer; the handler does not run.
      if ('refused' in admission) return refusalAnswer(admission.refused, event, options)
      context.caller = admission.caller
      return undefined
    },
  }
}

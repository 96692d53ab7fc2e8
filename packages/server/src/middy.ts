import type { Caller } from './caller.ts'
import { callerGate, type GateOptions } from './gate.ts'
import { refusalAnswer } from './refusal.ts'

/** The context of a handler behind {@link requireCaller}. */
export interface CallerContext {
  caller: Caller
}

/** What middy passes to a middleware, as far as it is used here. */
export interface MiddyRequest {
  event: unknown
  /** Contains the caller once the middleware ran; middy types it so for the handler. */
  context: CallerContext
}

/** A middleware for `middy().use()`. */
export interface CallerMiddleware {
  before(request: MiddyRequest): Promise<unknown>
}

/**
 * Middleware for middy: `context.caller` is who called, and every other caller is refused before the handler.
 *
 * @param options  As for `withCaller`.
 * @throws {@link TypeError} at once, with the code `INVALID_OPTION`, for a wrong or an unknown option.
 * @see [middy: middlewares](https://middy.js.org/docs/middlewares/intro)
 * @example
 * ```ts
 * export const handler = middy()
 *   .use(requireCaller({ userPools, groups: ['Editors'] }))
 *   .handler(async (event, context) => ({ statusCode: 200, body: context.caller.subject }))
 * ```
 */
export function requireCaller(options: GateOptions = {}): CallerMiddleware {
  const admit = callerGate(options, 'requireCaller')
  const { scopes, refusalHeaders } = options
  return {
    async before({ event, context }) {
      const admission = await admit(event)
      // What is returned here is the response; the handler does not run.
      if ('refused' in admission) {
        return refusalAnswer(admission.refused, event, { scopes, refusalHeaders })
      }
      context.caller = admission.caller
      return undefined
    },
  }
}

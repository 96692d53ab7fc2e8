import type { Caller } from './caller.ts'
import { callerGate, type GateOptions } from './gate.ts'
import { refusalResponse } from './refusal.ts'

/** What the router of Powertools passes to a middleware, as far as it is used here. */
export interface PowertoolsRequest {
  reqCtx: { event: unknown; set(key: 'caller', caller: Caller): void }
  next: () => Promise<unknown>
}

/** The store of a router whose routes are behind {@link requireCaller}: `new Router<CallerStore>()`. */
export interface CallerStore {
  store: { request: { caller: Caller }; shared: Record<string, unknown> }
}

/**
 * Middleware for the HTTP router of Powertools for AWS Lambda: `reqCtx.get('caller')` is who called, and every other caller is
 * refused before the route's handler.
 *
 * @param options  As for `withCaller`.
 * @throws {@link TypeError} at once, with the code `INVALID_OPTION`, for a wrong or an unknown option.
 * @see [Powertools: HTTP event handler](https://docs.aws.amazon.com/powertools/typescript/latest/features/event-handler/http/)
 * @example
 * ```ts
 * const app = new Router<CallerStore>()
 * app.use(requireCaller({ userPools, groups: ['Editors'] }))
 * app.get('/me', ({ get }) => ({ subject: get('caller')?.subject }))
 * ```
 */
export function requireCaller(
  options: GateOptions = {},
): (request: PowertoolsRequest) => Promise<Response | undefined> {
  const admit = callerGate(options, 'requireCaller')
  const { scopes, refusalHeaders } = options
  return async ({ reqCtx, next }) => {
    const { event } = reqCtx
    const admission = await admit(event)
    if ('refused' in admission) {
      const response = refusalResponse(admission.refused, event, { scopes, refusalHeaders })
      return new Response(response.body, response)
    }
    reqCtx.set('caller', admission.caller)
    await next()
    return undefined
  }
}

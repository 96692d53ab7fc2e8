import type { Caller } from './caller.ts'
import { callerGate, type GateOptions } from './gate.ts'
import { refusalResponse } from './refusal.ts'

/** What the router of Powertools gives to a middleware, as far as it is used here. */
export interface PowertoolsRequest {
  reqCtx: { event: unknown; set(key: 'caller', caller: Caller): void }
  next: () => Promise<unknown>
}

/** The store of a router whose routes stand behind {@link requireCaller}: `new Router<CallerStore>()`. */
export interface CallerStore {
  store: { request: { caller: Caller }; shared: Record<string, unknown> }
}

/**
 * Middleware for the HTTP router of Powertools for AWS Lambda: `reqCtx.get('caller')` is who called, and
 * everybody else is refused before the route's handler.
 *
 * @param options  As for `withCaller`.
 * @throws {@link TypeError} at once, for options that cannot be meant.
 * @see [Powertools: HTTP event handler](https://docs.aws.amazon.com/powertools/typescript/latest/features/event-handler/http/)
 */
export function requireCaller(
  options: GateOptions = {},
): (request: PowertoolsRequest) => Promise<Response | undefined> {
  const admit = callerGate(options)
  return async ({ reqCtx, next }) => {
    const { event } = reqCtx
    const admission = await admit(event)
    if ('refused' in admission) {
      const { status, headers, body } = refusalResponse(admission.refused, event, options)
      return new Response(body, { status, headers })
    }
    reqCtx.set('caller', admission.caller)
    await next()
    return undefined
  }
}

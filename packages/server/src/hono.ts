import type { MiddlewareHandler } from 'hono'
import type { Caller } from './caller.ts'
import { callerGate, type GateOptions } from './gate.ts'
import { own } from './own.ts'
import { refusalResponse } from './refusal.ts'

/** What a hono app whose routes stand behind {@link requireCaller} is made with: `new Hono<CallerEnv>()`. */
export interface CallerEnv {
  Variables: { caller: Caller }
}

/**
 * Middleware for hono: `c.get('caller')` is who called, and everybody else is refused.
 *
 * In Lambda it reads the event that hono's adapter puts into `c.env`. Elsewhere, as behind a load balancer,
 * it reads the request's headers, and a token in them is verified here.
 *
 * @param options  As for `withCaller`.
 * @throws {@link TypeError} at once, for options that cannot be meant.
 * @see [hono: AWS Lambda](https://hono.dev/docs/getting-started/aws-lambda)
 */
export function requireCaller(options: GateOptions = {}): MiddlewareHandler<CallerEnv> {
  const admit = callerGate(options)
  return async (c, next) => {
    const event = own(c.env, 'event') ?? { headers: c.req.header() }
    const admission = await admit(event)
    if ('refused' in admission) {
      const { status, headers, body } = refusalResponse(admission.refused, event, options)
      return new Response(body, { status, headers })
    }
    c.set('caller', admission.caller)
    return next()
  }
}

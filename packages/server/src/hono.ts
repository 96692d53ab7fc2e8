import type { MiddlewareHandler } from 'hono'
import type { Caller } from './caller.ts'
import { callerGate, type GateOptions } from './gate.ts'
import { ownValue } from './own-property.ts'
import { refusalResponse } from './refusal.ts'

/** The environment of a hono app whose routes are behind {@link requireCaller}: `new Hono<CallerEnv>()`. */
export interface CallerEnv {
  Variables: { caller: Caller }
}

/**
 * Middleware for hono: `c.get('caller')` is who called, and every other caller is refused.
 *
 * In Lambda it reads the event that hono's adapter puts into `c.env`. Elsewhere, for example behind a load balancer, it reads
 * the request's headers, and a token in them is verified here.
 *
 * @param options  As for `withCaller`.
 * @throws {@link TypeError} at once, with the code `INVALID_OPTION`, for a wrong or an unknown option.
 * @see [hono: AWS Lambda](https://hono.dev/docs/getting-started/aws-lambda)
 * @example
 * ```ts
 * const app = new Hono<CallerEnv>()
 * app.use(requireCaller({ userPools, groups: ['Editors'] }))
 * app.get('/me', (c) => c.json({ subject: c.get('caller').subject }))
 * ```
 */
export function requireCaller(options: GateOptions = {}): MiddlewareHandler<CallerEnv> {
  const admit = callerGate(options, 'requireCaller')
  const { scopes, refusalHeaders } = options
  return async (c, next) => {
    const event = ownValue(c.env, 'event') ?? c.req.raw
    const admission = await admit(event)
    if ('refused' in admission) {
      const response = refusalResponse(admission.refused, event, { scopes, refusalHeaders })
      return new Response(response.body, response)
    }
    c.set('caller', admission.caller)
    return next()
  }
}

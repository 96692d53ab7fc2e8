import type { ApiKeyDefinition, UsagePlanDefinition } from '../definition/api.ts'
import type { Clock } from '../faults/faults.ts'
import { DIGITS, drawText, LOWER, UPPER, type Random } from '../random.ts'
import { accepted, refused, type Result } from '../result.ts'
import type { Refusal } from './refusal.ts'

/** An API key, as it was given to a customer. */
export interface GivenApiKey {
  id: string
  /** What a client sends as `x-api-key`. */
  value: string
}

/** The usage plans and API keys of a stack. */
export interface UsagePlans {
  /** By name. */
  readonly given: Readonly<Record<string, GivenApiKey>>
  /** Counts a call of an API with a key. @returns The key, or why it is refused. */
  count(api: string, value: string | undefined): Result<GivenApiKey, Refusal>
}

/**
 * Creates the API keys of a stack and counts their calls. A refused call counts neither for the quota nor for the throttle.
 *
 * @param known  Those of an earlier stack.
 * @see [AWS: usage plans](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html)
 */
export function createUsagePlans(
  {
    usagePlans = {},
    apiKeys = {},
  }: {
    usagePlans?: Readonly<Record<string, UsagePlanDefinition>> | undefined
    apiKeys?: Readonly<Record<string, ApiKeyDefinition>> | undefined
  },
  clock: Clock,
  random: Random,
  known: Readonly<Record<string, GivenApiKey>> = {},
): UsagePlans {
  const byValue = new Map<string, Customer>()
  const given = Object.entries(apiKeys).map(([name, { value, usagePlan }]) => {
    const before = known[name]
    const key: GivenApiKey = {
      id: before?.id ?? drawText(random, LOWER + DIGITS, 10),
      value: value ?? before?.value ?? drawText(random, LOWER + UPPER + DIGITS, 40),
    }
    const plan = usagePlans[usagePlan] ?? { apis: [] }
    byValue.set(key.value, { name, key, plan, planName: usagePlan, ...freshUsage(plan, clock) })
    return [name, key] as const
  })
  return {
    given: Object.fromEntries(given),
    count(api, value) {
      if (value === undefined || value === '') return refuseKey('the request has no API key')
      const customer = byValue.get(value)
      if (!customer) return refuseKey('the API key is not one of the definition')
      const { name, key, plan, planName } = customer
      if (!plan.apis.includes(api)) {
        return refuseKey(`the usage plan ${planName} of the API key ${name} does not have this API`)
      }
      const refusal = limit(customer, clock.now())
      return refusal ? refused(refusal) : accepted(key)
    },
  }
}

const refuseKey = (reason: string): Result<never, Refusal> =>
  refused({ kind: 'ApiKeyRefused', reason })

/** A key and what was used of its plan. */
interface Customer {
  name: string
  key: GivenApiKey
  plan: UsagePlanDefinition
  planName: string
  /** The calls that may still be made at once. */
  tokens: number
  /** When `tokens` was right. */
  at: number
  /** When the quota begins again. */
  periodEnd: number
  used: number
}

const freshUsage = ({ throttle }: UsagePlanDefinition, clock: Clock) => ({
  tokens: throttle?.burstLimit ?? 0,
  at: clock.now(),
  periodEnd: 0,
  used: 0,
})

/** @returns Why the call is one too many. Otherwise it is counted. */
function limit(customer: Customer, now: number): Refusal | undefined {
  const { name, planName, plan } = customer
  const { throttle, quota } = plan
  if (quota && now >= customer.periodEnd) {
    customer.periodEnd = endOfPeriod(quota.period, now)
    customer.used = 0
  }
  if (throttle) {
    const refilled = ((now - customer.at) / 1_000) * throttle.rateLimit
    customer.tokens = Math.min(throttle.burstLimit, customer.tokens + Math.max(0, refilled))
    customer.at = now
    if (customer.tokens < 1) {
      const reason = `the API key ${name} made more calls than the throttle of the usage plan ${planName} allows`
      return { kind: 'Throttled', reason }
    }
  }
  if (quota && customer.used >= quota.limit) {
    const until = new Date(customer.periodEnd).toISOString()
    const reason = `the API key ${name} has used the quota of the usage plan ${planName} until ${until}`
    return { kind: 'QuotaExceeded', reason }
  }
  customer.tokens -= 1
  customer.used += 1
  return undefined
}

/** Midnight UTC, of the next Sunday for a week (unverified), of the first of the next month for a month. */
function endOfPeriod(period: 'DAY' | 'WEEK' | 'MONTH', now: number): number {
  const date = new Date(now)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  if (period === 'MONTH') return Date.UTC(year, month + 1, 1)
  return Date.UTC(year, month, day + (period === 'DAY' ? 1 : 7 - date.getUTCDay()))
}

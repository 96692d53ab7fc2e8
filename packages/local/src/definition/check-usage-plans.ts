import { show } from '../invalid-option.ts'
import { fail, isText, objectAt, onlyKeys, textsAt } from './place.ts'

/**
 * Checks the `usagePlans` and `apiKeys` of a definition.
 *
 * @param restApis  The names of the REST APIs.
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkUsagePlans(plans: unknown, keys: unknown, restApis: readonly string[]): void {
  const planNames = membersOf(plans, 'usagePlans').map(([name, plan]) => {
    checkPlan(plan, `usagePlans.${name}`, restApis)
    return name
  })
  const values = new Map<unknown, string>()
  for (const [name, value] of membersOf(keys, 'apiKeys')) {
    const path = `apiKeys.${name}`
    const key = objectAt(value, path, 'an API key: { usagePlan }')
    onlyKeys(key, path, ['usagePlan', 'value'])
    if (typeof key['usagePlan'] !== 'string' || !planNames.includes(key['usagePlan'])) {
      const known = planNames.join(', ') || '(none is defined)'
      fail(
        `${path}.usagePlan`,
        `must be one of usagePlans, ${known}, got ${show(key['usagePlan'])}`,
      )
    }
    if (key['value'] === undefined) continue
    // A key does not belong in a message.
    if (!isText(key['value'], /^[\x21-\x7E]{20,128}$/)) {
      fail(`${path}.value`, 'must have 20 to 128 characters without spaces')
    }
    const other = values.get(key['value'])
    if (other !== undefined) fail(`${path}.value`, `must differ from "${other}.value"`)
    values.set(key['value'], path)
  }
}

function checkPlan(value: unknown, path: string, restApis: readonly string[]): void {
  const plan = objectAt(value, path, 'a usage plan: { apis }')
  onlyKeys(plan, path, ['apis', 'quota', 'throttle'])
  for (const [at, api] of textsAt(plan['apis'], `${path}.apis`)) {
    if (restApis.includes(api)) continue
    const known = restApis.join(', ') || '(none is defined)'
    fail(at, `must be a REST API of the definition, one of ${known}, got ${show(api)}`)
  }
  if (plan['quota'] !== undefined) {
    const quota = objectAt(plan['quota'], `${path}.quota`, 'an object: { limit, period }')
    onlyKeys(quota, `${path}.quota`, ['limit', 'period'])
    checkNumber(quota['limit'], `${path}.quota.limit`, 1, true)
    const { period } = quota
    if (period !== 'DAY' && period !== 'WEEK' && period !== 'MONTH') {
      fail(`${path}.quota.period`, `must be "DAY", "WEEK" or "MONTH", got ${show(period)}`)
    }
  }
  if (plan['throttle'] !== undefined) {
    const at = `${path}.throttle`
    const throttle = objectAt(plan['throttle'], at, 'an object: { rateLimit, burstLimit }')
    onlyKeys(throttle, at, ['rateLimit', 'burstLimit'])
    checkNumber(throttle['rateLimit'], `${at}.rateLimit`, 0, false)
    checkNumber(throttle['burstLimit'], `${at}.burstLimit`, 1, true)
  }
}

function checkNumber(value: unknown, path: string, from: number, whole: boolean): void {
  const isRight = typeof value === 'number' && Number.isFinite(value) && value >= from
  if (isRight && (!whole || Number.isInteger(value))) return
  const what = whole ? `a whole number from ${from}` : `a number from ${from}`
  fail(path, `must be ${what}, got ${show(value)}`)
}

const membersOf = (value: unknown, path: string): [name: string, value: unknown][] =>
  value === undefined ? [] : Object.entries(objectAt(value, path, 'an object'))

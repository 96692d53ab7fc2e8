import type { StackDefinition } from '../definition/definition.ts'
import type { ApiKeyDefinition, UsagePlanDefinition } from '../definition/api.ts'
import { idOf, refuseUnknown, resourcesOf, type Reading, type Resource } from './reading.ts'
import { isTrueIn, listIn, memberOf, textIn, unknownMember } from './values.ts'

/**
 * Reads the usage plans and API keys of REST APIs.
 *
 * @param names  The names of the APIs by their IDs.
 */
export function readUsagePlans(
  reading: Reading,
  names: ReadonlyMap<string, string>,
): Pick<StackDefinition, 'usagePlans' | 'apiKeys'> {
  const plans = resourcesOf(reading, 'AWS::ApiGateway::UsagePlan')
  const keys = resourcesOf(reading, 'AWS::ApiGateway::ApiKey')
  const links = resourcesOf(reading, 'AWS::ApiGateway::UsagePlanKey')
  const usagePlans: Record<string, UsagePlanDefinition> = {}
  for (const plan of plans) {
    const unknown = unknownMember(plan.properties, ['Quota', 'Throttle'])
    refuseUnknown(reading, plan.logicalId, unknown)
    const definition = planOf(plan, names)
    if (definition.apis.length > 0) usagePlans[plan.logicalId] = definition
    else reading.problems.note(plan.logicalId, 'it is for no API that is run')
  }
  const apiKeys: Record<string, ApiKeyDefinition> = {}
  for (const { properties } of links) {
    const key = keys.find((candidate) => idOf(reading, candidate) === textIn(properties, 'KeyId'))
    const plan = plans.find(
      (candidate) => idOf(reading, candidate) === textIn(properties, 'UsagePlanId'),
    )
    if (!key || !plan || !usagePlans[plan.logicalId]) continue
    // Without `Enabled`, CloudFormation creates a key that is disabled.
    if (!isTrueIn(key.properties, 'Enabled')) continue
    const value = textIn(key.properties, 'Value')
    apiKeys[key.logicalId] = { usagePlan: plan.logicalId, ...(value !== undefined && { value }) }
  }
  return {
    ...(Object.keys(usagePlans).length > 0 && { usagePlans }),
    ...(Object.keys(apiKeys).length > 0 && { apiKeys }),
  }
}

function planOf({ properties }: Resource, names: ReadonlyMap<string, string>): UsagePlanDefinition {
  const apis = listIn(properties, 'ApiStages').flatMap(
    (stage) => names.get(textIn(stage, 'ApiId') ?? '') ?? [],
  )
  const quota = memberOf(properties, 'Quota')
  const throttle = memberOf(properties, 'Throttle')
  const period = PERIODS.find((name) => name === textIn(quota, 'Period'))
  const limit = textIn(quota, 'Limit')
  const rateLimit = textIn(throttle, 'RateLimit')
  const burstLimit = textIn(throttle, 'BurstLimit')
  return {
    apis,
    ...(period && limit !== undefined && { quota: { limit: Number(limit), period } }),
    ...(rateLimit !== undefined &&
      burstLimit !== undefined && {
        throttle: { rateLimit: Number(rateLimit), burstLimit: Number(burstLimit) },
      }),
  }
}

const PERIODS = ['DAY', 'WEEK', 'MONTH'] as const

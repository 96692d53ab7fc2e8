import { invalidOption } from '@iamfetch/core'
import type { StackDefinition } from '@iamfetch/local'
import { ApiKey, Period, UsagePlan, type IApiKey, type Stage } from 'aws-cdk-lib/aws-apigateway'
import type { Construct } from 'constructs'
import { constructId } from './construct-id.ts'

/**
 * Builds the usage plans and API keys of a definition. AWS draws the value of each key.
 *
 * @param stages  The stages of the REST APIs by their names.
 * @returns The keys by name.
 * @throws `TypeError` with the code `INVALID_OPTION` for a key with a value: a template is not a place for it.
 */
export function buildUsagePlans(
  scope: Construct,
  { usagePlans = {}, apiKeys = {} }: StackDefinition,
  stages: ReadonlyMap<string, Stage>,
): Record<string, IApiKey> {
  const plans = new Map(
    Object.entries(usagePlans).map(([name, { apis, quota, throttle }]) => {
      const plan = new UsagePlan(scope, `UsagePlan-${constructId(name)}`, {
        apiStages: apis.flatMap((api) => {
          const stage = stages.get(api)
          return stage ? [{ stage, api: stage.restApi }] : []
        }),
        ...(quota && { quota: { limit: quota.limit, period: Period[quota.period] } }),
        ...(throttle && { throttle }),
      })
      return [name, plan] as const
    }),
  )
  return Object.fromEntries(
    Object.entries(apiKeys).map(([name, { value, usagePlan }]) => {
      if (value !== undefined) {
        const where = `"apiKeys.${name}.value"`
        throw invalidOption(
          'IamGuardedApi',
          `${where} must not be set: a template is not a place for a key`,
        )
      }
      const key = new ApiKey(scope, `ApiKey-${constructId(name)}`)
      plans.get(usagePlan)?.addApiKey(key)
      return [name, key]
    }),
  )
}

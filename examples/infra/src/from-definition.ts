import { invalidOption } from '@iamfetch/core'
import { checkDefinition, type StackDefinition } from '@iamfetch/local'
import { Stack } from 'aws-cdk-lib'
import { RegionInfo } from 'aws-cdk-lib/region-info'
import { buildApi, type BuiltApi } from './api.ts'
import type { BuildOptions } from './build-options.ts'
import { buildIdentityPool, type BuiltIdentityPool } from './identity-pool.ts'
import { buildUserPool, type BuiltUserPool } from './user-pool.ts'

/** What was made of a definition. */
export interface Built {
  userPool: BuiltUserPool | undefined
  identityPool: BuiltIdentityPool | undefined
  apis: Readonly<Record<string, BuiltApi>>
}

/**
 * Builds in a CDK stack what the local stack would start: the same definition, another target.
 *
 * Users are not made: a template is no place for passwords. A user pool is made where somebody can sign in or
 * a machine can get a token, an identity pool where there are groups. A role of `roles` becomes permissions of
 * the functions that `runsAs` names. `cors.onErrors` has no counterpart on an HTTP API.
 *
 * @throws TypeError for a definition that is wrong, or has something that is not built here.
 */
export function fromDefinition(
  stack: Stack,
  definition: StackDefinition,
  options: BuildOptions,
): Built {
  checkDefinition(definition)
  checkTarget(stack, definition)
  const { groups = {}, users = {}, appClients = {}, resourceServers = {}, apis = {} } = definition
  const people = [groups, users].some((one) => Object.keys(one).length > 0)
  const machines = [appClients, resourceServers].some((one) => Object.keys(one).length > 0)
  const userPool =
    people || machines
      ? buildUserPool(stack, definition, {
          withPage: people,
          rotateAfter: options.rotateAfter,
        })
      : undefined
  const builtApis = Object.fromEntries(
    Object.keys(apis).map((name) => [name, buildApi(stack, definition, name, userPool, options)]),
  )
  const apiIds = Object.fromEntries(
    Object.entries(builtApis).map(([name, { apiId }]) => [name, apiId]),
  )
  const identityPool =
    userPool?.pageClientId === undefined
      ? undefined
      : buildIdentityPool(stack, definition, {
          userPoolId: userPool.userPoolId,
          providerName: userPool.providerName,
          clientId: userPool.pageClientId,
          apiIds,
        })
  return { userPool, identityPool, apis: builtApis }
}

/** What the local stack can do and this cannot, said before anything is built. */
function checkTarget(stack: Stack, definition: StackDefinition): void {
  const { region = 'eu-central-1', identityPool = {}, apis = {} } = definition
  if (stack.region !== region) {
    throw new TypeError(
      `The definition is for ${region}, the stack ${stack.stackName} for ${stack.region}. Give the stack env: { region: '${region}' }.`,
    )
  }
  const { partition = 'aws' } = RegionInfo.get(region)
  if (partition !== 'aws') {
    // Its ARNs, its hosts and the principal of its identity pools have other names, and the last could not be checked.
    throw invalidOption(
      'fromDefinition',
      `"region" must be a region of the partition aws; this one is of ${partition}`,
      region,
    )
  }
  for (const [name, { type }] of Object.entries(apis)) {
    if (type === 'http') continue
    throw new TypeError(`apis.${name}.type is '${type}'. Only HTTP APIs are built here.`)
  }
  // https://docs.aws.amazon.com/cognito/latest/developerguide/concepts.html
  if ((identityPool.sessionSeconds ?? 3_600) !== 3_600) {
    throw new TypeError(
      'identityPool.sessionSeconds: an identity pool on AWS gives credentials for an hour. Leave it out.',
    )
  }
}

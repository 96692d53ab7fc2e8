import type { PolicyDocument } from '@iamfetch/policy'
import type { RoleDefinition } from '../definition/role.ts'
import { hasFunctionUrls } from './function-urls.ts'
import { mergePolicies, readPolicy, type PlacedPolicy } from './policies.ts'
import { idOf, resourcesOf, type Reading, type Resource } from './reading.ts'
import { memberOf, listIn, textIn, textsIn, Unresolved } from './values.ts'

/**
 * What AWS's own policies allow of what the local stack decides. Others that a role has must be given with
 * `managedPolicies`.
 *
 * @see [AWS: managed policies](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html)
 */
const OF_AWS: Readonly<Record<string, readonly string[]>> = {
  AmazonAPIGatewayInvokeFullAccess: ['execute-api:Invoke', 'execute-api:ManageConnections'],
  AdministratorAccess: ['*'],
  AWSLambdaBasicExecutionRole: [],
  'service-role/AWSLambdaBasicExecutionRole': [],
  'service-role/AWSLambdaVPCAccessExecutionRole': [],
  AWSXrayWriteOnlyAccess: [],
  AWSXRayDaemonWriteAccess: [],
  AmazonDynamoDBFullAccess: [],
  AmazonDynamoDBReadOnlyAccess: [],
  AmazonS3FullAccess: [],
  AmazonS3ReadOnlyAccess: [],
}

/** A role may do something everywhere, so that one without permissions here is a role all the same. */
const NOTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' }],
}

/** Finds the role of an ARN in the template, with all its policies. */
export function readRole(
  reading: Reading,
  arn: unknown,
  usedBy: string,
): RoleDefinition | undefined {
  const role = resourcesOf(reading, 'AWS::IAM::Role').find(
    (candidate) => typeof arn === 'string' && arn.endsWith(`:role/${idOf(reading, candidate)}`),
  )
  if (!role) {
    const shown = typeof arn === 'string' ? arn : 'not known here'
    reading.problems.refuse(usedBy, `its role is ${shown}, which is not a role of the template`)
    return undefined
  }
  const { logicalId, properties } = role
  const { problems } = reading
  if (properties['PermissionsBoundary'] !== undefined) {
    problems.refuse(
      logicalId,
      'it has a PermissionsBoundary, which the local stack does not evaluate',
    )
  }
  const what = 'the trust policy'
  const document = properties['AssumeRolePolicyDocument']
  const trust = readPolicy({ logicalId, what, document }, 'trust', problems)
  return {
    roleName: idOf(reading, role),
    policy:
      mergePolicies(policiesOf(reading, role), {
        problems,
        decidesFunctions: hasFunctionUrls(reading),
      }) ?? NOTHING,
    ...(trust && { trust }),
  }
}

function policiesOf(reading: Reading, role: Resource): PlacedPolicy[] {
  const { logicalId, properties } = role
  const name = idOf(reading, role)
  const inline = listIn(properties, 'Policies').map((policy) => ({
    logicalId,
    what: `the policy "${textIn(policy, 'PolicyName') ?? '?'}"`,
    document: policy instanceof Unresolved ? policy : memberOf(policy, 'PolicyDocument'),
  }))
  const attached = resourcesOf(
    reading,
    'AWS::IAM::Policy',
    'AWS::IAM::RolePolicy',
    'AWS::IAM::ManagedPolicy',
  )
    .filter((policy) => {
      const roles = [
        ...textsIn(policy.properties, 'Roles'),
        ...textsIn(policy.properties, 'RoleName'),
      ]
      const arns = textsIn(properties, 'ManagedPolicyArns')
      return roles.includes(name) || arns.includes(idOf(reading, policy))
    })
    .map((policy) => ({
      logicalId: policy.logicalId,
      what: 'the policy',
      document: policy.properties['PolicyDocument'],
    }))
  return [...inline, ...attached, ...managedElsewhere(reading, role)]
}

/** Policies that the template names by ARN and does not have. */
function managedElsewhere(reading: Reading, { logicalId, properties }: Resource): PlacedPolicy[] {
  const managedPolicies = resourcesOf(reading, 'AWS::IAM::ManagedPolicy').map((resource) =>
    idOf(reading, resource),
  )
  return listIn(properties, 'ManagedPolicyArns').flatMap((arn): PlacedPolicy[] => {
    if (typeof arn === 'string' && managedPolicies.includes(arn)) return []
    const what = `the managed policy ${typeof arn === 'string' ? arn : '(unknown)'}`
    const given = typeof arn === 'string' ? reading.managedPolicies[arn] : undefined
    if (given) return [{ logicalId, what, document: given }]
    const [, name = ''] = typeof arn === 'string' ? arn.split(/:aws:policy\//) : []
    const actions = Object.hasOwn(OF_AWS, name) ? OF_AWS[name] : undefined
    if (!actions) {
      reading.problems.refuse(logicalId, `${what} is not known; give it with "managedPolicies"`)
      return []
    }
    if (actions.length === 0) return []
    const Statement = { Effect: 'Allow', Action: actions, Resource: '*' }
    return [{ logicalId, what, document: { Version: '2012-10-17', Statement } }]
  })
}

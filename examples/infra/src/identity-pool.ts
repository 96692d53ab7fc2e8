import {
  fillPlaceholders,
  identityPoolTrust,
  type PolicyDocument,
  type RoleDefinition,
  type StackDefinition,
} from '@iamfetch/local'
import type { Stack } from 'aws-cdk-lib'
import {
  CfnIdentityPool,
  CfnIdentityPoolRoleAttachment,
  CfnUserPoolGroup,
} from 'aws-cdk-lib/aws-cognito'
import { CfnRole } from 'aws-cdk-lib/aws-iam'
import { acknowledge, findingText } from './acknowledge.ts'

/** An identity pool and the roles that it gives out. */
export interface BuiltIdentityPool {
  identityPoolId: string
  /** ARN of each group's role. */
  groupRoleArns: Readonly<Record<string, string>>
}

/**
 * Builds the groups with their roles and the identity pool that gives those roles out.
 *
 * The plain resources are used, not the constructs over them: the policies are the definition's JSON with its
 * placeholders filled, and no role is made that the definition does not know.
 */
export function buildIdentityPool(
  stack: Stack,
  definition: StackDefinition,
  names: {
    userPoolId: string
    providerName: string
    clientId: string
    apiIds: Readonly<Record<string, string>>
  },
): BuiltIdentityPool {
  const { groups = {}, identityPool: settings = {} } = definition
  const { unauthenticatedRole, authenticatedRole = { policy: NOTHING } } = settings
  const pool = new CfnIdentityPool(stack, 'IdentityPool', {
    allowUnauthenticatedIdentities: unauthenticatedRole !== undefined,
    allowClassicFlow: false,
    cognitoIdentityProviders: [
      {
        clientId: names.clientId,
        providerName: names.providerName,
        // Cognito asks the user pool whether the user was signed out globally or disabled.
        serverSideTokenCheck: true,
      },
    ],
  })
  const values = {
    region: stack.region,
    accountId: stack.account,
    identityPoolId: pool.ref,
    apiIds: names.apiIds,
  }
  const buildRole = (id: string, role: RoleDefinition, guest = false): CfnRole => {
    const { policy, trust = identityPoolTrust(guest), roleName } = role
    const assumeRolePolicyDocument = fillPlaceholders(trust, values, id)
    const policyDocument = fillPlaceholders(policy, values, id)
    const built = new CfnRole(stack, id, {
      assumeRolePolicyDocument,
      ...(policy !== NOTHING && { policies: [{ policyName: 'Definition', policyDocument }] }),
      ...(roleName !== undefined && { roleName }),
    })
    acknowledge(built, openPlaces(stack, policyDocument, pathsOf(definition)))
    return built
  }
  const groupRoleArns = Object.fromEntries(
    Object.entries(groups).map(([groupName, group]) => {
      const { attrArn: roleArn } = buildRole(`${groupName}Role`, group)
      const { precedence } = group
      const { userPoolId } = names
      new CfnUserPoolGroup(stack, `${groupName}Group`, {
        userPoolId,
        groupName,
        roleArn,
        ...(precedence !== undefined && { precedence }),
      })
      return [groupName, roleArn]
    }),
  )
  const guests =
    unauthenticatedRole && buildRole('UnauthenticatedRole', unauthenticatedRole, true).attrArn
  const byToken = {
    identityProvider: `${names.providerName}:${names.clientId}`,
    type: 'Token',
    ambiguousRoleResolution: settings.ambiguousRoleResolution ?? 'Deny',
  }
  new CfnIdentityPoolRoleAttachment(stack, 'IdentityPoolRoles', {
    identityPoolId: pool.ref,
    roles: {
      authenticated: buildRole('AuthenticatedRole', authenticatedRole).attrArn,
      ...(guests !== undefined && { unauthenticated: guests }),
    },
    ...(settings.roleMapping !== 'none' && { roleMappings: { userPool: byToken } }),
  })
  return { identityPoolId: pool.ref, groupRoleArns }
}

/** The default role of a pool that does not name one. It is made without a policy: it may do nothing. */
const NOTHING: PolicyDocument = { Statement: [] }

/** The paths of all routes, as patterns of a policy: `/keys/*` for `/keys/{id}`. */
const pathsOf = ({ apis = {} }: StackDefinition): string[] =>
  Object.values(apis).flatMap(({ routes }) =>
    Object.keys(routes).map((key) => (key.split(' ')[1] ?? '').replace(/\{\w+\}/g, '*')),
  )

/**
 * The findings that say no more than that a policy leaves the stage open, `API_ID/*` before a method and a path, or
 * a path's parameter, where a route has one. Any other wildcard stays a finding.
 */
function openPlaces(
  stack: Stack,
  { Statement }: PolicyDocument,
  paths: readonly string[],
): Record<string, string> {
  const arns = [Statement].flat().flatMap(({ Resource = [] }) => [Resource].flat())
  const open = arns.filter((arn) => {
    const [, path = ''] = /^arn:aws:execute-api:[^/*?]+\/\*\/[A-Z]+(\/[^?]*)$/.exec(arn) ?? []
    return path !== '' && (!path.includes('*') || paths.includes(path))
  })
  return Object.fromEntries(
    open.map((arn) => [
      `AwsSolutions-IAM5[Resource::${findingText(stack.resolve(arn))}]`,
      'The API has one stage. Method and path are what the role is held to; a parameter of the path may be any.',
    ]),
  )
}

import {
  fillPlaceholders,
  identityPoolTrust,
  type PolicyDocument,
  type RoleDefinition,
  type StackDefinition,
} from '@iamfetch/local'
import { Stack } from 'aws-cdk-lib'
import {
  CfnIdentityPool,
  CfnIdentityPoolPrincipalTag,
  CfnIdentityPoolRoleAttachment,
  CfnUserPoolGroup,
  type IUserPool,
} from 'aws-cdk-lib/aws-cognito'
import { CfnRole } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { acknowledge, findingText } from './acknowledge.ts'
import { constructId } from './construct-id.ts'
import { checkIdentityPoolMembers } from './deployable.ts'

/** The props of {@link GroupIdentityPool}. */
export interface GroupIdentityPoolProps {
  /** Read are `groups`, `identityPool`, and the paths of `apis`. */
  readonly definition: StackDefinition
  /** The user pool of the groups: a new one, or `UserPool.fromUserPoolId(…)`. */
  readonly userPool: IUserPool
  /** The app client that users sign in with. */
  readonly userPoolClientId: string
  /** More app clients whose users may have credentials. Defaults to none. */
  readonly signInClientIds?: readonly string[]
  /** The ID of each API by its name in the definition, for `API_ID` in policies. */
  readonly apiIds: Readonly<Record<string, string>>
  /**
   * The ID of your own identity pool, which must have the user pool and the app client as a provider. Its roles and its
   * role mapping are replaced. Defaults to a new one.
   */
  readonly identityPoolId?: string
}

/**
 * The groups of a user pool with their roles, and the identity pool that issues credentials of these roles to the members.
 *
 * A role is the JSON of the definition with its placeholders filled in. Its trust policy names this identity pool and
 * signed-in users. No role is created that the definition does not know, except a default role without permissions.
 */
export class GroupIdentityPool extends Construct {
  readonly identityPoolId: string
  /** The ARN of each group's role. */
  readonly groupRoleArns: Readonly<Record<string, string>>

  constructor(scope: Construct, id: string, props: GroupIdentityPoolProps) {
    super(scope, id)
    const { definition, userPool } = props
    const { identityPool: settings = {} } = definition
    checkIdentityPoolMembers(settings)
    const { unauthenticatedRole, authenticatedRole = { policy: NOTHING } } = settings
    this.identityPoolId = props.identityPoolId ?? buildPool(this, props)
    this.groupRoleArns = buildGroups(this, props)
    // The IDs of these roles have a blank, which no name of a group has: a group may be called "Authenticated" or "Rule1".
    const rules = (settings.rules ?? []).map(({ claim, match, value, role }, i) => ({
      claim,
      matchType: match,
      value,
      roleArn: buildRole(this, `Rule ${i + 1} Role`, role, props).attrArn,
    }))
    const mappingOf = (clientId: string) => ({
      identityProvider: `${userPool.userPoolProviderName}:${clientId}`,
      ambiguousRoleResolution: settings.ambiguousRoleResolution ?? 'Deny',
      ...(settings.roleMapping === 'rules'
        ? { type: 'Rules', rulesConfiguration: { rules } }
        : { type: 'Token' }),
    })
    // A client without a mapping would get the default role, whatever its users' groups are.
    const roleMappings = {
      userPool: mappingOf(props.userPoolClientId),
      ...Object.fromEntries(
        (props.signInClientIds ?? []).map((clientId, i) => [
          `signInClient${i + 1}`,
          mappingOf(clientId),
        ]),
      ),
    }
    const { principalTags } = settings
    if (principalTags !== undefined) {
      new CfnIdentityPoolPrincipalTag(this, 'PrincipalTags', {
        identityPoolId: this.identityPoolId,
        identityProviderName: userPool.userPoolProviderName,
        ...(principalTags === 'default'
          ? { useDefaults: true }
          : { principalTags, useDefaults: false }),
      })
    }
    new CfnIdentityPoolRoleAttachment(this, 'Roles', {
      identityPoolId: this.identityPoolId,
      roles: {
        authenticated: buildRole(this, 'Authenticated Role', authenticatedRole, props).attrArn,
        ...(unauthenticatedRole && {
          unauthenticated: buildRole(this, 'Unauthenticated Role', unauthenticatedRole, props, {
            isGuest: true,
          }).attrArn,
        }),
      },
      ...(settings.roleMapping !== 'none' && { roleMappings }),
    })
  }
}

/** @returns The ARN of each group's role. */
function buildGroups(
  pool: GroupIdentityPool,
  props: GroupIdentityPoolProps,
): Record<string, string> {
  const { definition, userPool } = props
  const { groups = {}, groupsWithoutRole = [] } = definition
  const { userPoolId } = userPool
  const roleArns = Object.fromEntries(
    Object.entries(groups).map(([groupName, group]) => {
      const id = constructId(groupName)
      const { attrArn: roleArn } = buildRole(pool, `${id}Role`, group, props)
      const { precedence } = group
      new CfnUserPoolGroup(pool, `${id}Group`, {
        userPoolId,
        groupName,
        roleArn,
        ...(precedence !== undefined && { precedence }),
      })
      return [groupName, roleArn]
    }),
  )
  for (const groupName of groupsWithoutRole) {
    new CfnUserPoolGroup(pool, `${constructId(groupName)}Group`, { userPoolId, groupName })
  }
  return roleArns
}

function buildPool(scope: Construct, props: GroupIdentityPoolProps): string {
  const { unauthenticatedRole } = props.definition.identityPool ?? {}
  const pool = new CfnIdentityPool(scope, 'Pool', {
    allowUnauthenticatedIdentities: unauthenticatedRole !== undefined,
    allowClassicFlow: false,
    cognitoIdentityProviders: [props.userPoolClientId, ...(props.signInClientIds ?? [])].map(
      (clientId) => ({
        clientId,
        providerName: props.userPool.userPoolProviderName,
        // Cognito asks the user pool whether the user was signed out globally or disabled.
        serverSideTokenCheck: true,
      }),
    ),
  })
  return pool.ref
}

/**
 * The plain resource is used, not the construct over it: the policies are the definition's JSON.
 */
function buildRole(
  pool: GroupIdentityPool,
  id: string,
  role: RoleDefinition,
  { definition, apiIds }: GroupIdentityPoolProps,
  { isGuest = false } = {},
): CfnRole {
  const stack = Stack.of(pool)
  const hasTags = definition.identityPool?.principalTags !== undefined
  const { policy, trust = identityPoolTrust(isGuest, hasTags), roleName } = role
  const values = {
    region: stack.region,
    accountId: stack.account,
    identityPoolId: pool.identityPoolId,
    apiIds,
  }
  const policyDocument = fillPlaceholders(policy, values, id)
  const built = new CfnRole(pool, id, {
    assumeRolePolicyDocument: fillPlaceholders(trust, values, id),
    ...(policy !== NOTHING && { policies: [{ policyName: 'Definition', policyDocument }] }),
    ...(roleName !== undefined && { roleName }),
  })
  acknowledge(built, openPlaces(stack, policyDocument, pathsOf(definition)))
  return built
}

/** The default role of a pool that does not name one. It is created without a policy: it may do nothing. */
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

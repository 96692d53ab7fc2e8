import type { IdentityPoolDefinition } from '../definition/identity-pool.ts'
import { evaluate } from '@iamfetch/policy'
import { nearestText } from '../iam/denial-text.ts'
import type { Operation } from '../aws-json/aws-json.ts'
import type { Identities, IdentityRecord } from './identities.ts'
import { checkLogins, type Login, type LoginCheck } from './login.ts'
import { refuse, textOf, textsOf } from '../aws-json/service-error.ts'
import { principalTags, TAG_SESSION, tagContext } from './principal-tags.ts'
import { chooseRole, type ChosenByRule } from './role-choice.ts'
import { COGNITO_SESSION } from '../iam/session-names.ts'
import type { Roles } from '../iam/roles.ts'
import type { Role, SessionBook } from '../iam/sessions.ts'

/** The parts that an identity pool is created from. */
export interface IdentityPool extends LoginCheck {
  definition: IdentityPoolDefinition
  identities: Identities
  sessions: SessionBook
  roles: Roles
  /** With `roleMapping: 'rules'`. */
  rules: readonly ChosenByRule[]
  authenticatedRole: Role
  /** `undefined` if guests are refused. */
  unauthenticatedRole: Role | undefined
}

/** `IdentityPoolId` and `IdentityId` have one form. */
const ID = /^[\w-]+:[0-9a-f-]+$/

/**
 * The operations of the identity pool, enhanced flow: the ID of an identity, and credentials for it.
 *
 * @see [AWS: identity pools API](https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/Welcome.html)
 * @see [AWS: authentication flow](https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html)
 */
export function identityPoolOperations(pool: IdentityPool): Record<string, Operation> {
  return {
    async GetId(input) {
      const poolId = idOf(input, 'IdentityPoolId')
      if (poolId !== pool.ids.identityPoolId) {
        throw refuse('ResourceNotFoundException', `IdentityPool '${poolId}' not found.`)
      }
      const login = await checkLogins(textsOf(input, 'Logins'), pool)
      checkGuest(pool, login)
      return { IdentityId: pool.identities.forLogin(login).id }
    },
    GetCredentialsForIdentity: (input) => getCredentials(pool, input),
    GetOpenIdToken() {
      throw refuse(
        'InvalidParameterException',
        'Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.',
      )
    },
  }
}

async function getCredentials(
  pool: IdentityPool,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const id = idOf(input, 'IdentityId')
  findIdentity(pool, id)
  const login = await checkLogins(textsOf(input, 'Logins'), pool)
  const identity = identify(pool, id, login)
  checkGuest(pool, login)
  const role = roleFor(pool, login, textOf(input, 'CustomRoleArn'))
  const amr = login
    ? ['authenticated', login.provider, `${login.provider}:CognitoSignIn:${login.sub}`]
    : ['unauthenticated']
  const tags = login ? principalTags(pool.definition.principalTags, login.claims) : {}
  checkTrust(pool, role, identity.id, amr, tags)
  const session = pool.sessions.open({
    role,
    tags,
    name: COGNITO_SESSION,
    identity: {
      identityId: identity.id,
      identityPoolId: pool.ids.identityPoolId,
      amr,
      ...(login && { sub: login.sub }),
    },
  })
  return {
    IdentityId: identity.id,
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: session.expiresAt / 1_000,
    },
  }
}

function checkGuest(pool: IdentityPool, login: Login | undefined): void {
  if (login || pool.unauthenticatedRole) return
  throw refuse(
    'NotAuthorizedException',
    'Unauthenticated access is not supported for this identity pool.',
    'no Logins were sent and the definition has no unauthenticatedRole',
  )
}

function findIdentity({ identities }: IdentityPool, id: string): IdentityRecord {
  const identity = identities.find(id)
  if (!identity) throw refuse('ResourceNotFoundException', `Identity '${id}' not found.`)
  if (!identity.disabled) return identity
  throw refuse('NotAuthorizedException', `Access to Identity '${id}' is forbidden.`)
}

/** The identity to issue credentials for: the one that was sent, unless a merge results in another. */
function identify(pool: IdentityPool, id: string, login: Login | undefined): IdentityRecord {
  const identity = findIdentity(pool, id)
  const owner = identity.login
  if (!owner) return login ? pool.identities.link(identity, login) : identity
  if (login?.sub === owner.sub && login.provider === owner.provider) return identity
  throw refuse(
    'NotAuthorizedException',
    `Logins don't match. Please include at least one valid login for this identity or identity pool.`,
    login ? 'the identity belongs to another user' : 'the identity belongs to a user who signed in',
  )
}

function roleFor(
  pool: IdentityPool,
  login: Login | undefined,
  customRoleArn: string | undefined,
): Role {
  if (login) {
    const arn = chooseRole({
      claims: login.claims,
      customRoleArn,
      mapping: pool.definition,
      rules: pool.rules,
      authenticatedRole: pool.authenticatedRole.arn,
      provider: `${pool.ids.provider}:${pool.ids.userPoolClientId}`,
    })
    const role = pool.roles.find(arn)
    if (role) return role
    throw invalidPool(`the stack has no role ${arn}, which the ID token or the rules name`)
  }
  if (!login && customRoleArn === undefined && pool.unauthenticatedRole) {
    return pool.unauthenticatedRole
  }
  throw refuse('NotAuthorizedException', `Role ${customRoleArn} is not allowed for this identity.`)
}

function checkTrust(
  { ids }: IdentityPool,
  role: Role,
  identityId: string,
  amr: readonly string[],
  tags: Readonly<Record<string, string>>,
): void {
  const tagNames = Object.keys(tags)
  // With tags AWS requires a second action.
  const actions = ['sts:AssumeRoleWithWebIdentity', ...(tagNames.length > 0 ? [TAG_SESSION] : [])]
  for (const action of actions) {
    const { effect, nearest } = evaluate(role.trust, {
      action,
      principal: { type: 'Federated', name: 'cognito-identity.amazonaws.com' },
      context: {
        'cognito-identity.amazonaws.com:aud': ids.identityPoolId,
        'cognito-identity.amazonaws.com:amr': amr,
        'cognito-identity.amazonaws.com:sub': identityId,
        ...tagContext(tags),
      },
    })
    if (effect === 'Allow') continue
    const what = action === TAG_SESSION ? ` (for the tags ${tagNames.join(', ')})` : ''
    throw invalidPool(
      `${effect} of ${action}${what} by the trust policy of ${role.name} for ${amr[0]} identities of this pool${nearestText(nearest)}`,
    )
  }
}

/** For a role that cannot be assumed. That a role which does not exist is refused in the same words is unverified. */
const invalidPool = (reason: string) =>
  refuse(
    'InvalidIdentityPoolConfigurationException',
    'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
    reason,
  )

function idOf(input: Record<string, unknown>, member: string): string {
  const value = textOf(input, member)
  if (value !== undefined && ID.test(value)) return value
  const name = member[0]!.toLowerCase() + member.slice(1)
  throw refuse(
    'ValidationException',
    value === undefined
      ? `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`
      : `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+:[0-9a-f-]+`,
  )
}

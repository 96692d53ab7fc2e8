import type { JWTPayload } from 'jose'
import type { Operation } from '../aws-json/aws-json.ts'
import { refuse, required, textOf, textsOf, wrongPassword } from '../aws-json/service-error.ts'
import type { UserPoolDefinition } from '../definition/user-pool.ts'
import type { Clock } from '../faults/faults.ts'
import type { Ids } from '../ids.ts'
import type { Random } from '../random.ts'
import type { AdministratorOperation } from './administrator.ts'
import type { AppClient, AppClients } from './app-clients.ts'
import {
  callingClient,
  checkClientSecret,
  checkSecretHash,
  clientSecretFault,
} from './calling-client.ts'
import { createNewPasswordFlow, type NewPasswordFlow } from './new-password-flow.ts'
import { hasExpiredPassword } from './password-policy.ts'
import type { SignedIn, SignIns } from './sign-ins.ts'
import { createSrpFlow, type SrpFlow } from './srp-flow.ts'
import type { TokenKey } from './token-key.ts'
import type { MintOptions, MintUserTokens } from './user-tokens.ts'
import type { Directory, User } from './users.ts'
import type { VerificationCodes } from './verification-codes.ts'

/** The parts that a user pool is created from. */
export interface UserPool {
  ids: Ids
  clients: AppClients
  directory: Directory
  signIns: SignIns
  codes: VerificationCodes
  settings: UserPoolDefinition
  key: TokenKey
  tokens: MintUserTokens
  administrator: AdministratorOperation
  clock: Clock
  random: Random
}

/**
 * The operations of the user pool for signing in, staying signed in and signing out, as Amplify, the AWS SDK and the AWS
 * CLI call them.
 *
 * An unknown user gets the response for a known one with a wrong password.
 *
 * @see [AWS: user pools API](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/Welcome.html)
 */
export function userPoolOperations(pool: UserPool): Record<string, Operation> {
  const { clients, signIns, key, administrator } = pool
  const parts = { ...pool, srp: createSrpFlow(pool), newPassword: createNewPasswordFlow(pool) }
  return {
    InitiateAuth: (input) => initiate(parts, input, USER_FLOWS),
    AdminInitiateAuth: administrator('AdminInitiateAuth', (input) =>
      initiate(parts, input, ADMIN_FLOWS),
    ),
    RespondToAuthChallenge: (input) => respond(parts, input),
    AdminRespondToAuthChallenge: administrator('AdminRespondToAuthChallenge', (input) =>
      respond(parts, input),
    ),
    async GetTokensFromRefreshToken(input) {
      const client = callingClient(clients, input)
      checkClientSecret(clients, client, textOf(input, 'ClientSecret'))
      const signedIn = signIns.refresh(textOf(input, 'RefreshToken') ?? '', client)
      const options = { source: 'RefreshTokens', clientMetadata: metadataOf(input) } as const
      const withRefreshToken = client.rotationGraceSeconds !== undefined
      // Unlike InitiateAuth, it has no ChallengeParameters (the service's model).
      return { AuthenticationResult: await resultOf(pool, signedIn, options, withRefreshToken) }
    },
    async RevokeToken(input) {
      const client = revokingClient(pool, input)
      const token = textOf(input, 'Token') ?? ''
      const signedIn = signIns.ofRefreshToken(token)
      if (signedIn && signedIn.clientId !== client.clientId) {
        throw refuse('UnauthorizedException', 'The token is of another app client.')
      }
      if (!signIns.revoke(token) && (await key.verify(token))) {
        throw refuse('UnsupportedTokenTypeException', 'Only refresh tokens can be revoked.')
      }
      return {}
    },
    async GlobalSignOut(input) {
      signIns.revokeAll(await userOfAccessToken(pool, input))
      return {}
    },
    async GetUser(input) {
      const user = await userOfAccessToken(pool, input)
      const attributes = Object.entries({ sub: user.sub, ...user.attributes })
      return {
        Username: user.username,
        UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
      }
    },
  }
}

/** A user pool with its challenges. */
interface Parts extends UserPool {
  srp: SrpFlow
  newPassword: NewPasswordFlow
}

/** One call of `InitiateAuth`. */
interface Initiation {
  client: AppClient
  parameters: ReadonlyMap<string, string>
  clientMetadata: Readonly<Record<string, string>>
}

type AuthFlow = (parts: Parts, call: Initiation) => unknown

const withPassword: AuthFlow = (parts, call) => {
  const { directory } = parts
  const username = required(call.parameters, 'USERNAME')
  const password = required(call.parameters, 'PASSWORD')
  const user = directory.findForSignIn(username)
  checkHash(parts, call, [username, ...(user ? [user.username] : [])])
  const right = directory.hasPassword(user ?? directory.unknownUser(username), password)
  if (!user) throw wrongPassword('there is no such user')
  if (!right) throw wrongPassword('the password is wrong')
  return signedInOrChallenged(parts, user, call)
}

const withRefreshToken: AuthFlow = async (parts, call) => {
  const { signIns } = parts
  const { client, parameters, clientMetadata } = call
  const token = required(parameters, 'REFRESH_TOKEN')
  const user = signIns.ofRefreshToken(token)?.user
  checkHash(parts, call, user && [user.username, user.sub])
  const signedIn = signIns.refresh(token, client)
  const options = { source: 'RefreshTokens', clientMetadata } as const
  return {
    AuthenticationResult: await resultOf(parts, signedIn, options, false),
    ChallengeParameters: {},
  }
}

const withSrp: AuthFlow = (parts, call) => {
  const username = required(call.parameters, 'USERNAME')
  const user = parts.directory.findForSignIn(username)
  checkHash(parts, call, [username, ...(user ? [user.username] : [])])
  return parts.srp.start(call.parameters)
}

/** The flows by `AuthFlow`, each with what the app client has to allow. */
const USER_FLOWS = new Map<string, [allowed: string, flow: AuthFlow]>([
  ['USER_SRP_AUTH', ['USER_SRP_AUTH', withSrp]],
  ['USER_PASSWORD_AUTH', ['USER_PASSWORD_AUTH', withPassword]],
  ['REFRESH_TOKEN_AUTH', ['REFRESH_TOKEN_AUTH', withRefreshToken]],
  ['REFRESH_TOKEN', ['REFRESH_TOKEN_AUTH', withRefreshToken]],
])
const ADMIN_FLOWS = new Map<string, [allowed: string, flow: AuthFlow]>([
  ['ADMIN_USER_PASSWORD_AUTH', ['ADMIN_USER_PASSWORD_AUTH', withPassword]],
  ['ADMIN_NO_SRP_AUTH', ['ADMIN_USER_PASSWORD_AUTH', withPassword]],
  ['USER_SRP_AUTH', ['USER_SRP_AUTH', withSrp]],
  ['REFRESH_TOKEN_AUTH', ['REFRESH_TOKEN_AUTH', withRefreshToken]],
  ['REFRESH_TOKEN', ['REFRESH_TOKEN_AUTH', withRefreshToken]],
])

function initiate(parts: Parts, input: Record<string, unknown>, flows: typeof USER_FLOWS): unknown {
  const client = callingClient(parts.clients, input)
  const name = textOf(input, 'AuthFlow') ?? ''
  const [allowed, flow] = flows.get(name) ?? []
  if (!allowed || !flow) {
    throw refuse(
      'InvalidParameterException',
      'Initiate Auth method not supported.',
      `AuthFlow ${name}: there are ${[...flows.keys()].join(', ')}`,
    )
  }
  if (!client.authFlows.includes(allowed)) {
    throw refuse(
      'InvalidParameterException',
      `${name} flow not enabled for this client`,
      `ExplicitAuthFlows of the app client allow ${client.authFlows.join(', ') || 'nothing'}`,
    )
  }
  const parameters = textsOf(input, 'AuthParameters')
  return flow(parts, { client, parameters, clientMetadata: metadataOf(input) })
}

function respond(parts: Parts, input: Record<string, unknown>): unknown {
  const { clients, directory, srp, newPassword } = parts
  const client = callingClient(clients, input)
  const parameters = textsOf(input, 'ChallengeResponses')
  const call = { client, parameters, clientMetadata: metadataOf(input) }
  const challenge = textOf(input, 'ChallengeName')
  if (challenge !== 'PASSWORD_VERIFIER' && challenge !== 'NEW_PASSWORD_REQUIRED') {
    throw refuse(
      'InvalidParameterException',
      'Unsupported challenge',
      'only PASSWORD_VERIFIER and NEW_PASSWORD_REQUIRED',
    )
  }
  const username = required(parameters, 'USERNAME')
  const named = directory.findForSignIn(username)
  checkHash(parts, call, [username, ...(named ? [named.username] : [])])
  if (challenge === 'PASSWORD_VERIFIER') {
    return signedInOrChallenged(parts, srp.finish(parameters), call)
  }
  const user = newPassword.finish(client.clientId, textOf(input, 'Session') ?? '', parameters)
  return signedInOrChallenged(parts, user, call, 'NewPasswordChallenge')
}

/** Returns tokens to a user who has shown the password, or says what is missing. */
async function signedInOrChallenged(
  parts: Parts,
  user: User,
  { client, clientMetadata }: Initiation,
  source: MintOptions['source'] = 'Authentication',
): Promise<unknown> {
  if (!user.enabled) throw refuse('NotAuthorizedException', 'User is disabled.')
  if (user.status === 'UNCONFIRMED') {
    throw refuse('UserNotConfirmedException', 'User is not confirmed.')
  }
  if (user.status === 'RESET_REQUIRED') {
    throw refuse('PasswordResetRequiredException', 'Password reset required for the user')
  }
  if (hasExpiredPassword(user, parts.clock.now())) {
    throw refuse(
      'NotAuthorizedException',
      'Temporary password has expired and must be reset by an administrator.',
    )
  }
  if (user.status === 'FORCE_CHANGE_PASSWORD') {
    return parts.newPassword.start(client.clientId, user)
  }
  const signedIn = parts.signIns.open(user, client.clientId)
  return {
    AuthenticationResult: await resultOf(parts, signedIn, { source, clientMetadata }, true),
    ChallengeParameters: {},
  }
}

async function resultOf(
  { tokens }: UserPool,
  signedIn: SignedIn,
  options: MintOptions,
  withNewRefreshToken: boolean,
): Promise<Record<string, unknown>> {
  const { idToken, accessToken, expiresInSeconds } = await tokens(signedIn, options)
  return {
    AccessToken: accessToken,
    IdToken: idToken,
    ExpiresIn: expiresInSeconds,
    TokenType: 'Bearer',
    ...(withNewRefreshToken && { RefreshToken: signedIn.refreshToken }),
  }
}

const checkHash = (
  { clients }: UserPool,
  { client, parameters }: Initiation,
  names: readonly string[] | undefined,
): void => checkSecretHash(clients, client, parameters.get('SECRET_HASH'), names)

const metadataOf = (input: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(textsOf(input, 'ClientMetadata'))

/** The model of `RevokeToken` has neither `ResourceNotFoundException` nor `NotAuthorizedException`. */
function revokingClient({ clients }: UserPool, input: Record<string, unknown>): AppClient {
  const clientId = textOf(input, 'ClientId')
  if (!clientId) throw refuse('InvalidParameterException', 'Missing required parameter ClientId')
  const client = clients.find(clientId)
  if (!client) {
    throw refuse('InvalidParameterException', `User pool client ${clientId} does not exist.`)
  }
  const fault = clientSecretFault(clients, client, textOf(input, 'ClientSecret'))
  if (fault === undefined) return client
  throw refuse('UnauthorizedException', 'Unable to verify secret for client.', fault)
}

/**
 * Finds the user of an access token.
 *
 * @throws A refusal unless it is an access token of a user who is signed in.
 */
export async function userOfAccessToken(
  { key, clock, signIns, directory }: UserPool,
  input: Record<string, unknown>,
): Promise<User> {
  const claims: JWTPayload | undefined = await key.verify(textOf(input, 'AccessToken') ?? '')
  if (claims?.token_use !== 'access') {
    throw refuse('NotAuthorizedException', 'Invalid Access Token')
  }
  if (clock.now() / 1_000 >= (claims.exp ?? 0)) {
    throw refuse('NotAuthorizedException', 'Access Token has expired')
  }
  const signedIn = signIns.find(claims.origin_jti)
  if (!signedIn) throw refuse('NotAuthorizedException', 'Access Token has been revoked')
  // As real Cognito responds (amplify-js#5921, #1906). The scopes are the token's own: the trigger may have changed them.
  const scopes = typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : []
  if (!scopes.includes('aws.cognito.signin.user.admin')) {
    throw refuse('NotAuthorizedException', 'Access Token does not have required scopes')
  }
  const user = directory.find(signedIn.user.username)
  if (user) return user
  throw refuse('UserNotFoundException', 'User does not exist.')
}

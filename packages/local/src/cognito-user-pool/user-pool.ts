import type { JWTPayload } from 'jose'
import type { Clock } from '../faults/faults.ts'
import type { Operation } from '../aws-json/aws-json.ts'
import type { Ids } from '../ids.ts'
import type { Random } from '../random.ts'
import { refuse, required, textOf, textsOf, wrongPassword } from '../aws-json/service-error.ts'
import type { SignedIn, SignIns } from './sign-ins.ts'
import { createSrpFlow, type SrpFlow } from './srp-flow.ts'
import type { TokenKey } from './token-key.ts'
import type { UserTokens } from './user-tokens.ts'
import type { Directory, User } from './users.ts'

/** What a user pool is made of. */
export interface UserPool {
  ids: Ids
  directory: Directory
  signIns: SignIns
  key: TokenKey
  tokens: (signedIn: SignedIn) => Promise<UserTokens>
  clock: Clock
  random: Random
}

/**
 * The operations of the user pool that signing in, staying signed in and signing out need, as Amplify v6
 * and the AWS SDK call them.
 *
 * An unknown user is answered as a known one with a wrong password.
 *
 * @see [AWS: user pools API](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/Welcome.html)
 */
export function userPoolOperations(pool: UserPool): Record<string, Operation> {
  const { ids, signIns, key } = pool
  const srp = createSrpFlow(pool)
  const flows = authFlows(pool, srp)
  return {
    InitiateAuth(input) {
      checkClient(ids, input)
      const flow = textOf(input, 'AuthFlow') ?? ''
      const start = flows.get(flow)
      if (start) return start(textsOf(input, 'AuthParameters'))
      throw refuse(
        'InvalidParameterException',
        'Initiate Auth method not supported.',
        `AuthFlow ${flow}: there are ${[...flows.keys()].join(', ')}`,
      )
    },
    RespondToAuthChallenge(input) {
      checkClient(ids, input)
      if (textOf(input, 'ChallengeName') !== 'PASSWORD_VERIFIER') {
        throw refuse('InvalidParameterException', 'Unsupported challenge', 'only PASSWORD_VERIFIER')
      }
      const user = srp.finish(textsOf(input, 'ChallengeResponses'))
      return authenticationResult(pool, signIns.open(user), true)
    },
    GetTokensFromRefreshToken(input) {
      checkClient(ids, input)
      const signedIn = signIns.refresh(textOf(input, 'RefreshToken') ?? '')
      return authenticationResult(pool, signedIn, false)
    },
    async RevokeToken(input) {
      checkClient(ids, input)
      const token = textOf(input, 'Token') ?? ''
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

type AuthFlow = (parameters: Map<string, string>) => unknown

/** What `InitiateAuth` does, by `AuthFlow`. */
function authFlows(pool: UserPool, srp: SrpFlow): Map<string, AuthFlow> {
  const { directory, signIns } = pool
  const withPassword: AuthFlow = (parameters) => {
    const username = required(parameters, 'USERNAME')
    const password = required(parameters, 'PASSWORD')
    const user = directory.find(username)
    const right = directory.hasPassword(user ?? directory.unknownUser(username), password)
    if (!user) throw wrongPassword('there is no such user')
    if (!right) throw wrongPassword('the password is wrong')
    return authenticationResult(pool, signIns.open(user), true)
  }
  const withRefreshToken: AuthFlow = (parameters) => {
    const signedIn = signIns.refresh(required(parameters, 'REFRESH_TOKEN'))
    return authenticationResult(pool, signedIn, false)
  }
  return new Map<string, AuthFlow>([
    ['USER_SRP_AUTH', (parameters) => srp.start(parameters)],
    ['USER_PASSWORD_AUTH', withPassword],
    ['REFRESH_TOKEN_AUTH', withRefreshToken],
    ['REFRESH_TOKEN', withRefreshToken],
  ])
}

async function authenticationResult(
  { tokens }: UserPool,
  signedIn: SignedIn,
  withRefreshToken: boolean,
): Promise<unknown> {
  const { idToken, accessToken, expiresInSeconds } = await tokens(signedIn)
  return {
    AuthenticationResult: {
      AccessToken: accessToken,
      IdToken: idToken,
      ExpiresIn: expiresInSeconds,
      TokenType: 'Bearer',
      ...(withRefreshToken && { RefreshToken: signedIn.refreshToken }),
    },
    ChallengeParameters: {},
  }
}

function checkClient(ids: Ids, input: Record<string, unknown>): void {
  const clientId = textOf(input, 'ClientId')
  if (clientId === ids.userPoolClientId) return
  if (!clientId) throw refuse('InvalidParameterException', 'Missing required parameter ClientId')
  throw refuse('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
}

/** @throws A refusal unless it is an access token of a user who is signed in. */
async function userOfAccessToken(
  { key, clock, signIns }: UserPool,
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
  // As real Cognito answers (amplify-js#5921, #1906).
  if (signedIn.scopes?.includes('aws.cognito.signin.user.admin') === false) {
    throw refuse('NotAuthorizedException', 'Access Token does not have required scopes')
  }
  return signedIn.user
}

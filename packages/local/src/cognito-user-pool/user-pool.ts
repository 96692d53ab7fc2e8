import type { JWTPayload } from 'jose'
import type { Clock } from '../faults/faults.ts'
import type { Operation } from '../aws-json/aws-json.ts'
import type { Ids } from '../ids.ts'
import type { Random } from '../random.ts'
import { refuse, required, textOf, textsOf, wrongPassword } from '../aws-json/service-error.ts'
import type { SignedIn, SignIns } from './sign-ins.ts'
import { createSrpFlow } from './srp-flow.ts'
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
  const { ids, directory, signIns, key, tokens, clock } = pool
  const srp = createSrpFlow(pool)

  const result = async (signedIn: SignedIn, withRefreshToken: boolean): Promise<unknown> => {
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

  const withPassword = (parameters: Map<string, string>): Promise<unknown> => {
    const username = required(parameters, 'USERNAME')
    const password = required(parameters, 'PASSWORD')
    const user = directory.find(username)
    const right = directory.hasPassword(user ?? directory.unknownUser(username), password)
    if (!user) throw wrongPassword('there is no such user')
    if (!right) throw wrongPassword('the password is wrong')
    return result(signIns.open(user), true)
  }

  const flows: Record<string, (parameters: Map<string, string>) => unknown> = {
    USER_SRP_AUTH: (given) => srp.start(given),
    USER_PASSWORD_AUTH: withPassword,
    REFRESH_TOKEN_AUTH: (given) => result(signIns.refresh(required(given, 'REFRESH_TOKEN')), false),
  }
  flows.REFRESH_TOKEN = flows.REFRESH_TOKEN_AUTH!

  const checkClient = (input: Record<string, unknown>): void => {
    const clientId = textOf(input, 'ClientId')
    if (clientId === ids.userPoolClientId) return
    if (!clientId) throw refuse('InvalidParameterException', 'Missing required parameter ClientId')
    throw refuse('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
  }

  /** @throws a refusal unless it is an access token of somebody who is signed in. */
  const bearer = async (input: Record<string, unknown>): Promise<User> => {
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

  return {
    InitiateAuth(input) {
      checkClient(input)
      const flow = textOf(input, 'AuthFlow') ?? ''
      if (!Object.hasOwn(flows, flow)) {
        throw refuse(
          'InvalidParameterException',
          'Initiate Auth method not supported.',
          `AuthFlow ${flow}: there are ${Object.keys(flows).join(', ')}`,
        )
      }
      return flows[flow]!(textsOf(input, 'AuthParameters'))
    },
    RespondToAuthChallenge(input) {
      checkClient(input)
      if (textOf(input, 'ChallengeName') !== 'PASSWORD_VERIFIER') {
        throw refuse('InvalidParameterException', 'Unsupported challenge', 'only PASSWORD_VERIFIER')
      }
      const user = srp.finish(textsOf(input, 'ChallengeResponses'))
      return result(signIns.open(user), true)
    },
    GetTokensFromRefreshToken(input) {
      checkClient(input)
      return result(signIns.refresh(textOf(input, 'RefreshToken') ?? ''), false)
    },
    async RevokeToken(input) {
      checkClient(input)
      const token = textOf(input, 'Token') ?? ''
      if (!signIns.revoke(token) && (await key.verify(token))) {
        throw refuse('UnsupportedTokenTypeException', 'Only refresh tokens can be revoked.')
      }
      return {}
    },
    async GlobalSignOut(input) {
      signIns.revokeAll(await bearer(input))
      return {}
    },
    async GetUser(input) {
      const user = await bearer(input)
      const attributes = Object.entries({ sub: user.sub, ...user.attributes })
      return {
        Username: user.username,
        UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
      }
    },
  }
}

import { Amplify } from 'aws-amplify'
import { fetchAuthSession, signIn, signOut } from 'aws-amplify/auth'
import { cognitoCredentials, type Credentials } from 'iamfetch'
import { awsCall, type AwsCall } from './aws-call.ts'

/** What the outputs of a stack with users have. */
export interface UserStack {
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
}

/** A user with a token, and credentials of the user's role. */
export interface SignedInUser {
  idToken: string
  credentials: Credentials
}

/** Creates users in the pools of the deployment, and exchanges their ID tokens for credentials of their roles. */
export interface Users {
  /**
   * Creates a user and signs in, by SRP, because the app client of the page allows nothing else.
   *
   * @param group  Defaults to no group.
   * @param mapping  Whether the role of the group is set by hand, or left to the emulator. Defaults to by hand.
   */
  readonly add: (
    name: string,
    group?: string,
    mapping?: 'by hand' | 'by the emulator',
  ) => Promise<SignedInUser>
}

/** @param url  The emulator's. */
export function usersOf(stack: UserStack, url: string, region: string): Users {
  const userPool = awsCall('cognito-idp', url, region)
  const identityPool = awsCall('cognito-identity', url, region)
  const { userPoolId: UserPoolId, userPoolClientId, identityPoolId } = stack
  return {
    async add(Username, GroupName, mapping = 'by hand') {
      const Password = `${crypto.randomUUID()}-aA1`
      await userPool('AdminCreateUser', { UserPoolId, Username, MessageAction: 'SUPPRESS' })
      await userPool('AdminSetUserPassword', { UserPoolId, Username, Password, Permanent: true })
      if (GroupName) await userPool('AdminAddUserToGroup', { UserPoolId, Username, GroupName })
      Amplify.configure({
        Auth: { Cognito: { userPoolId: UserPoolId, userPoolClientId, userPoolEndpoint: url } },
      })
      await signOut()
      await signIn({ username: Username, password: Password })
      const { tokens } = await fetchAuthSession()
      const idToken = tokens?.idToken?.toString()
      if (!idToken) throw new Error(`${Username} could not sign in.`)
      if (GroupName && mapping === 'by hand') {
        const role = await roleOf(userPool, UserPoolId, GroupName)
        await mapByHand(identityPool, identityPoolId, role)
      }
      const exchange = cognitoCredentials({
        identityPoolId,
        idToken: async () => idToken,
        endpoint: url,
      })
      return { idToken, credentials: await exchange() }
    },
  }
}

async function roleOf(userPool: AwsCall, UserPoolId: string, GroupName: string): Promise<string> {
  const { Group } = await userPool('GetGroup', { UserPoolId, GroupName })
  return (Group as { RoleArn: string }).RoleArn
}

/**
 * Does what the identity pool's role mapping says and the emulator does not do: the role of the user's group is the one
 * that the next exchange returns credentials of.
 *
 * @throws Error if the template's role mapping is not the one that takes the role from the token.
 */
async function mapByHand(
  identityPool: AwsCall,
  IdentityPoolId: string,
  authenticated: string,
): Promise<void> {
  const { RoleMappings } = await identityPool('GetIdentityPoolRoles', { IdentityPoolId })
  const [mapping] = Object.values(
    RoleMappings as Record<string, { Type: string; AmbiguousRoleResolution: string }>,
  )
  if (mapping?.Type !== 'Token' || mapping.AmbiguousRoleResolution !== 'Deny') {
    throw new Error(`The role mapping of ${IdentityPoolId} is ${JSON.stringify(mapping)}.`)
  }
  await identityPool('SetIdentityPoolRoles', {
    IdentityPoolId,
    RoleMappings,
    Roles: { authenticated },
  })
}

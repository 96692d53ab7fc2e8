import { startLocalStack, type StackDefinition } from '@iamfetch/local'
import { signIn } from '@iamfetch/testing/sign-in'
import groupAccess from '../../group-access/access.ts'
import premiumContent from '../../premium-content/access.ts'
import type { Target } from './row.ts'
import { exchanged } from './user.ts'

/** Runs the checks' counterpart: both examples in one local stack, and alice signed in. */
export async function withLocalTarget<T>(work: (target: Target) => Promise<T>): Promise<T> {
  const definition: StackDefinition = {
    ...premiumContent,
    groups: withApiNames(groupAccess.groups!),
    users: groupAccess.users!,
    apis: { ...groupAccess.apis, ...premiumContent.apis },
  }
  const stack = await startLocalStack(definition)
  try {
    const { region, endpoints, apis, identityPoolId, userPoolId } = stack.config
    const login = `cognito-idp.${region}.amazonaws.com/${userPoolId}`
    const { cognitoIdentity } = endpoints
    const { idToken } = await signIn(stack, 'alice')
    return await work({
      region,
      testUrl: apis['test']!.url,
      providerUrl: apis['provider']!.url,
      tokenUrl: `${endpoints.oauth}/oauth2/token`,
      cognitoIdentityUrl: cognitoIdentity,
      identityPoolId,
      user: await exchanged({ idToken, login, identityPoolId, endpoint: cognitoIdentity }),
      machine: stack.appClients['globex']!,
    })
  } finally {
    await stack.stop()
  }
}

/** With two APIs in one stack, `API_ID` alone would be ambiguous. */
const withApiNames = (
  groups: NonNullable<StackDefinition['groups']>,
): NonNullable<StackDefinition['groups']> =>
  JSON.parse(JSON.stringify(groups).replaceAll(':API_ID/', ':API_ID_test/'))

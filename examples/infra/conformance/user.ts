import { cognitoCredentials } from 'iamfetch'
import type { Target } from './row.ts'

/** Exchanges an ID token once, and says for which identity. */
export async function exchanged(options: {
  idToken: string
  login: string
  identityPoolId: string
  endpoint: string
}): Promise<NonNullable<Target['user']>> {
  const { idToken, login, identityPoolId, endpoint } = options
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityService.GetId',
    },
    body: JSON.stringify({ IdentityPoolId: identityPoolId, Logins: { [login]: idToken } }),
  })
  if (!answer.ok) throw new Error(`GetId answered ${answer.status}. Is the ID token still good?`)
  const { IdentityId: identityId } = (await answer.json()) as { IdentityId: string }
  const credentials = cognitoCredentials({
    identityPoolId,
    idToken: async () => idToken,
    endpoint,
  })
  return { idToken, login, identityId, credentials: await credentials() }
}

import { JwtRsaVerifier } from 'aws-jwt-verify'
import { check, expect, refused, setup, use } from './harness.mjs'

/** Signs alice in. */
async function tokens() {
  const response = await fetch(setup.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: setup.userPoolClientId,
      AuthParameters: { USERNAME: 'alice', PASSWORD: setup.users.alice.password },
    }),
  })
  return (await response.json()).AuthenticationResult
}

/** It takes no key set over http:, so the program fetches it. */
const keySet = async () => (await fetch(`${setup.issuer}/.well-known/jwks.json`)).json()

use('aws-jwt-verify')
await check('tokens with the local issuer and a key set that was fetched', async () => {
  const { IdToken, AccessToken } = await tokens()
  const verifier = JwtRsaVerifier.create({
    issuer: setup.issuer,
    audience: setup.userPoolClientId,
    jwksUri: `${setup.issuer}/.well-known/jwks.json`.replace('http:', 'https:'),
  })
  verifier.cacheJwks(await keySet())
  expect((await verifier.verify(IdToken))['cognito:username'], 'alice')
  await refused(verifier.verify(AccessToken), 'Error')
})

import * as client from 'openid-client'
import { check, expect, setup, signInAt, use } from './harness.mjs'

const insecure = { execute: [client.allowInsecureRequests] }
const issuer = new URL(setup.issuer)

async function codeFlow(config) {
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: setup.callback,
    scope: 'openid email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  })
  const callback = new URL(await signInAt(url))
  const tokens = await client.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
  })
  const { sub } = tokens.claims()
  expect((await client.fetchUserInfo(config, tokens.access_token, sub)).username, 'alice')
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
  expect(typeof refreshed.id_token, 'string')
  await client.tokenRevocation(config, refreshed.refresh_token ?? tokens.refresh_token)
  const error = await client
    .refreshTokenGrant(config, tokens.refresh_token)
    .catch((thrown) => thrown)
  expect(error.error, 'invalid_grant')
}

use('openid-client')
await check('discovery and code flow with PKCE, without a secret', async () => {
  const none = client.None()
  await codeFlow(await client.discovery(issuer, setup.userPoolClientId, undefined, none, insecure))
})
const { web, rotating } = setup
for (const { name, method } of [
  { name: 'Basic', method: client.ClientSecretBasic(web.clientSecret) },
  { name: 'the secret in the form', method: client.ClientSecretPost(web.clientSecret) },
]) {
  await check(`code flow, refresh and revocation with ${name}`, async () => {
    await codeFlow(await client.discovery(issuer, web.clientId, undefined, method, insecure))
  })
}
await check('refresh tokens that rotate', async () => {
  const method = client.ClientSecretBasic(rotating.clientSecret)
  await codeFlow(await client.discovery(issuer, rotating.clientId, undefined, method, insecure))
})
await check('client credentials', async () => {
  const { clientId, clientSecret, scope } = setup.machine
  const method = client.ClientSecretBasic(clientSecret)
  const config = await client.discovery(issuer, clientId, undefined, method, insecure)
  const tokens = await client.clientCredentialsGrant(config, { scope })
  expect(tokens.token_type, 'bearer')
})
await check('end of the session', async () => {
  const config = await client.discovery(
    issuer,
    setup.userPoolClientId,
    undefined,
    client.None(),
    insecure,
  )
  const url = client.buildEndSessionUrl(config, { logout_uri: setup.loggedOut })
  const response = await fetch(url, { redirect: 'manual' })
  expect([response.status, response.headers.get('location')], [302, setup.loggedOut])
})

import { Auth } from '@auth/core'
import Cognito from '@auth/core/providers/cognito'
import { signInWithApp } from './browser.mjs'
import { check, expect, setup, use } from './harness.mjs'

const { web } = setup

const app = (more = {}) => ({
  providers: [
    Cognito({
      clientId: web.clientId,
      clientSecret: web.clientSecret,
      issuer: setup.issuer,
      ...more,
    }),
  ],
  basePath: '/api/auth',
  secret: 'a secret of this test alone, of 32 characters',
  trustHost: true,
  logger: { error: (error) => console.error(error.cause ?? error), warn() {}, debug() {} },
})

use('@auth/core')
for (const { name, more } of [
  { name: 'Basic', more: {} },
  {
    name: 'the secret in the form',
    more: { client: { token_endpoint_auth_method: 'client_secret_post' } },
  },
  { name: 'a nonce', more: { checks: ['pkce', 'nonce', 'state'] } },
]) {
  await check(`sign-in of a web app with ${name}`, async () => {
    const session = await signInWithApp((request) => Auth(request, app(more)))
    expect(session.user.email, setup.users.alice.email)
  })
}
await check('sign-in of a web app without a secret', async () => {
  const more = {
    clientId: setup.userPoolClientId,
    clientSecret: undefined,
    client: { token_endpoint_auth_method: 'none' },
  }
  const session = await signInWithApp((request) => Auth(request, app(more)))
  expect(session.user.email, setup.users.alice.email)
})

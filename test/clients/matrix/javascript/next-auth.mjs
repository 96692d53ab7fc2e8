import { createRequire } from 'node:module'
import { signInWithApp } from './browser.mjs'
import { check, expect, setup, use } from './harness.mjs'

const require = createRequire(import.meta.url)
const NextAuth = require('next-auth').default
const Cognito = require('next-auth/providers/cognito').default

process.env.NEXTAUTH_URL = 'http://localhost:3000'
const { web } = setup

const options = (more = {}) => ({
  providers: [
    Cognito({
      clientId: web.clientId,
      clientSecret: web.clientSecret,
      issuer: setup.issuer,
      ...more,
    }),
  ],
  secret: 'a secret of this test alone, of 32 characters',
  logger: { error: (code, data) => console.error(code, data), warn() {}, debug() {} },
})

/** Calls the handler as an API route of Next.js does. */
async function handle(request, config) {
  const url = new URL(request.url)
  const cookies = Object.fromEntries(
    (request.headers.get('cookie') ?? '')
      .split('; ')
      .filter(Boolean)
      .map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)])
      .map(([name, value]) => [name, decodeURIComponent(value)]),
  )
  const nextauth = url.pathname.replace('/api/auth/', '').split('/')
  const req = {
    method: request.method,
    headers: Object.fromEntries(request.headers),
    cookies,
    query: { ...Object.fromEntries(url.searchParams), nextauth },
    body: request.method === 'POST' ? Object.fromEntries(await request.formData()) : undefined,
  }
  return new Promise((resolve) => {
    const headers = new Headers()
    let status = 200
    const end = (body) => {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      resolve(new Response(text, { status, headers }))
    }
    const res = {
      status: (code) => ((status = code), res),
      setHeader(name, value) {
        headers.delete(name)
        for (const one of [value].flat()) headers.append(name, one)
        return res
      },
      getHeader: (name) => (name === 'Set-Cookie' ? headers.getSetCookie() : headers.get(name)),
      json: end,
      send: end,
      end,
    }
    void NextAuth(req, res, config)
  })
}

use('next-auth')
for (const { name, more } of [
  { name: 'Basic', more: {} },
  {
    name: 'the secret in the form',
    more: { client: { token_endpoint_auth_method: 'client_secret_post' } },
  },
  { name: 'a nonce', more: { checks: ['pkce', 'nonce', 'state'] } },
]) {
  await check(`sign-in of a web app with ${name}`, async () => {
    const session = await signInWithApp((request) => handle(request, options(more)))
    expect(session.user.email, setup.users.alice.email)
  })
}

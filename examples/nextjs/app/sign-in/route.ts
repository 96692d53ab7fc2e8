import { createHash, randomBytes } from 'node:crypto'
import { NextResponse } from 'next/server'
import { appUrl, config } from '../../lib/config'
import { COOKIE } from '../../lib/cookies'

export const dynamic = 'force-dynamic'

/** Sends the browser to the sign-in pages of the user pool: authorization code with PKCE. */
export function GET(): Response {
  const { endpoints, userPoolClientId } = config()
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const url = new URL('/oauth2/authorize', endpoints.oauth)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: userPoolClientId,
    redirect_uri: appUrl('/callback'),
    scope: 'openid email',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  const response = NextResponse.redirect(url)
  response.cookies.set('sign_in', `${state}.${verifier}`, { ...COOKIE, maxAge: 300 })
  return response
}

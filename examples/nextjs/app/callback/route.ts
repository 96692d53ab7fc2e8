import { NextResponse, type NextRequest } from 'next/server'
import { appUrl, config } from '../../lib/config'
import { COOKIE } from '../../lib/session'

/** Takes the code that the sign-in pages sent, and keeps the ID token in a cookie. */
export async function GET(request: NextRequest): Promise<Response> {
  const { searchParams } = request.nextUrl
  const [state, verifier] = request.cookies.get('sign_in')?.value.split('.') ?? []
  const code = searchParams.get('code')
  if (!state || !verifier || !code || searchParams.get('state') !== state) {
    return new Response('This sign-in was not begun here.', { status: 400 })
  }
  const { endpoints, userPoolClientId } = config()
  const answer = await fetch(new URL('/oauth2/token', endpoints.oauth), {
    method: 'POST',
    cache: 'no-store',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: userPoolClientId,
      code,
      redirect_uri: appUrl('/callback'),
      code_verifier: verifier,
    }),
  })
  if (!answer.ok) return new Response('The sign-in was refused.', { status: 502 })
  const { id_token, expires_in } = (await answer.json()) as { id_token: string; expires_in: number }
  const response = NextResponse.redirect(appUrl('/'))
  response.cookies.set('id_token', id_token, { ...COOKIE, maxAge: expires_in })
  response.cookies.delete('sign_in')
  return response
}

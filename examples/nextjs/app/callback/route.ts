import { NextResponse, type NextRequest } from 'next/server'
import { appUrl } from '../../lib/config'
import { keep } from '../../lib/cookies'
import { redeem } from '../../lib/tokens'

/** Takes the code that the sign-in pages sent, and keeps what it is good for in cookies. */
export async function GET(request: NextRequest): Promise<Response> {
  const { searchParams } = request.nextUrl
  const [state, verifier] = request.cookies.get('sign_in')?.value.split('.') ?? []
  const code = searchParams.get('code')
  if (!state || !verifier || !code || searchParams.get('state') !== state) {
    return new Response('This sign-in was not begun here.', { status: 400 })
  }
  const tokens = await redeem({
    grant_type: 'authorization_code',
    code,
    redirect_uri: appUrl('/callback'),
    code_verifier: verifier,
  })
  if (!tokens) return new Response('The sign-in was refused.', { status: 502 })
  const response = NextResponse.redirect(appUrl('/'))
  keep(response.cookies, tokens)
  response.cookies.delete('sign_in')
  return response
}

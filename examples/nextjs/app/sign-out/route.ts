import { NextResponse, type NextRequest } from 'next/server'
import { appUrl, config } from '../../lib/config'
import { forget } from '../../lib/cookies'
import { unseal } from '../../lib/sealed'
import { revoke } from '../../lib/tokens'

export const dynamic = 'force-dynamic'

/** Forgets the user here and at the sign-in pages, and ends the refresh token. */
export async function GET(request: NextRequest): Promise<Response> {
  const refreshToken = unseal(request.cookies.get('refresh_token')?.value ?? '')
  // The user is signed out here even if the user pool does not respond.
  if (refreshToken) await revoke(refreshToken).catch(console.error)
  const { endpoints, userPoolClientId } = config()
  const url = new URL('/logout', endpoints.oauth)
  url.search = new URLSearchParams({
    client_id: userPoolClientId,
    logout_uri: appUrl('/'),
  }).toString()
  const response = NextResponse.redirect(url)
  forget(response.cookies)
  return response
}

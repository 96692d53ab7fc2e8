import { NextResponse } from 'next/server'
import { appUrl, config } from '../../lib/config'

export const dynamic = 'force-dynamic'

/** Forgets the user here, and at the sign-in pages. */
export function GET(): Response {
  const { endpoints, userPoolClientId } = config()
  const url = new URL('/logout', endpoints.oauth)
  url.search = new URLSearchParams({
    client_id: userPoolClientId,
    logout_uri: appUrl('/'),
  }).toString()
  const response = NextResponse.redirect(url)
  response.cookies.delete('id_token')
  return response
}

import { NextResponse, type NextRequest } from 'next/server'
import { forget, keep } from './lib/cookies'
import { renewalOf } from './lib/renewal'

/**
 * Renews an ID token that has expired, or is about to, before pages and route handlers see the request: a server component
 * may read cookies, and not set them.
 */
export async function proxy({ cookies, headers }: NextRequest): Promise<Response> {
  const [idToken, sealed] = ['id_token', 'refresh_token'].map((name) => cookies.get(name)?.value)
  const renewal = await renewalOf(idToken, sealed)
  if (renewal === 'not due') return NextResponse.next()
  // What this request goes on with, in the same headers.
  if (renewal === 'refused') cookies.delete('id_token')
  else cookies.set('id_token', renewal.id_token)
  const response = NextResponse.next({ request: { headers } })
  if (renewal === 'refused') forget(response.cookies)
  else keep(response.cookies, renewal)
  return response
}

/** Where somebody's ID token is used. */
export const config = { matcher: ['/', '/api/:path*'] }

import type { NextResponse } from 'next/server'
import { seal } from './sealed'
import type { Tokens } from './tokens'

/** A cookie that no script reads and no other site sends along. */
export const COOKIE = {
  httpOnly: true,
  sameSite: 'lax',
  path: '/',
  secure: process.env['APP_URL']?.startsWith('https:') ?? true,
} as const

/** How long a refresh token is kept, in seconds. How long it works is the user pool's to say; 30 days is its default. */
const KEPT_SECONDS = 30 * 86_400

/** Keeps a sign-in in the browser: the ID token while it lives, the refresh token sealed. */
export function keep(
  cookies: NextResponse['cookies'],
  { id_token, expires_in, refresh_token }: Tokens,
): void {
  cookies.set('id_token', id_token, { ...COOKIE, maxAge: expires_in })
  if (refresh_token) {
    cookies.set('refresh_token', seal(refresh_token), { ...COOKIE, maxAge: KEPT_SECONDS })
  }
}

/** Forgets a sign-in. */
export function forget(cookies: NextResponse['cookies']): void {
  cookies.delete('id_token')
  cookies.delete('refresh_token')
}

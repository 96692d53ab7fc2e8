import { cookies } from 'next/headers'

/** A cookie that no script reads and no other site sends along. */
export const COOKIE = {
  httpOnly: true,
  sameSite: 'lax',
  path: '/',
  secure: process.env['APP_URL']?.startsWith('https:') ?? true,
} as const

/** Gives the ID token of the request's user. Nobody has verified it: the identity pool does, when it is exchanged. */
export const idTokenOfRequest = async (): Promise<string | undefined> =>
  (await cookies()).get('id_token')?.value

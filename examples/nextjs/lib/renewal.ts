import { createHash } from 'node:crypto'
import { unseal } from './sealed'
import { redeem, type Tokens } from './tokens'

/** How long before its end an ID token is renewed, in seconds: what is asked of it now has to be done before. */
const MARGIN_SECONDS = 60

/** Renewals that are under way, so that requests that come at once ask once. */
const underWay = new Map<string, Promise<Tokens | undefined>>()

/**
 * Renews an ID token when it is time.
 *
 * @param idToken  That of the request; browsers drop theirs when it ends.
 * @param sealed   The request's refresh token, as its cookie holds it.
 * @returns `refused` where the user has to sign in again; `not due` also where the user pool cannot be asked now: what is
 *   there has to do until then.
 */
export async function renewalOf(
  idToken: string | undefined,
  sealed: string | undefined,
): Promise<Tokens | 'refused' | 'not due'> {
  if (!sealed || secondsLeft(idToken) > MARGIN_SECONDS) return 'not due'
  const refreshToken = unseal(sealed)
  if (!refreshToken) return 'refused'
  const key = createHash('sha256').update(refreshToken).digest('base64')
  const asked =
    underWay.get(key) ?? redeem({ grant_type: 'refresh_token', refresh_token: refreshToken })
  underWay.set(key, asked)
  try {
    return (await asked) ?? 'refused'
  } catch (error) {
    console.error('The ID token could not be renewed.', error)
    return 'not due'
  } finally {
    underWay.delete(key)
  }
}

/** The lifetime that a token claims. It is not verified: it decides when to request another token, and nothing else. */
function secondsLeft(idToken = ''): number {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString(),
    )
    const { exp }: { exp?: unknown } = Object(claims)
    return Number(exp) - Date.now() / 1_000 || 0
  } catch {
    return 0
  }
}

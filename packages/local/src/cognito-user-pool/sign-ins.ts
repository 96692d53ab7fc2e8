import type { Clock } from '../faults/faults.ts'
import { drawUuid, type Random } from '../random.ts'
import { refuse } from '../aws-json/service-error.ts'
import type { Directory, User } from './users.ts'

/** One sign-in: everything that its refresh token begets shares its `origin_jti`. */
export interface SignedIn {
  readonly user: User
  readonly originJti: string
  readonly refreshToken: string
  /** Seconds since the epoch. */
  readonly authTime: number
  /** What was granted at the hosted pages. The user pool's own API grants no scopes. */
  readonly scopes?: readonly string[] | undefined
}

/** Who is signed in, and who no longer is. */
export interface SignIns {
  open(user: User, scopes?: readonly string[]): SignedIn
  /** @throws a refusal for a refresh token that is unknown, revoked or too old. */
  refresh(refreshToken: string): SignedIn
  /** Ends one sign-in. @returns Whether that was a refresh token of ours. */
  revoke(refreshToken: string): boolean
  /** Ends all sign-ins of somebody. */
  revokeAll(user: User): void
  /** Finds the sign-in behind a token unless it was ended. */
  find(originJti: unknown): SignedIn | undefined
  /** Everything, for a stack that takes this one's place. */
  all(): RememberedSignIns
}

/** Sign-ins as plain data: users by their names, and which of the refresh tokens still work. */
export type RememberedSignIns = readonly (Omit<SignedIn, 'user'> & {
  readonly username: string
  readonly live: boolean
})[]

/** Cognito's default life of a refresh token. */
const REFRESH_SECONDS = 30 * 86_400

/**
 * Makes the book of sign-ins. It lives in memory.
 *
 * @param known  Those of an earlier stack; a user who is no longer there is forgotten.
 */
export function createSignIns(
  { find }: Pick<Directory, 'find'>,
  { clock, random, known = [] }: { clock: Clock; random: Random; known?: RememberedSignIns },
): SignIns {
  const byRefreshToken = new Map<string, SignedIn>()
  const live = new Map<string, SignedIn>()
  for (const { username, live: goesOn, ...rest } of known) {
    const user = find(username)
    if (!user) continue
    const signedIn = { ...rest, user }
    byRefreshToken.set(signedIn.refreshToken, signedIn)
    if (goesOn) live.set(signedIn.originJti, signedIn)
  }
  const now = (): number => Math.floor(clock.now() / 1_000)
  return {
    find: (originJti) => live.get(String(originJti)),
    all: () =>
      [...byRefreshToken.values()].map(({ user, ...rest }) => ({
        ...rest,
        username: user.username,
        live: live.has(rest.originJti),
      })),
    open(user, scopes) {
      const signedIn: SignedIn = {
        user,
        originJti: drawUuid(random),
        refreshToken: Buffer.from(random(192)).toString('base64url'),
        authTime: now(),
        scopes,
      }
      byRefreshToken.set(signedIn.refreshToken, signedIn)
      live.set(signedIn.originJti, signedIn)
      return signedIn
    },
    refresh(refreshToken) {
      const signedIn = byRefreshToken.get(refreshToken)
      if (!signedIn) throw refuse('NotAuthorizedException', 'Invalid Refresh Token')
      if (!live.has(signedIn.originJti)) {
        throw refuse('NotAuthorizedException', 'Refresh Token has been revoked')
      }
      if (now() >= signedIn.authTime + REFRESH_SECONDS) {
        throw refuse('NotAuthorizedException', 'Refresh Token has expired')
      }
      return signedIn
    },
    revoke(refreshToken) {
      const signedIn = byRefreshToken.get(refreshToken)
      if (signedIn) live.delete(signedIn.originJti)
      return signedIn !== undefined
    },
    revokeAll(user) {
      for (const signedIn of live.values()) {
        if (signedIn.user.username === user.username) live.delete(signedIn.originJti)
      }
    },
  }
}

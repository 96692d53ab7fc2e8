import type { Clock } from '../faults/faults.ts'
import { drawUuid, type Random } from '../random.ts'
import { refuse } from '../aws-json/service-error.ts'
import type { Directory, User } from './users.ts'

/** One sign-in. All tokens that come from its refresh token, and from those that replace it, share its `origin_jti`. */
export interface SignedIn {
  readonly user: User
  /** The app client that the user signed in with. Tokens are for it, and no other may refresh them. */
  readonly clientId: string
  readonly originJti: string
  readonly refreshToken: string
  /** Seconds since the epoch. */
  readonly authTime: number
  /** What was granted at the hosted pages. The user pool's own API grants no scopes. */
  readonly scopes?: readonly string[] | undefined
  /** The `aud` of access tokens, if the app requested one at the hosted pages. */
  readonly resource?: string | undefined
  /** When this refresh token ends because another one replaced it, in milliseconds since the epoch. */
  readonly rotatedUntil?: number | undefined
}

/** Who is signed in, and who no longer is. */
export interface SignIns {
  open(user: User, clientId: string, granted?: Pick<SignedIn, 'scopes' | 'resource'>): SignedIn
  /**
   * Finds the sign-in of a refresh token. With rotation the result has a new refresh token.
   *
   * @throws A refusal if the refresh token is unknown, of another app client, revoked, replaced or too old.
   */
  refresh(refreshToken: string, client: RefreshRules): SignedIn
  /** Finds the sign-in of a refresh token, whatever its state. */
  ofRefreshToken(refreshToken: string): SignedIn | undefined
  /** Ends one sign-in. @returns Whether that was a refresh token of ours. */
  revoke(refreshToken: string): boolean
  /** Ends all sign-ins of a user. */
  revokeAll(user: User): void
  /** Finds the sign-in behind a token unless it was ended. */
  find(originJti: unknown): SignedIn | undefined
  /** Everything, for a stack that takes this one's place. */
  all(): RememberedSignIns
}

/** The settings of an app client for its refresh tokens. */
export interface RefreshRules {
  clientId: string
  refreshTokenSeconds: number
  /** `undefined` if refresh tokens do not rotate. */
  rotationGraceSeconds: number | undefined
}

/** Sign-ins as plain data: users by their names, and which of the refresh tokens still work. */
export type RememberedSignIns = readonly (Omit<SignedIn, 'user'> & {
  readonly username: string
  readonly live: boolean
})[]

/**
 * Creates the list of sign-ins. It is in memory.
 *
 * @param known  Those of an earlier stack; a user who is no longer there is forgotten.
 */
// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of the closure
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
    open(user, clientId, granted = {}) {
      const signedIn: SignedIn = {
        user,
        clientId,
        originJti: drawUuid(random),
        refreshToken: drawRefreshToken(random),
        authTime: now(),
        ...granted,
      }
      byRefreshToken.set(signedIn.refreshToken, signedIn)
      live.set(signedIn.originJti, signedIn)
      return signedIn
    },
    ofRefreshToken: (refreshToken) => byRefreshToken.get(refreshToken),
    refresh(refreshToken, { clientId, refreshTokenSeconds, rotationGraceSeconds }) {
      const signedIn = byRefreshToken.get(refreshToken)
      if (signedIn?.clientId !== clientId) {
        const reason = signedIn
          ? 'the refresh token is of another app client'
          : 'there is no such refresh token'
        throw refuse('NotAuthorizedException', 'Invalid Refresh Token', reason)
      }
      if (!live.has(signedIn.originJti)) {
        throw refuse('NotAuthorizedException', 'Refresh Token has been revoked')
      }
      if (now() >= signedIn.authTime + refreshTokenSeconds) {
        throw refuse('NotAuthorizedException', 'Refresh Token has expired')
      }
      if (signedIn.rotatedUntil !== undefined && clock.now() >= signedIn.rotatedUntil) {
        // unverified: the text
        throw refuse('RefreshTokenReuseException', 'Refresh Token has been rotated')
      }
      if (rotationGraceSeconds === undefined) return signedIn
      const rotatedUntil = signedIn.rotatedUntil ?? clock.now() + rotationGraceSeconds * 1_000
      byRefreshToken.set(refreshToken, { ...signedIn, rotatedUntil })
      const next = { ...signedIn, refreshToken: drawRefreshToken(random), rotatedUntil: undefined }
      byRefreshToken.set(next.refreshToken, next)
      live.set(next.originJti, next)
      return next
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

const drawRefreshToken = (random: Random): string => Buffer.from(random(192)).toString('base64url')

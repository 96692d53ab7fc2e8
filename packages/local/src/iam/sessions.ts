import type { PolicyDocument } from '@iamfetch/policy'
import type { Clock } from '../faults/faults.ts'
import { DIGITS, drawText, UPPER, type Random } from '../random.ts'

/** A role with everything filled in. */
export interface Role {
  arn: string
  name: string
  /** `AROA…` */
  id: string
  policy: PolicyDocument
  trust: PolicyDocument
}

/** Temporary credentials, in the shape of the AWS SDK's. */
export interface SessionCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** The facts that a signature is checked against. */
export interface SessionKey extends SessionCredentials {
  /** Milliseconds since the epoch, by the stack's clock. */
  expiresAt: number
}

/** The identity of an identity pool that a session belongs to. */
export interface CognitoIdentity {
  identityId: string
  identityPoolId: string
  /** `authenticated` with the provider and the subject, or `unauthenticated`. */
  amr: readonly string[]
  /** Who signed in; nothing for a guest. */
  sub?: string
}

/** Temporary credentials with their role: of a Cognito identity, or of a service. */
export interface Session extends SessionKey {
  role: Role
  /** The last part of its ARN. */
  name: string
  /** `undefined` for a service. */
  identity?: CognitoIdentity | undefined
  /** The principal tags of the session. Defaults to none. */
  tags?: Readonly<Record<string, string>> | undefined
  /** Milliseconds since the epoch, by the stack's clock. */
  issuedAt: number
}

/** What the gateway needs to know about an access key. */
export interface Sessions {
  /** Also finds a session that has expired, for a while: a service distinguishes that from an unknown key. */
  find(accessKeyId: string): Session | undefined
}

/** Opens and ends sessions. */
export interface SessionBook extends Sessions {
  open(owner: Pick<Session, 'role' | 'name' | 'identity' | 'tags'>): Session
  /** @returns Whether there was such a session. */
  end(accessKeyId: string, as: 'expired' | 'revoked'): boolean
  /** Everything, the oldest first, for a stack that takes this one's place. */
  all(): readonly Session[]
}

/** How long an expired session is remembered as expired. */
const REMEMBERED_MS = 24 * 3_600_000
/** The beginning of AWS's session tokens; the rest is opaque there and random here. */
const TOKEN_PREFIX = 'IQoJb3JpZ2luX2Vj'

/**
 * Creates the store of session credentials. They are random and kept in memory.
 *
 * @param sessionSeconds  How long a session lasts.
 * @param known           Those of an earlier stack, the oldest first.
 */
export function createSessions(
  clock: Clock,
  sessionSeconds: number,
  random: Random,
  known: readonly Session[] = [],
): SessionBook {
  const sessions = new Map(known.map((session) => [session.accessKeyId, session]))
  return {
    all: () => [...sessions.values()],
    find: (accessKeyId) => sessions.get(accessKeyId),
    open(owner) {
      const now = clock.now()
      // In order of opening, so the oldest are first.
      for (const { accessKeyId, expiresAt } of sessions.values()) {
        if (now < expiresAt + REMEMBERED_MS) break
        sessions.delete(accessKeyId)
      }
      const session: Session = {
        ...owner,
        ...drawCredentials(random),
        issuedAt: now,
        // On the wire it is a number of seconds.
        expiresAt: (Math.floor(now / 1_000) + sessionSeconds) * 1_000,
      }
      sessions.set(session.accessKeyId, session)
      return session
    },
    end(accessKeyId, as) {
      const session = sessions.get(accessKeyId)
      if (!session) return false
      if (as === 'revoked') return sessions.delete(accessKeyId)
      session.expiresAt = Math.min(session.expiresAt, clock.now())
      return true
    },
  }
}

/** Draws credentials in the form of STS. */
export const drawCredentials = (random: Random): SessionCredentials => ({
  accessKeyId: `ASIA${drawText(random, UPPER + DIGITS, 16)}`,
  secretAccessKey: Buffer.from(random(30)).toString('base64'),
  sessionToken: TOKEN_PREFIX + Buffer.from(random(480)).toString('base64'),
})

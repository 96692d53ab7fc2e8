import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../faults/faults.ts'
import { drawUuid, type Random } from '../random.ts'
import type { SignedIn } from '../cognito-user-pool/sign-ins.ts'
import type { User } from '../cognito-user-pool/users.ts'
import { accepted, refused, type Result } from '../result.ts'
import type { Authorization } from './hosted-client.ts'

/** What a token request shows for a code. */
export interface CodeProof {
  code: string
  redirectUri: string
  verifier: string | undefined
}

/** What a code stands for. */
export interface Grant {
  user: User
  authorization: Authorization
}

/** Authorization codes: five minutes, once. */
export interface Codes {
  open(grant: Grant): string
  /**
   * Uses up a code, whatever the result is.
   * @returns The grant of the code, or the reason why it is refused.
   */
  redeem(proof: CodeProof): Result<Grant, string>
  /** Remembers what a code was given, so that showing it again can end it. */
  redeemed(code: string, signedIn: SignedIn): void
  /** What a code that comes again was given before. */
  givenFor(code: string): SignedIn | undefined
}

/** Cognito's life of a code. */
const CODE_MS = 300_000

/**
 * Creates the codes of a user pool. They are in memory.
 *
 * If a code is used a second time, it was stolen: the token endpoint then revokes what the first
 * one was given (RFC 6749 §4.1.2). Whether Cognito does so is unverified.
 */
export function createCodes(clock: Clock, random: Random): Codes {
  const open = new Map<string, Grant & { endsAt: number }>()
  const given = new Map<string, SignedIn>()
  return {
    open(grant) {
      const code = drawUuid(random)
      open.set(code, { ...grant, endsAt: clock.now() + CODE_MS })
      return code
    },
    redeem({ code, redirectUri, verifier }) {
      const grant = open.get(code)
      open.delete(code)
      if (!grant) return refused('there is no such code, or it was used')
      if (clock.now() >= grant.endsAt) return refused('the code is older than five minutes')
      if (redirectUri !== grant.authorization.redirectUri) {
        return refused('redirect_uri is not the one of the authorization request')
      }
      const { codeChallenge } = grant.authorization
      if (codeChallenge === undefined) {
        if (verifier === undefined) return accepted(grant)
        return refused('code_verifier came, and the authorization request had no code_challenge')
      }
      const hash = createHash('sha256')
        .update(verifier ?? '')
        .digest()
      const expected = Buffer.from(codeChallenge, 'base64url')
      if (expected.length === hash.length && timingSafeEqual(expected, hash)) return accepted(grant)
      return refused('code_verifier does not fit code_challenge')
    },
    redeemed: (code, signedIn) => void given.set(code, signedIn),
    givenFor: (code) => given.get(code),
  }
}

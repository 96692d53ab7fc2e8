import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../faults/faults.ts'
import type { Ids } from '../ids.ts'
import type { Random } from '../random.ts'
import { refuse, required, wrongPassword } from '../aws-json/service-error.ts'
import { challenge, claimSignature, sharedKey, type Challenge } from './srp.ts'
import { poolNameOf, type Directory, type User } from './users.ts'

/** `USER_SRP_AUTH` and its only challenge, `PASSWORD_VERIFIER`. */
export interface SrpFlow {
  /** Answers `InitiateAuth`. */
  start(parameters: ReadonlyMap<string, string>): Record<string, unknown>
  /** Checks `RespondToAuthChallenge`. @throws a refusal unless the client knew the password. */
  finish(responses: ReadonlyMap<string, string>): User
}

interface Pending {
  user: User
  /** As the client named the user: an alias, or the user name. */
  name: string
  known: boolean
  A: bigint
  challenge: Challenge
  until: number
}

/** Cognito's default `AuthSessionValidity`. */
const CHALLENGE_MS = 180_000
const PENDING_KEPT = 10_000
/** `EEE MMM d HH:mm:ss z yyyy` */
const TIMESTAMP = /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d{2}:\d{2}:\d{2} UTC \d{4}$/

/**
 * Creates the two steps of an SRP sign-in. A challenge can be answered once, within three minutes; an unknown
 * user gets one too and fails with its response.
 *
 * @see [AWS: SRP](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html)
 */
// oxlint-disable-next-line max-lines-per-function -- short methods that share the state of the closure
export function createSrpFlow({
  ids,
  directory,
  clock,
  random,
}: {
  ids: Ids
  directory: Directory
  clock: Clock
  random: Random
}): SrpFlow {
  const pending = new Map<string, Pending>()
  return {
    start(parameters) {
      const username = required(parameters, 'USERNAME')
      const A = integer(required(parameters, 'SRP_A'))
      const knownUser = directory.findForSignIn(username)
      const user = knownUser ?? directory.unknownUser(username)
      const drawn = challenge(user.srp(), random(32))
      const secretBlock = Buffer.from(random(64)).toString('base64')
      const now = clock.now()
      for (const [oldest, { until }] of pending) {
        if (now < until && pending.size < PENDING_KEPT) break
        pending.delete(oldest)
      }
      const known = knownUser !== undefined
      const until = now + CHALLENGE_MS
      pending.set(secretBlock, { user, name: username, known, A, challenge: drawn, until })
      return {
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeParameters: {
          SALT: user.srp().salt.toString(16),
          SECRET_BLOCK: secretBlock,
          SRP_B: drawn.B.toString(16),
          // With an alias, the client continues with the user name itself, which the password verifier is computed with.
          USERNAME: user.username,
          USER_ID_FOR_SRP: user.username,
        },
      }
    },
    finish(responses) {
      const username = required(responses, 'USERNAME')
      const secretBlock = required(responses, 'PASSWORD_CLAIM_SECRET_BLOCK')
      const given = Buffer.from(required(responses, 'PASSWORD_CLAIM_SIGNATURE'), 'base64')
      const timestamp = required(responses, 'TIMESTAMP')
      if (!TIMESTAMP.test(timestamp)) {
        throw refuse(
          'InvalidParameterException',
          'TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.',
        )
      }
      const issued = pending.get(secretBlock)
      pending.delete(secretBlock)
      if (!issued || (issued.user.username !== username && issued.name !== username)) {
        throw wrongPassword('no such challenge for this user')
      }
      if (clock.now() >= issued.until) {
        throw refuse(
          'NotAuthorizedException',
          'Invalid session for the user, session is expired.',
          'the challenge is older than 3 minutes',
        )
      }
      const key = sharedKey(issued.user.srp(), issued.challenge, issued.A)
      if (!key) throw wrongPassword('SRP_A is a value that RFC 5054 forbids')
      const expected = claimSignature(key, {
        poolName: poolNameOf(ids),
        username: issued.user.username,
        secretBlock: Buffer.from(secretBlock, 'base64'),
        timestamp,
      })
      const right = given.length === expected.length && timingSafeEqual(given, expected)
      if (!issued.known) throw wrongPassword('there is no such user')
      if (!right) throw wrongPassword('the password is wrong')
      return issued.user
    },
  }
}

function integer(hex: string): bigint {
  // N has 768 hexadecimal digits; anything longer only costs time.
  if (/^[0-9a-f]{1,770}$/i.test(hex)) return BigInt(`0x${hex}`)
  throw refuse('InvalidParameterException', 'SRP_A has to be a hexadecimal number')
}

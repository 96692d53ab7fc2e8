import type { Clock } from '../faults/faults.ts'
import { refuse } from '../aws-json/service-error.ts'
import { printable } from '../http/printable.ts'
import { DIGITS, drawText, type Random } from '../random.ts'
import type { User } from './users.ts'

/** A message that a user pool on AWS would send to a user. */
export interface SentCode {
  kind: 'confirm-sign-up' | 'reset-password' | 'verify-email' | 'temporary-password'
  username: string
  /** The e-mail address; empty if the user has none. */
  destination: string
  /** Six digits, or the temporary password. */
  code: string
}

/** What is notified of codes. */
export type OnCode = (sent: SentCode) => void

/** Prints a code on stderr, as the local stack sends no mail. */
export function printCode({ kind, username, destination, code }: SentCode): void {
  const to = destination === '' ? '' : `, to ${printable(destination)}`
  console.error(`Code for ${printable(username)} (${kind}${to}): ${printable(code)}`)
}

/** The codes of users who confirm an address or a new password. */
export interface VerificationCodes {
  /** Sends a new code. A previous one of the same kind no longer works. @returns `CodeDeliveryDetails`. */
  send(kind: SentCode['kind'], user: User): Record<string, string>
  /** Sends a temporary password. */
  sendPassword(user: User, password: string): void
  /** @throws A refusal unless it is the current code of this user. */
  take(kind: SentCode['kind'], username: string, code: string): void
}

/** A confirmation code works for a day, one for a new password for an hour. */
const LIFE_MS: Readonly<Record<SentCode['kind'], number>> = {
  'confirm-sign-up': 86_400_000,
  'verify-email': 86_400_000,
  'temporary-password': 7 * 86_400_000,
  'reset-password': 3_600_000,
}

/** Six digits can be guessed, so a code ends after this many wrong ones. unverified: Cognito's number. */
const MOST_ATTEMPTS = 5

/** Creates the codes of a user pool. They are in memory. */
export function createVerificationCodes(
  clock: Clock,
  random: Random,
  onCode: OnCode,
): VerificationCodes {
  const open = new Map<string, { code: string; endsAt: number; attempts: number }>()
  return {
    send(kind, user) {
      const code = drawText(random, DIGITS, 6)
      open.set(`${kind}:${user.username}`, {
        code,
        endsAt: clock.now() + LIFE_MS[kind],
        attempts: 0,
      })
      onCode({ kind, username: user.username, destination: emailOf(user), code })
      return deliveryOf(emailOf(user))
    },
    sendPassword(user, password) {
      const kind = 'temporary-password'
      onCode({ kind, username: user.username, destination: emailOf(user), code: password })
    },
    take(kind, username, code) {
      const key = `${kind}:${username}`
      const issued = open.get(key)
      if (!issued || clock.now() >= issued.endsAt) {
        open.delete(key)
        throw refuse('ExpiredCodeException', 'Invalid code provided, please request a code again.')
      }
      if (issued.attempts >= MOST_ATTEMPTS) {
        throw refuse(
          'LimitExceededException',
          'Attempt limit exceeded, please try after some time.',
        )
      }
      if (issued.code !== code) {
        issued.attempts++
        throw refuse(
          'CodeMismatchException',
          'Invalid verification code provided, please try again.',
        )
      }
      open.delete(key)
    },
  }
}

/** How Cognito reports to an app where a code was sent. */
export const deliveryOf = (email: string): Record<string, string> => ({
  AttributeName: 'email',
  DeliveryMedium: 'EMAIL',
  Destination: email.replace(/^(.).*@(.).*$/, '$1***@$2***'),
})

const emailOf = ({ attributes }: User): string => attributes['email'] ?? ''

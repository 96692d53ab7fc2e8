import { refuse } from '../aws-json/service-error.ts'
import type { User } from './users.ts'

/** Cognito's default password policy, as `DescribeUserPool` shows it. */
export const PASSWORD_POLICY = {
  MinimumLength: 8,
  RequireUppercase: true,
  RequireLowercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
  TemporaryPasswordValidityDays: 7,
}

const RULES: readonly { matches: RegExp; otherwise: string }[] = [
  { matches: /^.{8,}$/s, otherwise: 'Password not long enough' },
  { matches: /\d/, otherwise: 'Password must have numeric characters' },
  { matches: /[A-Z]/, otherwise: 'Password must have uppercase characters' },
  { matches: /[a-z]/, otherwise: 'Password must have lowercase characters' },
  {
    matches: /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+ -]/,
    otherwise: 'Password must have symbol characters',
  },
]

/** No white space at either end, which the API requires of every password before the pool applies its policy. */
const FORM = /^\S+.*\S+$/
const MOST_CHARACTERS = 256

/**
 * Checks a new password: its form, then the policy. An empty one only breaks the policy.
 *
 * @param member  The member that it came in, for the message.
 * @throws A refusal in Cognito's words, without the password. That a line break inside breaks the form is unverified.
 * @see [AWS: password requirements](https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html)
 */
export function checkPassword(password: string, member = 'password'): void {
  if (password !== '') checkForm(password, member)
  const broken = RULES.find(({ matches }) => !matches.test(password))
  if (!broken) return
  throw refuse(
    'InvalidPasswordException',
    `Password did not conform with policy: ${broken.otherwise}`,
  )
}

function checkForm(password: string, member: string): void {
  const constraint =
    password.length > MOST_CHARACTERS
      ? `have length less than or equal to ${MOST_CHARACTERS}`
      : 'satisfy regular expression pattern: ^[\\S]+.*[\\S]+$'
  if (password.length <= MOST_CHARACTERS && FORM.test(password)) return
  throw refuse(
    'InvalidParameterException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  )
}

/**
 * Checks that a password may be reset: not that of a disabled user, and not a temporary one, which an administrator sends again.
 *
 * @throws A refusal in Cognito's words.
 */
export function checkMayReset({ enabled, status }: Pick<User, 'enabled' | 'status'>): void {
  if (!enabled) throw refuse('NotAuthorizedException', 'User is disabled.')
  if (status !== 'FORCE_CHANGE_PASSWORD') return
  throw refuse('NotAuthorizedException', 'User password cannot be reset in the current state.')
}

/** Whether a user still has the temporary password of an administrator, and it no longer works. */
export function hasExpiredPassword(
  { status, passwordSetAt }: Pick<User, 'status' | 'passwordSetAt'>,
  now: number,
): boolean {
  const validMs = PASSWORD_POLICY.TemporaryPasswordValidityDays * 86_400_000
  return status === 'FORCE_CHANGE_PASSWORD' && now - passwordSetAt >= validMs
}

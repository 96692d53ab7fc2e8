import { refuse } from '../aws-json/service-error.ts'

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

/**
 * Checks a new password.
 *
 * @throws A refusal in Cognito's words, without the password.
 * @see [AWS: password requirements](https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html)
 */
export function checkPassword(password: string): void {
  const broken = RULES.find(({ matches }) => !matches.test(password))
  if (!broken) return
  throw refuse(
    'InvalidPasswordException',
    `Password did not conform with policy: ${broken.otherwise}`,
  )
}

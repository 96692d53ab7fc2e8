import { refuse } from '../aws-json/service-error.ts'
import type { UserPoolDefinition } from '../definition/user-pool.ts'
import type { Directory } from './users.ts'

/** The attributes that a user is about to have. */
interface Claim {
  username: string
  attributes: Readonly<Record<string, string>>
  /** Takes the address from another user, whose e-mail address is no longer verified then. @default false */
  force?: boolean
}

/**
 * Keeps a verified e-mail address to one user, if people sign in with e-mail addresses. An address becomes an alias when it
 * is verified, so a sign-up with an address that is taken is accepted and its confirmation is refused.
 *
 * @throws A refusal if the address is that of another user.
 * @see [AWS: ConfirmSignUp, ForceAliasCreation](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html)
 * @see aws/aws-sdk-java#1424, amazon-archives/amazon-cognito-js#23, aws-amplify/aws-sdk-ios#591 (reported: order of the two)
 */
export function claimAlias(
  directory: Directory,
  { signInAliases = [] }: UserPoolDefinition,
  { username, attributes, force = false }: Claim,
): void {
  const { email, email_verified: verified } = attributes
  if (!signInAliases.includes('email') || email === undefined || verified !== 'true') return
  const owner = directory.findForSignIn(email)
  if (!owner || owner.username === username) return
  if (!force) {
    throw refuse('AliasExistsException', 'An account with the email already exists.')
  }
  directory.change(owner, { attributes: { ...owner.attributes, email_verified: 'false' } })
}

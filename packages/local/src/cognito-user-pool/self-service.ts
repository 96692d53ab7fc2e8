import type { Operation } from '../aws-json/aws-json.ts'
import { refuse, textOf, wrongPassword } from '../aws-json/service-error.ts'
import { claimAlias } from './aliases.ts'
import { callingClient, checkSecretHash } from './calling-client.ts'
import { checkMayReset, checkPassword } from './password-policy.ts'
import { checkNewName, usernameIn } from './user-administration.ts'
import { attributesIn, refuseVerified, withOwnChanges } from './user-attributes.ts'
import { userOfAccessToken, type UserPool } from './user-pool.ts'
import type { User } from './users.ts'
import { deliveryOf } from './verification-codes.ts'

/**
 * What people do with their own account: sign up, confirm, reset and change the password, change attributes. A code that
 * AWS sends by mail is passed to `onCode`, which prints it.
 *
 * As for sign-in, an unknown user gets the response for a known one, as with `PreventUserExistenceErrors`.
 *
 * @see [AWS: SignUp](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html)
 * @see [AWS: ForgotPassword](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html)
 */
export function selfServiceOperations(pool: UserPool): Record<string, Operation> {
  return { ...signUpOperations(pool), ...passwordOperations(pool), ...attributeOperations(pool) }
}

type Input = Record<string, unknown>

function signUpOperations(pool: UserPool): Record<string, Operation> {
  const { directory, codes, settings } = pool
  return {
    SignUp(input) {
      checkCall(pool, input)
      if (settings.selfSignUp === false) {
        throw refuse('NotAuthorizedException', 'SignUp is not permitted for this user pool')
      }
      const username = usernameIn(input)
      const password = textOf(input, 'Password') ?? ''
      const attributes = attributesIn(input, 'UserAttributes')
      refuseVerified(attributes)
      checkPassword(password)
      checkNewName(directory, settings, username, 'User already exists')
      const status = 'UNCONFIRMED'
      const user = directory.add({ username, password, attributes, status })
      return {
        UserConfirmed: false,
        UserSub: user.sub,
        CodeDeliveryDetails: codes.send('confirm-sign-up', user),
      }
    },
    ConfirmSignUp(input) {
      const user = calledUser(pool, input)
      if (!user) throw expired()
      if (user.status !== 'UNCONFIRMED') {
        throw refuse(
          'NotAuthorizedException',
          `User cannot be confirmed. Current status is ${user.status}`,
        )
      }
      codes.take('confirm-sign-up', user.username, textOf(input, 'ConfirmationCode') ?? '')
      const attributes = withVerifiedEmail(user)
      const force = input['ForceAliasCreation'] === true
      claimAlias(directory, settings, { username: user.username, attributes, force })
      directory.change(user, { status: 'CONFIRMED', attributes })
      return {}
    },
    ResendConfirmationCode(input) {
      const user = calledUser(pool, input)
      if (!user) return { CodeDeliveryDetails: deliveryOf(UNKNOWN_ADDRESS) }
      if (user.status !== 'UNCONFIRMED') {
        throw refuse('InvalidParameterException', 'User is already confirmed.')
      }
      return { CodeDeliveryDetails: codes.send('confirm-sign-up', user) }
    },
  }
}

function passwordOperations(pool: UserPool): Record<string, Operation> {
  const { directory, codes, signIns } = pool
  return {
    ForgotPassword(input) {
      const user = calledUser(pool, input)
      if (!user) return { CodeDeliveryDetails: deliveryOf(UNKNOWN_ADDRESS) }
      checkMayReset(user)
      if (user.attributes['email_verified'] !== 'true') {
        throw refuse(
          'InvalidParameterException',
          'Cannot reset password for the user as there is no registered/verified email or phone_number',
        )
      }
      return { CodeDeliveryDetails: codes.send('reset-password', user) }
    },
    ConfirmForgotPassword(input) {
      const user = calledUser(pool, input)
      const password = textOf(input, 'Password') ?? ''
      checkPassword(password)
      if (!user) throw expired()
      codes.take('reset-password', user.username, textOf(input, 'ConfirmationCode') ?? '')
      directory.change(user, { password, status: 'CONFIRMED' })
      return {}
    },
    async ChangePassword(input) {
      const user = await userOfAccessToken(pool, input)
      const password = textOf(input, 'ProposedPassword') ?? ''
      if (!directory.hasPassword(user, textOf(input, 'PreviousPassword') ?? '')) {
        throw wrongPassword('PreviousPassword is wrong')
      }
      checkPassword(password, 'proposedPassword')
      directory.change(user, { password })
      return {}
    },
    async DeleteUser(input) {
      const user = await userOfAccessToken(pool, input)
      signIns.revokeAll(user)
      directory.remove(user)
      return {}
    },
  }
}

function attributeOperations(pool: UserPool): Record<string, Operation> {
  const { directory, codes, settings } = pool
  return {
    async UpdateUserAttributes(input) {
      const user = await userOfAccessToken(pool, input)
      const given = attributesIn(input, 'UserAttributes')
      const { attributes, isNewEmail } = withOwnChanges(user, given)
      if (isNewEmail) {
        const asVerified = { ...attributes, email_verified: 'true' }
        claimAlias(directory, settings, { username: user.username, attributes: asVerified })
      }
      const changed = directory.change(user, { attributes })
      const sent = isNewEmail ? [codes.send('verify-email', changed)] : []
      return { CodeDeliveryDetailsList: sent }
    },
    async GetUserAttributeVerificationCode(input) {
      const user = await userOfAccessToken(pool, input)
      checkIsEmail(input)
      return { CodeDeliveryDetails: codes.send('verify-email', user) }
    },
    async VerifyUserAttribute(input) {
      const user = await userOfAccessToken(pool, input)
      checkIsEmail(input)
      codes.take('verify-email', user.username, textOf(input, 'Code') ?? '')
      const verified = withVerifiedEmail(user)
      claimAlias(directory, settings, { username: user.username, attributes: verified })
      directory.change(user, { attributes: verified })
      return {}
    },
  }
}

/** Checks the app client of a call that names a user. */
function checkCall({ clients }: UserPool, input: Input, names: readonly string[] = []): void {
  const client = callingClient(clients, input)
  const username = textOf(input, 'Username') ?? ''
  checkSecretHash(clients, client, textOf(input, 'SecretHash'), [username, ...names])
}

/** The user whom a call names; the app client of the call is checked first. */
function calledUser(pool: UserPool, input: Input): User | undefined {
  const user = pool.directory.findForSignIn(textOf(input, 'Username') ?? '')
  checkCall(pool, input, user ? [user.username] : [])
  return user
}

function checkIsEmail(input: Input): void {
  if (textOf(input, 'AttributeName') === 'email') return
  throw refuse('InvalidParameterException', 'Only the attribute email can be verified here.')
}

const withVerifiedEmail = ({ attributes }: User): Record<string, string> => ({
  ...attributes,
  ...(attributes['email'] !== undefined && { email_verified: 'true' }),
})

/** Where Cognito says that it sent a code for a user who does not exist. */
const UNKNOWN_ADDRESS = 'user@example.com'

const expired = () =>
  refuse('ExpiredCodeException', 'Invalid code provided, please request a code again.')

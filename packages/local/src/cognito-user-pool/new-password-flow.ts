import { refuse, required } from '../aws-json/service-error.ts'
import type { UserPoolDefinition } from '../definition/user-pool.ts'
import type { Clock } from '../faults/faults.ts'
import type { Random } from '../random.ts'
import { claimAlias } from './aliases.ts'
import { checkPassword } from './password-policy.ts'
import { attributesIn, withOwnChanges } from './user-attributes.ts'
import type { Directory, User } from './users.ts'

/** The challenge `NEW_PASSWORD_REQUIRED` of users with a temporary password. */
export interface NewPasswordFlow {
  /** Returns the challenge. */
  start(clientId: string, user: User): Record<string, unknown>
  /** Sets the new password. @throws A refusal unless the session is of this app client and user. */
  finish(clientId: string, session: string, responses: ReadonlyMap<string, string>): User
}

/** Cognito's default `AuthSessionValidity`. */
const SESSION_MS = 180_000
const SESSIONS_KEPT = 10_000

/**
 * Creates the challenge. A session works once, for three minutes.
 *
 * @see [AWS: RespondToAuthChallenge](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html)
 */
export function createNewPasswordFlow({
  directory,
  clock,
  random,
  settings,
}: {
  directory: Directory
  settings: UserPoolDefinition
  clock: Clock
  random: Random
}): NewPasswordFlow {
  const open = new Map<string, { clientId: string; username: string; endsAt: number }>()
  return {
    start(clientId, { username, attributes }) {
      const [oldest] = open.keys()
      if (open.size >= SESSIONS_KEPT && oldest !== undefined) open.delete(oldest)
      const session = Buffer.from(random(96)).toString('base64url')
      open.set(session, { clientId, username, endsAt: clock.now() + SESSION_MS })
      return {
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: session,
        ChallengeParameters: {
          USER_ID_FOR_SRP: username,
          requiredAttributes: '[]',
          userAttributes: JSON.stringify(attributes),
        },
      }
    },
    finish(clientId, session, responses) {
      const name = required(responses, 'USERNAME')
      const password = required(responses, 'NEW_PASSWORD')
      checkPassword(password)
      const challenge = open.get(session)
      open.delete(session)
      const user = challenge && directory.find(challenge.username)
      const isNamed = user !== undefined && directory.findForSignIn(name)?.sub === user.sub
      if (!isNamed || challenge?.clientId !== clientId) {
        throw refuse('NotAuthorizedException', 'Invalid session for the user.')
      }
      if (clock.now() >= challenge.endsAt) {
        throw refuse('NotAuthorizedException', 'Invalid session for the user, session is expired.')
      }
      const { attributes } = withOwnChanges(user, newAttributesIn(responses))
      claimAlias(directory, settings, { username: user.username, attributes })
      return directory.change(user, { password, status: 'CONFIRMED', attributes })
    },
  }
}

const PREFIX = 'userAttributes.'

/** Reads the attributes that came with the new password, as `userAttributes.name`. */
function newAttributesIn(responses: ReadonlyMap<string, string>): Record<string, string> {
  const UserAttributes = [...responses]
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, Value]) => ({ Name: name.slice(PREFIX.length), Value }))
  return attributesIn({ UserAttributes }, 'UserAttributes')
}

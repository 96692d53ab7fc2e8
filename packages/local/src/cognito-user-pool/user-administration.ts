import type { Operation } from '../aws-json/aws-json.ts'
import { refuse, textOf } from '../aws-json/service-error.ts'
import type { UserPoolDefinition } from '../definition/user-pool.ts'
import type { Ids } from '../ids.ts'
import type { Random } from '../random.ts'
import type { AdministratorOperation } from './administrator.ts'
import { claimAlias } from './aliases.ts'
import { checkMayReset, checkPassword, PASSWORD_POLICY } from './password-policy.ts'
import type { SignIns } from './sign-ins.ts'
import { attributeList, attributesIn } from './user-attributes.ts'
import { drawPassword, type Directory, type User } from './users.ts'
import type { VerificationCodes } from './verification-codes.ts'

/** What the operations need. */
export interface UserAdministration {
  ids: Ids
  directory: Directory
  signIns: SignIns
  codes: VerificationCodes
  administrator: AdministratorOperation
  random: Random
  settings: UserPoolDefinition
  /** When the user pool was created, in milliseconds since the epoch. */
  madeAt: number
}

/**
 * The operations of administrators on users. `Username` may be the user name, an alias or the `sub`.
 *
 * @see [AWS: AdminCreateUser](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html)
 * @see [AWS: AdminGetUser](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html)
 * @see [AWS: ListUsers](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html)
 */
// oxlint-disable-next-line max-lines-per-function -- one short entry for each operation
export function userAdministration(options: UserAdministration): Record<string, Operation> {
  const { directory, signIns, codes, administrator, settings } = options
  const onUser = (
    name: string,
    run: (user: User, input: Record<string, unknown>) => unknown,
  ): Operation => administrator(name, (input) => run(namedUser(directory, input), input) ?? {})

  return {
    AdminCreateUser: administrator('AdminCreateUser', (input) => ({
      User: describeUser(createUser(options, input)),
    })),
    AdminGetUser: onUser('AdminGetUser', (user) => {
      const { Attributes, ...rest } = describeUser(user)
      return { ...rest, UserAttributes: Attributes }
    }),
    ListUsers: administrator('ListUsers', (input) => {
      const filter = filterOf(textOf(input, 'Filter'))
      const shown = namesIn(input, 'AttributesToGet')
      const users = directory
        .all()
        .filter(filter)
        .map((user) => describeUser(user, shown))
      const { page, next } = pageOf(users, input, 'Limit', 'PaginationToken')
      return { Users: page, ...next }
    }),
    AdminDeleteUser: onUser('AdminDeleteUser', (user) => {
      signIns.revokeAll(user)
      directory.remove(user)
    }),
    AdminSetUserPassword: onUser('AdminSetUserPassword', (user, input) => {
      const password = textOf(input, 'Password') ?? ''
      checkPassword(password)
      const status = input['Permanent'] === true ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD'
      directory.change(user, { password, status })
    }),
    AdminUpdateUserAttributes: onUser('AdminUpdateUserAttributes', (user, input) => {
      const attributes = { ...user.attributes, ...attributesIn(input, 'UserAttributes') }
      claimAlias(directory, settings, { username: user.username, attributes })
      directory.change(user, { attributes })
    }),
    AdminConfirmSignUp: onUser('AdminConfirmSignUp', (user) => {
      if (user.status !== 'UNCONFIRMED') {
        throw refuse(
          'NotAuthorizedException',
          `User cannot be confirmed. Current status is ${user.status}`,
        )
      }
      directory.change(user, { status: 'CONFIRMED' })
    }),
    AdminResetUserPassword: onUser('AdminResetUserPassword', (user) => {
      checkMayReset(user)
      codes.send('reset-password', directory.change(user, { status: 'RESET_REQUIRED' }))
    }),
    AdminEnableUser: onUser('AdminEnableUser', (user) => {
      directory.change(user, { enabled: true })
    }),
    AdminDisableUser: onUser('AdminDisableUser', (user) => {
      signIns.revokeAll(directory.change(user, { enabled: false }))
    }),
    AdminUserGlobalSignOut: onUser('AdminUserGlobalSignOut', (user) => signIns.revokeAll(user)),
    DescribeUserPool: administrator('DescribeUserPool', () => ({
      UserPool: describePool(options),
    })),
  }
}

/** Finds the user whom a call names. @throws A refusal unless there is one. */
export function namedUser(directory: Directory, input: Record<string, unknown>): User {
  const user = directory.findForAdministrator(textOf(input, 'Username') ?? '')
  if (user) return user
  throw refuse('UserNotFoundException', 'User does not exist.')
}

/** A user as the operations of administrators return them. */
export function describeUser(
  user: User,
  shown?: readonly string[],
): Record<string, unknown> & { Attributes: unknown } {
  const attributes = attributeList(user)
  return {
    Username: user.username,
    Attributes: shown ? attributes.filter(({ Name }) => shown.includes(Name)) : attributes,
    UserCreateDate: user.createdAt / 1_000,
    UserLastModifiedDate: user.changedAt / 1_000,
    Enabled: user.enabled,
    UserStatus: user.status,
  }
}

/**
 * Cuts one page out of a list.
 *
 * @param limit  The member that has the length of a page: 1 to 60, Cognito's limit.
 * @param token  The member that has the place in the list.
 */
export function pageOf<T>(
  all: readonly T[],
  input: Record<string, unknown>,
  limit: string,
  token: string,
): { page: readonly T[]; next: Record<string, string> } {
  const maximum = input[limit] ?? 60
  // For ListUsers a limit of 0 means no limit.
  if (!(Number.isInteger(maximum) && Number(maximum) >= 0 && Number(maximum) <= 60)) {
    throw refuse('InvalidParameterException', `${limit} is 1 to 60.`)
  }
  const given = textOf(input, token)
  if (given !== undefined && !/^\d{1,9}$/.test(given)) {
    throw refuse('InvalidParameterException', `Invalid ${token}.`)
  }
  const from = Number(given ?? 0)
  const to = from + (Number(maximum) || 60)
  return { page: all.slice(from, to), next: to < all.length ? { [token]: String(to) } : {} }
}

function createUser(
  { directory, codes, random, settings }: UserAdministration,
  input: Record<string, unknown>,
): User {
  const username = usernameIn(input)
  const attributes = attributesIn(input, 'UserAttributes')
  const found = directory.find(username)
  if (textOf(input, 'MessageAction') === 'RESEND') {
    if (!found) throw refuse('UserNotFoundException', 'User does not exist.')
    if (found.status !== 'FORCE_CHANGE_PASSWORD') {
      throw refuse(
        'UnsupportedUserStateException',
        `Resend not possible. ${found.username} status is not FORCE_CHANGE_PASSWORD`,
      )
    }
    const password = temporaryPassword(input, random)
    codes.sendPassword(found, password)
    return directory.change(found, { password, status: 'FORCE_CHANGE_PASSWORD' })
  }
  checkNewName(directory, settings, username, 'User account already exists')
  const force = input['ForceAliasCreation'] === true
  claimAlias(directory, settings, { username, attributes, force })
  const password = temporaryPassword(input, random)
  const status = 'FORCE_CHANGE_PASSWORD'
  const user = directory.add({ username, password, attributes, status })
  if (textOf(input, 'MessageAction') !== 'SUPPRESS') codes.sendPassword(user, password)
  return user
}

/**
 * Checks the name of a new user. It must not be the `sub` of another user, by which administrators may name that user.
 *
 * @param message  The message if the name is taken.
 */
export function checkNewName(
  directory: Directory,
  { signInAliases = [] }: UserPoolDefinition,
  username: string,
  message: string,
): void {
  if (signInAliases.includes('email') && /^[^\s@]+@[^\s@]+$/.test(username)) {
    throw refuse(
      'InvalidParameterException',
      'Username cannot be of email format, since user pool is configured for email alias.',
    )
  }
  if (!directory.findForAdministrator(username)) return
  throw refuse('UsernameExistsException', message)
}

/** Reads the name of a new user. */
export function usernameIn(input: Record<string, unknown>): string {
  const username = textOf(input, 'Username') ?? ''
  if (/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u.test(username)) return username
  throw refuse(
    'InvalidParameterException',
    "1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+",
  )
}

function temporaryPassword(input: Record<string, unknown>, random: Random): string {
  const given = textOf(input, 'TemporaryPassword')
  if (given === undefined) return drawPassword(random)
  checkPassword(given, 'temporaryPassword')
  return given
}

/** `ListUsers` filters by one attribute: `email = "a@example.com"`, or `^=` for a beginning. */
function filterOf(text: string | undefined): (user: User) => boolean {
  if (text === undefined || text.trim() === '') return () => true
  const [, name = '', operator = '', quoted = ''] =
    /^\s*([\w:]+)\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(text) ?? []
  const value = quoted.replace(/\\(.)/g, '$1')
  const read = FILTERS[name]
  if (!read) {
    throw refuse(
      'InvalidParameterException',
      'One or more filter parameters are incorrect.',
      `Filter is: name = "value" or name ^= "value", with one of ${Object.keys(FILTERS).join(', ')}`,
    )
  }
  const same = (actual: string, expected: string): boolean =>
    operator === '=' ? actual === expected : actual.startsWith(expected)
  // AWS's page: the values of all but user name, sub and the two states are compared without case.
  const exact = EXACT_FILTERS.includes(name)
  return (user) => {
    const found = read(user)
    if (found === undefined) return false
    return exact ? same(found, value) : same(found.toLowerCase(), value.toLowerCase())
  }
}

const attribute =
  (name: string) =>
  ({ attributes }: User): string | undefined =>
    attributes[name]

const FILTERS: Readonly<Record<string, (user: User) => string | undefined>> = {
  username: ({ username }) => username,
  sub: ({ sub }) => sub,
  status: ({ enabled }) => (enabled ? 'Enabled' : 'Disabled'),
  'cognito:user_status': ({ status }) => status,
  email: attribute('email'),
  phone_number: attribute('phone_number'),
  name: attribute('name'),
  given_name: attribute('given_name'),
  family_name: attribute('family_name'),
  preferred_username: attribute('preferred_username'),
}
const EXACT_FILTERS: readonly string[] = ['username', 'sub', 'status', 'cognito:user_status']

function namesIn(input: Record<string, unknown>, member: string): string[] | undefined {
  const list = input[member]
  if (list === undefined || list === null) return undefined
  if (Array.isArray(list) && list.every((text) => typeof text === 'string')) return list
  throw refuse('SerializationException', `${member} has to be a list of strings`)
}

const describePool = ({
  ids: { region, accountId, userPoolId },
  directory,
  settings: { signInAliases = [], selfSignUp = true },
  madeAt,
}: UserAdministration): Record<string, unknown> => ({
  Id: userPoolId,
  Name: 'local',
  Arn: `arn:aws:cognito-idp:${region}:${accountId}:userpool/${userPoolId}`,
  Policies: { PasswordPolicy: PASSWORD_POLICY },
  ...(signInAliases.length > 0 && { AliasAttributes: signInAliases }),
  AutoVerifiedAttributes: ['email'],
  UsernameConfiguration: { CaseSensitive: true },
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: !selfSignUp, UnusedAccountValidityDays: 7 },
  MfaConfiguration: 'OFF',
  EstimatedNumberOfUsers: directory.all().length,
  CreationDate: madeAt / 1_000,
  LastModifiedDate: madeAt / 1_000,
})

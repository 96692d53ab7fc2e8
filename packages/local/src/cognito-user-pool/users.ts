import { createHmac, timingSafeEqual } from 'node:crypto'
import type { StackDefinition } from '../definition/definition.ts'
import { invalidOption, show } from '../invalid-option.ts'
import type { Ids } from '../ids.ts'
import { DIGITS, drawText, drawUuid, LOWER, UPPER, type Random } from '../random.ts'
import type { Roles } from '../iam/roles.ts'
import type { Role } from '../iam/sessions.ts'
import { verifierOf, type Verifier } from './srp.ts'

/** Someone of the user pool, as the pool knows them: without the password. */
export interface User extends Verifier {
  username: string
  sub: string
  attributes: Readonly<Record<string, string>>
  groups: readonly Group[]
}

/** A group with its role. */
export interface Group {
  name: string
  precedence: number | undefined
  role: Role
}

/** What somebody needs for signing in, for whoever started the stack. */
export interface SignIn {
  username: string
  password: string
  sub: string
}

/** The people of a user pool. */
export interface Directory {
  find(username: string): User | undefined
  /** What an unknown username is answered with, always the same, so that nobody can probe for names. */
  unknownUser(username: string): User
  /** Checks a password that came in clear. */
  hasPassword(user: User, password: string): boolean
  /** Moves a user to other groups. @returns Whether there is such a user. */
  move(username: string, groups: readonly string[]): boolean
  readonly signIns: Readonly<Record<string, SignIn>>
}

/** What a directory is made with beside its definition. */
interface DirectoryOptions {
  ids: Ids
  roles: Roles
  random: Random
  /** Who was there in an earlier stack: they keep their `sub` and the password that was made for them. */
  known?: Readonly<Record<string, SignIn>>
}

/** Makes the users and groups of a definition. Passwords that it leaves out are made here. */
export function createDirectory(
  definition: Pick<StackDefinition, 'groups' | 'users'>,
  { ids, roles, random, known = {} }: DirectoryOptions,
): Directory {
  // Longer than 60 lines: its short methods share what they close over.
  const poolName = poolNameOf(ids)
  const groups = new Map<string, Group>()
  for (const [name, group] of Object.entries(definition.groups ?? {})) {
    const role = roles.add(group.roleName ?? `${name}Role`, group)
    groups.set(name, { name, precedence: group.precedence, role })
  }
  const groupsOf = (username: string, names: readonly string[] = []): Group[] =>
    names.map((name) => {
      const group = groups.get(name)
      if (!group)
        throw invalidOption(
          'setGroups',
          `"groups" of ${username} has ${show(name)}, which is not a group of the stack`,
        )
      return group
    })
  const users = new Map<string, User>()
  const signIns: Record<string, SignIn> = {}
  for (const [username, user] of Object.entries(definition.users ?? {})) {
    const before = Object.hasOwn(known, username) ? known[username] : undefined
    const sub = before?.sub ?? drawUuid(random)
    const password = user.password ?? before?.password ?? drawPassword(random)
    users.set(username, {
      ...verifierOf(poolName, username, password, random(16)),
      username,
      sub,
      attributes: {
        ...(user.email !== undefined && { email: user.email, email_verified: 'true' }),
        ...user.attributes,
      },
      groups: groupsOf(username, user.groups),
    })
    signIns[username] = { username, password, sub }
  }
  const unknownUsersKey = random(32)
  return {
    signIns,
    find: (username) => users.get(username),
    move(username, names) {
      const user = users.get(username)
      if (user) users.set(username, { ...user, groups: groupsOf(username, names) })
      return !!user
    },
    unknownUser(username) {
      const drawn = (what: string): Buffer =>
        createHmac('sha256', unknownUsersKey).update(`${what}:${username}`).digest()
      const made = verifierOf(
        poolName,
        username,
        drawn('password').toString('hex'),
        drawn('salt').subarray(0, 16),
      )
      return { ...made, username, sub: '', attributes: {}, groups: [] }
    },
    hasPassword(user, password) {
      const salt = Buffer.from(user.salt.toString(16).padStart(32, '0'), 'hex')
      const { verifier } = verifierOf(poolName, user.username, password, salt)
      return timingSafeEqual(padded(verifier), padded(user.verifier))
    },
  }
}

/** The user pool's ID without region and underscore, as SRP hashes it. */
export const poolNameOf = ({ userPoolId, region }: Ids): string =>
  userPoolId.slice(region.length + 1)

/** A password that meets Cognito's default rules and can be typed. */
function drawPassword(random: Random): string {
  const words = [1, 2, 3].map(() => drawText(random, LOWER, 4))
  return `${drawText(random, UPPER, 1)}${words.join('-')}-${drawText(random, DIGITS, 4)}`
}

const padded = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(768, '0'), 'hex')

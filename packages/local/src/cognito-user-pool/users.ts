import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../faults/faults.ts'
import type { StackDefinition } from '../definition/definition.ts'
import { invalidOption, show } from '../invalid-option.ts'
import type { Ids } from '../ids.ts'
import { DIGITS, drawText, drawUuid, LOWER, UPPER, type Random } from '../random.ts'
import type { Roles } from '../iam/roles.ts'
import type { Role } from '../iam/sessions.ts'
import { verifierOf, type Verifier } from './srp.ts'

/** Whether a user may sign in, and what is missing. */
export type UserStatus = 'CONFIRMED' | 'UNCONFIRMED' | 'FORCE_CHANGE_PASSWORD' | 'RESET_REQUIRED'

/** A user of the pool, without the password. */
export interface User {
  username: string
  /** Computed when it is first needed: it takes 5 ms, and few users of a stack sign in with a password. */
  srp: () => Verifier
  status: UserStatus
  /** An administrator may disable a user. */
  enabled: boolean
  /** Milliseconds since the epoch. */
  createdAt: number
  changedAt: number
  passwordSetAt: number
  sub: string
  attributes: Readonly<Record<string, string>>
  groups: readonly Group[]
}

/** A group, with its role if it has one. */
export interface Group {
  name: string
  precedence: number | undefined
  role: Role | undefined
}

/** What a user needs for signing in, for the person who started the stack. */
export interface SignIn {
  username: string
  password: string
  sub: string
}

/** A user who is added after the start. */
export interface NewUser {
  username: string
  password: string
  attributes: Readonly<Record<string, string>>
  status: UserStatus
}

/** What of a user can change. */
export interface UserChange {
  password?: string
  attributes?: Readonly<Record<string, string>>
  status?: UserStatus
  enabled?: boolean
}

/** The users of a pool. */
export interface Directory {
  find(username: string): User | undefined
  /** Finds a user by what one may sign in with: the user name or, if the definition allows it, the e-mail address. */
  findForSignIn(name: string): User | undefined
  /** Finds a user by user name, alias or `sub`, as administrators may name them. */
  findForAdministrator(name: string): User | undefined
  all(): readonly User[]
  groups(): readonly Group[]
  add(user: NewUser): User
  change(user: User, change: UserChange): User
  remove(user: User): void
  /** The user that an unknown username is treated as, always the same for one name, so that names cannot be guessed. */
  unknownUser(username: string): User
  /** Checks a password that came in clear. */
  hasPassword(user: User, password: string): boolean
  /** Moves a user to other groups. @returns Whether there is such a user. */
  move(username: string, groups: readonly string[]): boolean
  readonly signIns: Readonly<Record<string, SignIn>>
}

/** What a directory needs in addition to its definition. */
interface DirectoryOptions {
  ids: Ids
  roles: Roles
  random: Random
  /** The users of an earlier stack: they keep their `sub` and the password that was generated for them. */
  known?: Readonly<Record<string, SignIn>>
  clock: Clock
}

/** Creates the users and groups of a definition. Passwords that it leaves out are created here. */
// oxlint-disable-next-line max-lines-per-function -- short methods that share the state of the closure
export function createDirectory(
  definition: Pick<StackDefinition, 'groups' | 'groupsWithoutRole' | 'users' | 'userPool'>,
  { ids, roles, random, known = {}, clock }: DirectoryOptions,
): Directory {
  const poolName = poolNameOf(ids)
  const groups = new Map<string, Group>()
  for (const [name, group] of Object.entries(definition.groups ?? {})) {
    const role = roles.add(group.roleName ?? `${name}Role`, group)
    groups.set(name, { name, precedence: group.precedence, role })
  }
  for (const name of definition.groupsWithoutRole ?? []) {
    groups.set(name, { name, precedence: undefined, role: undefined })
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
  const srpOf = (username: string, password: string, salt = random(16)): (() => Verifier) => {
    let verifier: Verifier | undefined
    return () => (verifier ??= verifierOf(poolName, username, password, salt))
  }
  const add = ({ username, password, ...rest }: NewUser, sub: string): User => {
    const now = clock.now()
    const user: User = {
      srp: srpOf(username, password),
      ...rest,
      username,
      sub,
      groups: [],
      enabled: true,
      createdAt: now,
      changedAt: now,
      passwordSetAt: now,
    }
    users.set(username, user)
    return user
  }
  const aliases = definition.userPool?.signInAliases ?? []
  const findForSignIn = (name: string): User | undefined => {
    const named = users.get(name)
    if (named || !aliases.includes('email')) return named
    const email = name.toLowerCase()
    return [...users.values()].find(
      ({ attributes }) =>
        attributes['email']?.toLowerCase() === email && attributes['email_verified'] === 'true',
    )
  }
  const signIns: Record<string, SignIn> = {}
  for (const [username, user] of Object.entries(definition.users ?? {})) {
    const before = Object.hasOwn(known, username) ? known[username] : undefined
    const sub = before?.sub ?? drawUuid(random)
    const password = user.password ?? before?.password ?? drawPassword(random)
    const attributes = {
      ...(user.email !== undefined && { email: user.email, email_verified: 'true' }),
      ...user.attributes,
    }
    const created = add({ username, password, attributes, status: 'CONFIRMED' }, sub)
    users.set(username, { ...created, groups: groupsOf(username, user.groups) })
    signIns[username] = { username, password, sub }
  }
  const unknownUsersKey = random(32)
  return {
    signIns,
    find: (username) => users.get(username),
    findForSignIn,
    findForAdministrator: (name) =>
      findForSignIn(name) ?? [...users.values()].find(({ sub }) => sub === name),
    all: () => [...users.values()],
    groups: () => [...groups.values()],
    add: (user) => add(user, drawUuid(random)),
    change(user, { password, ...rest }) {
      const { username } = user
      const changed = {
        ...user,
        ...rest,
        ...(password !== undefined && {
          srp: srpOf(username, password),
          passwordSetAt: clock.now(),
        }),
        changedAt: clock.now(),
      }
      users.set(username, changed)
      const signIn = signIns[username]
      if (signIn && password !== undefined) signIns[username] = { ...signIn, password }
      return changed
    },
    remove({ username }) {
      users.delete(username)
      delete signIns[username]
    },
    move(username, names) {
      const user = users.get(username)
      if (user) users.set(username, { ...user, groups: groupsOf(username, names) })
      return !!user
    },
    unknownUser(username) {
      const drawn = (what: string): Buffer =>
        createHmac('sha256', unknownUsersKey).update(`${what}:${username}`).digest()
      return {
        srp: srpOf(username, drawn('password').toString('hex'), drawn('salt').subarray(0, 16)),
        username,
        sub: '',
        attributes: {},
        groups: [],
        status: 'CONFIRMED',
        enabled: true,
        createdAt: 0,
        changedAt: 0,
        passwordSetAt: 0,
      }
    },
    hasPassword(user, password) {
      const stored = user.srp()
      const salt = Buffer.from(stored.salt.toString(16).padStart(32, '0'), 'hex')
      const { verifier } = verifierOf(poolName, user.username, password, salt)
      return timingSafeEqual(padded(verifier), padded(stored.verifier))
    },
  }
}

/** The user pool's ID without region and underscore, as SRP hashes it. */
export const poolNameOf = ({ userPoolId, region }: Ids): string =>
  userPoolId.slice(region.length + 1)

/**
 * Finds a user again who showed a password earlier. `undefined` if an administrator has deleted or disabled the user in the
 * meantime; another user with the same name is not the same one.
 */
export function stillEnabled(
  { find }: Pick<Directory, 'find'>,
  { username, sub }: User,
): User | undefined {
  const user = find(username)
  return user?.sub === sub && user.enabled ? user : undefined
}

/** A password that meets Cognito's default rules and can be typed. */
export function drawPassword(random: Random): string {
  const words = [1, 2, 3].map(() => drawText(random, LOWER, 4))
  return `${drawText(random, UPPER, 1)}${words.join('-')}-${drawText(random, DIGITS, 4)}`
}

const padded = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(768, '0'), 'hex')

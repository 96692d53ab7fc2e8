import { randomBytes } from 'node:crypto'
import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import type { DeveloperAccess, DeveloperAccessOptions, UserRules } from './access.ts'
import { keyAuthorizer } from './authorizer.ts'
import { patchKey, revokeKey } from './change.ts'
import { checkUserId } from './check.ts'
import type { KeyContext } from './context.ts'
import { createKey } from './create.ts'
import type { KeyHolder } from './held-scopes.ts'
import { issuerName } from './issuer-name.ts'
import { ownKey, wasActive } from './key-rows.ts'
import { checkKeySources, DEFAULT_KEY_SOURCES } from './key-source.ts'
import { keyOf } from './key.ts'
import { setLimits } from './limits.ts'
import { checkOperation } from './operation-options.ts'
import { createOwners, type Owners } from './owner.ts'
import { refuse } from './refusal.ts'
import { rotateKey } from './rotate.ts'
import { keyRoutes } from './routes.ts'
import { sweep } from './sweep.ts'
import { checkGate, ownerOptions, userIdOf, withOwner } from './with-owner.ts'

const OWNER = 'createDeveloperAccess'
const NAMES: OptionNames<DeveloperAccessOptions> = {
  issuer: true,
  store: true,
  limits: true,
  users: true,
  keyFrom: true,
  clock: true,
  random: true,
  onDeferred: true,
}
const USER_NAMES: OptionNames<UserRules> = { idOf: true, scopesOf: true, profile: true }

/**
 * Creates API access for users, from an issuer of keys and a store.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```ts
 * const access = createDeveloperAccess({
 *   issuer: opaqueIssuer(),
 *   store: sqliteStore({ path: 'keys.sqlite' }),
 *   users: { scopesOf: () => ['notes/read'] },
 * })
 * const userPools = [{ userPoolId: 'eu-central-1_AbCdEfGhI', clientIds: null }]
 * export const portal = handle(access.routes({ userPools }))
 * export const notes = access.withOwner(
 *   (_event: unknown, _context: unknown, caller: Caller) => ({ statusCode: 200, body: caller.subject }),
 *   { userPools },
 * )
 * export const everyFiveMinutes = () => access.sweep()
 * ```
 */
export function createDeveloperAccess(options: DeveloperAccessOptions): DeveloperAccess {
  check(options)
  const { issuer, store, users = {}, keyFrom = DEFAULT_KEY_SOURCES } = options
  const context: KeyContext = {
    issuer,
    store,
    limits: setLimits(options.limits),
    clock: options.clock ?? Date,
    random: options.random ?? randomBytes,
    findProfile: users.profile,
    forget: (clientId) => owners.forget(clientId),
    onDeferred: options.onDeferred ?? (() => {}),
  }
  const owners = createOwners(context)
  const { idOf, scopesOf = (caller) => caller.scopes } = users
  const isKey = (text: string): boolean => issuer.read?.(text) !== undefined
  const access: DeveloperAccess = {
    ...keyOperations(context),
    ...userOperations(context, owners),
    withOwner: (handler, gate = {}) =>
      withOwner(handler, { owners, store, idOf, keyFrom, isKey }, gate),
    callerOptions: (gate) => {
      checkGate('callerOptions', gate ?? {}, ['owner', 'verifyToken'])
      userIdOf('callerOptions', idOf, gate ?? {})
      return ownerOptions(owners, gate)
    },
    routes: (gate = {}) => keyRoutes(access, { store, idOf, scopesOf }, gate),
    authorizer: (how) => keyAuthorizer(owners, keyFrom, how),
    sweep: () => sweep(context),
  }
  return Object.freeze(access)
}

type KeyOperations = Pick<
  DeveloperAccess,
  'createKey' | 'listKeys' | 'getKey' | 'patchKey' | 'rotateKey' | 'revokeKey' | 'events'
>

function keyOperations(context: KeyContext): KeyOperations {
  const { store, clock } = context
  return {
    createKey: async (user, key, options) => {
      checkHolder('createKey', user)
      checkOperation('createKey', key, options)
      return createKey(context, user, key, options?.idempotencyKey)
    },
    async listKeys(userId) {
      checkUserId(userId)
      const rows = await store.keysOf(userId)
      return rows.filter(wasActive).map((row) => keyOf(row, clock.now()))
    },
    getKey: async (userId, keyId) => keyOf(await ownKey(context, userId, keyId), clock.now()),
    patchKey: async (user, keyId, patch, options) => {
      checkHolder('patchKey', user)
      checkOperation('patchKey', patch, options)
      return patchKey(context, user, keyId, patch, options?.version)
    },
    rotateKey: async (user, keyId, rotation, options) => {
      checkHolder('rotateKey', user)
      checkOperation('rotateKey', rotation, options)
      return rotateKey(context, user, keyId, rotation, options?.idempotencyKey)
    },
    revokeKey: async (userId, keyId, how) => {
      checkOperation('revokeKey', how)
      return revokeKey(context, userId, keyId, how)
    },
    async events(userId, keyId) {
      await ownKey(context, userId, keyId)
      return store.events(keyId)
    },
  }
}

type UserOperations = Pick<DeveloperAccess, 'removeUser' | 'resolveOwner' | 'findUser'>

function userOperations(context: KeyContext, owners: Owners): UserOperations {
  const { store } = context
  return {
    async removeUser(userId, how = {}) {
      checkOperation('removeUser', how)
      checkUserId(userId)
      const rows = await store.keysOf(userId)
      const active = rows.filter(({ state }) => state === 'active')
      for (const { id } of active) await revokeKey(context, userId, id, how)
      if (!(await store.removeUser(userId))) {
        throw refuse('UNDER_WAY', 'A key of the user is being created at this moment.')
      }
      return active.length
    },
    resolveOwner: (clientId) => owners.find(clientId),
    async findUser(by) {
      checkOperation('findUser', by)
      checkUserId('userId' in by ? by.userId : by.username)
      const isScoped = 'username' in by && by.issuer !== undefined
      const name = isScoped ? { ...by, issuer: issuerName(by.issuer ?? '') } : by
      const user = await store.user(name)
      const rows = user && (await store.keysOf(user.userId))
      return user && { ...user, clientIds: (rows ?? []).flatMap(({ clientId }) => clientId ?? []) }
    },
  }
}

/** A call without the scopes that the user holds would issue secrets that were never checked. */
function checkHolder(operation: string, user: KeyHolder): void {
  if (typeof user === 'object' && user !== null && Array.isArray(user.scopes)) {
    checkUserId(user.userId)
    return
  }
  throw invalidOption(
    operation,
    'the first argument must be an object with "userId" and "scopes", the scopes that the user holds now',
    user,
  )
}

function check(options: DeveloperAccessOptions): void {
  checkOptions(OWNER, options, NAMES)
  const { issuer, store, users, keyFrom, clock, random, onDeferred } = options
  if (typeof issuer?.issue !== 'function') {
    throw invalidOption(OWNER, '"issuer" must be cognitoIssuer(…) or opaqueIssuer()', issuer)
  }
  if (typeof store?.write !== 'function') {
    throw invalidOption(OWNER, '"store" must be sqliteStore(…) or dynamodbStore(…)', store)
  }
  if (users !== undefined) checkOptions(`${OWNER}: "users"`, users, USER_NAMES)
  if (keyFrom !== undefined) checkKeySources(OWNER, keyFrom)
  if (clock !== undefined && typeof clock?.now !== 'function') {
    throw invalidOption(OWNER, '"clock" must be an object with a "now" function', clock)
  }
  for (const [name, value] of Object.entries({ random, onDeferred, ...users })) {
    if (value === undefined || typeof value === 'function') continue
    throw invalidOption(OWNER, `"${name}" must be a function`, value)
  }
}

import { randomBytes } from 'node:crypto'
import type { DeveloperAccess, DeveloperAccessOptions } from './access.ts'
import { keyAuthorizer } from './authorizer.ts'
import { patchKey, revokeKey } from './change.ts'
import { createKey } from './create.ts'
import { keyOf } from './key.ts'
import { setLimits } from './limits.ts'
import { createOwners } from './owner.ts'
import { refuse } from './refusal.ts'
import { rotateKey } from './rotate.ts'
import { keyRoutes } from './routes.ts'
import { sweep } from './sweep.ts'
import { ownerOptions, withOwner } from './with-owner.ts'
import { ownKey, wasActive, type Works } from './works.ts'

/**
 * Makes API access out of an issuer and a store.
 *
 * @throws {@link TypeError} for options that cannot be meant.
 */
export function createDeveloperAccess(options: DeveloperAccessOptions): DeveloperAccess {
  const { issuer, store, users = {}, clock = Date, random = randomBytes } = options
  const { onDeferred = () => {} } = options
  if (typeof issuer?.issue !== 'function')
    throw new TypeError('issuer: cognitoIssuer(…) or opaqueIssuer()')
  if (typeof store?.write !== 'function')
    throw new TypeError('store: sqliteStore(…) or dynamodbStore(…)')
  const works: Works = {
    issuer,
    store,
    limits: setLimits(options.limits),
    clock,
    random,
    forget: (clientId) => owners.forget(clientId),
    onDeferred,
  }
  const owners = createOwners(works, users.profile)
  const { idOf = (caller) => caller.subject, scopesOf = (caller) => caller.scopes } = users

  const access: DeveloperAccess = {
    createKey: (user, key, { idempotencyKey } = {}) => createKey(works, user, key, idempotencyKey),
    async listKeys(userId) {
      const rows = await store.keysOf(userId)
      return rows.filter(wasActive).map((row) => keyOf(row, clock.now()))
    },
    getKey: async (userId, keyId) => keyOf(await ownKey(works, userId, keyId), clock.now()),
    patchKey: (user, keyId, patch, { version } = {}) =>
      patchKey(works, user, keyId, patch, version),
    rotateKey: (userId, keyId, rotation, { idempotencyKey } = {}) =>
      rotateKey(works, userId, keyId, rotation, idempotencyKey),
    revokeKey: (userId, keyId, how) => revokeKey(works, userId, keyId, how),
    async events(userId, keyId) {
      await ownKey(works, userId, keyId)
      return store.events(keyId)
    },
    async removeUser(userId, how = {}) {
      const rows = await store.keysOf(userId)
      const live = rows.filter(({ state }) => state === 'active')
      for (const { id } of live) await revokeKey(works, userId, id, how)
      if (!(await store.removeUser(userId))) {
        throw refuse('UNDER_WAY', 'A key of the user is just being made.')
      }
      return live.length
    },
    resolveOwner: (clientId) => owners.find(clientId),
    async findUser(by) {
      const user = await store.user(by)
      const rows = user && (await store.keysOf(user.userId))
      return user && { ...user, clientIds: (rows ?? []).flatMap(({ clientId }) => clientId ?? []) }
    },
    withOwner: (handler, gate = {}) => withOwner(handler, { owners, store, idOf }, gate),
    callerOptions: (gate) => ownerOptions(owners, Object(gate)),
    routes: (gate = {}) => keyRoutes(access, { store, idOf, scopesOf }, gate),
    authorizer: () => keyAuthorizer(owners),
    sweep: () => sweep(works),
  }
  return Object.freeze(access)
}

import { isIamFetchError } from '@iamfetch/core'
import { checkIdempotencyKey, checkKey, checkUser, fingerprint, type NewKey } from './check.ts'
import { tryOrDefer, type KeyContext } from './context.ts'
import { issuerName } from './issuer-name.ts'
import type { IssuedClient } from './issuer.ts'
import { idempotencyKeyReused, isDue, notWritten, updateRow, wasActive } from './key-rows.ts'
import { isLive, keyOf, type KeyRow } from './key.ts'
import { reconcile } from './reconcile.ts'
import { refuse } from './refusal.ts'
import { hiddenSecret, type ShownKey } from './shown-key.ts'
import type { Once, StoredUser } from './store.ts'

/** Who a key is created for. */
export interface KeyUser extends StoredUser {
  /** The scopes that the user holds at this moment, and may hand out. */
  readonly scopes: readonly string[]
}

/**
 * Creates a key in three steps, each of which may be the last: a row is reserved, the client is created with the row's ID in
 * its name, the row is activated with the client's ID.
 *
 * A row that was never activated, and a client without its row, are removed by the sweep.
 *
 * @throws {@link IamFetchError} see {@link DeveloperAccess.createKey}
 */
export async function createKey(
  context: KeyContext,
  { scopes: held, ...user }: KeyUser,
  request: NewKey,
  idempotencyKey: string | undefined,
): Promise<ShownKey> {
  const { issuer, limits, clock } = context
  checkUser(user)
  checkIdempotencyKey(idempotencyKey)
  checkKey(request, held, issuer, limits)
  if (request.label === undefined || request.scopes === undefined) {
    throw refuse('REQUEST_INVALID', 'A key needs a "label" and "scopes".')
  }
  const at = clock.now()
  const pending = pendingRow(context, user.userId, request, at)
  const once = onceOf(context, pending, request, idempotencyKey)
  const earlier = await reserve(context, pending, await withIssuer(context, user), once)
  if (earlier) return { key: keyOf(earlier, at), replayed: true }

  const client = await issuer
    .issue({ keyId: pending.id, scopes: pending.scopes })
    .catch(async (error: unknown) => giveUp(context, pending, error))
  const active = await activate(context, pending, client)
  return hiddenSecret({ key: keyOf(active, clock.now()), replayed: false }, client.secret.value)
}

/** Names the issuer in one way. A caller who is proven by a signature does not name it: the one that is known stays. */
async function withIssuer({ store }: KeyContext, user: StoredUser): Promise<StoredUser> {
  if (user.issuer !== undefined) return { ...user, issuer: issuerName(user.issuer) }
  const stored = await store.user({ userId: user.userId })
  return stored?.issuer === undefined ? user : { ...user, issuer: stored.issuer }
}

function pendingRow(
  { random, limits }: KeyContext,
  userId: string,
  { label, scopes, expiresInSeconds }: NewKey,
  at: number,
): KeyRow {
  const lifeSeconds = expiresInSeconds ?? limits.lifetimeSeconds
  return {
    id: `key_${Buffer.from(random(16)).toString('base64url')}`,
    userId,
    version: 1,
    state: 'pending',
    label,
    scopes: [...scopes],
    secrets: [],
    createdAt: at,
    ...(lifeSeconds < Infinity && { expiresAt: at + lifeSeconds * 1_000 }),
  }
}

function onceOf(
  { limits }: KeyContext,
  { id, userId, createdAt }: KeyRow,
  { label, scopes, expiresInSeconds = null }: NewKey,
  idempotencyKey: string | undefined,
): Once | undefined {
  if (idempotencyKey === undefined) return undefined
  return {
    token: fingerprint('create', userId, idempotencyKey),
    request: fingerprint(label, scopes.toSorted(), expiresInSeconds),
    ref: id,
    until: createdAt + limits.idempotencySeconds * 1_000,
  }
}

/** Activates a row with the client that was created for it. If that fails, both are removed as far as possible. */
async function activate(
  context: KeyContext,
  pending: KeyRow,
  { clientId, secret }: IssuedClient,
): Promise<KeyRow> {
  const { store, issuer, clock } = context
  const { createdAt: at, label, scopes } = pending
  const { id, hash, value } = secret
  const active: KeyRow = {
    ...pending,
    version: 2,
    state: 'active',
    clientId,
    secrets: [{ id, last4: value.slice(-4), createdAt: at, ...(hash && { hash }) }],
  }
  const detail = { label, scopes }
  const event = { type: 'created', at: clock.now(), by: pending.userId, detail } as const
  const outcome = await store.write({ before: pending, after: active, at, event })
  if (outcome.done) return active
  // Another process took this one for dead, and the row with it.
  await tryOrDefer(context, pending.id, async () => issuer.pool?.remove(clientId))
  throw notWritten(outcome)
}

/** Reserves a row. @returns The key that the same request created before. */
async function reserve(
  context: KeyContext,
  after: KeyRow,
  user: StoredUser,
  once: Once | undefined,
): Promise<KeyRow | undefined> {
  const { store, limits } = context
  const { createdAt: at } = after
  const previous = once && (await store.once(once.token, at))
  if (previous) {
    if (previous.request !== once.request) throw idempotencyKeyReused()
    const earlier = await store.key(previous.ref)
    if (earlier && wasActive(earlier)) return earlier
    if (earlier?.state === 'pending') {
      if (!isDue(earlier, at)) throw refuse('UNDER_WAY', 'The same key is being created.')
      await updateRow(context, earlier, { state: 'closing' })
    }
    // That attempt came to nothing, so this one takes its place.
  }
  const change = {
    after,
    at,
    user,
    limit: limits.keysPerUser,
    ...(once && { once: { ...once, insteadOf: previous?.ref } }),
  }
  let outcome = await store.write(change)
  if (!outcome.done && outcome.because === 'limit' && (await endExpired(context, user.userId))) {
    outcome = await store.write(change)
  }
  if (!outcome.done) throw notWritten(outcome)
  return undefined
}

/** Ends the expired keys of a user that no sweep has ended yet. @returns Whether there were any. */
async function endExpired(context: KeyContext, userId: string): Promise<boolean> {
  const rows = await context.store.keysOf(userId)
  const expired = rows.filter((row) => isLive(row) && isDue(row, context.clock.now()))
  for (const row of expired) await tryOrDefer(context, row.id, () => reconcile(context, row))
  return expired.length > 0
}

/** Removes a reserved row, and throws the reason. */
async function giveUp(context: KeyContext, pending: KeyRow, reason: unknown): Promise<never> {
  await tryOrDefer(context, pending.id, async () => {
    const closing = await updateRow(context, pending, { state: 'closing' })
    // After a refusal there is no client. After anything else there may be one, for which the sweep looks.
    if (!isRefusal(reason) && context.issuer.pool) return
    await context.store.write({ before: closing, at: context.clock.now() })
  })
  throw reason
}

const isRefusal = (error: unknown): boolean =>
  isIamFetchError(error) && error.status !== undefined && error.status < 500

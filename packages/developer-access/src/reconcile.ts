import type { KeyContext } from './context.ts'
import { isDue, updateRow, wasActive } from './key-rows.ts'
import { profileOf } from './profile.ts'
import { EXPIRED, UNDER_WAY_MS, type KeyRow } from './key.ts'

/**
 * Does what is due on a key, step by step. If it is interrupted after any step, the next call continues from there.
 *
 * @param strays  Clients that are known to carry the key's ID in their name.
 * @returns The key as it is then; `undefined` for one that is removed because it never worked.
 * @throws What the issuer and the store throw; `KEY_CHANGED` if another process changes the key at the same time.
 */
export async function reconcile(
  context: KeyContext,
  due: KeyRow,
  strays: readonly string[] = [],
): Promise<KeyRow | undefined> {
  const now = context.clock.now()
  let row = due
  if (row.state === 'pending' && isDue(row, now)) {
    // From here on no process can activate it.
    row = await updateRow(context, row, { state: 'closing' })
  }
  if (row.state === 'active' && now >= (row.expiresAt ?? Infinity)) {
    const change = { state: 'closing', revokedAt: row.expiresAt, reason: EXPIRED } as const
    row = await updateRow(context, row, change, { type: 'expired', by: 'system' })
  }
  if (row.state === 'closing') return close(context, row, strays)
  if (row.state !== 'active') return row
  if (row.rotation) {
    if (hasEnded(row.rotation, now)) row = await undoRotation(context, row)
  } else if (now >= (row.recheckAt ?? Infinity)) {
    row = await recheck(context, row)
  }
  row = await retireSecrets(context, row, now)
  return row.scopesDue ? setScopes(context, row) : row
}

/** Removes every secret of a client that the key does not know. No other process may be rotating the key. */
export async function dropUnknownSecrets(
  { issuer: { pool } }: KeyContext,
  { clientId = '', secrets }: KeyRow,
): Promise<void> {
  for (const id of (await pool?.secretIds(clientId)) ?? []) {
    if (!secrets.some((secret) => secret.id === id)) await pool?.dropSecret(clientId, id)
  }
}

async function close(
  context: KeyContext,
  row: KeyRow,
  strays: readonly string[],
): Promise<KeyRow | undefined> {
  const { issuer, store, clock } = context
  const clients = row.clientId === undefined ? strays : [row.clientId, ...strays]
  for (const clientId of new Set(clients)) await issuer.pool?.remove(clientId)
  if (wasActive(row)) return updateRow(context, row, { state: 'closed', secrets: [] })
  await store.write({ before: row, at: clock.now() })
  return undefined
}

type RotationState = NonNullable<KeyRow['rotation']>

const hasEnded = ({ givenUp, startedAt }: RotationState, now: number): boolean =>
  givenUp ?? now >= startedAt + UNDER_WAY_MS

/**
 * Removes the secret of a rotation whose process died: no user has seen it. Its request may still be under way, so the key is
 * checked once more later.
 */
async function undoRotation(context: KeyContext, row: KeyRow): Promise<KeyRow> {
  const { rotation } = row
  if (!rotation) return row
  // From here on no process can finish it.
  const givenUp: RotationState = { ...rotation, givenUp: true }
  const owned = rotation.givenUp ? row : await updateRow(context, row, { rotation: givenUp })
  await dropUnknownSecrets(context, owned)
  const recheckAt = context.issuer.pool && context.clock.now() + UNDER_WAY_MS
  return updateRow(context, owned, { rotation: undefined, recheckAt })
}

async function recheck(context: KeyContext, row: KeyRow): Promise<KeyRow> {
  const { recheckAt: startedAt = 0 } = row
  // As a rotation, so that no other one begins in the meantime.
  const rotation: RotationState = { id: 'recheck', startedAt, givenUp: true }
  const owned = await updateRow(context, row, { rotation })
  await dropUnknownSecrets(context, owned)
  return updateRow(context, owned, { rotation: undefined, recheckAt: undefined })
}

/** One by one: a rotation that is under way may have added another secret in the meantime. */
async function retireSecrets(context: KeyContext, row: KeyRow, now: number): Promise<KeyRow> {
  const isExpired = ({ expiresAt = Infinity }: KeyRow['secrets'][number]): boolean =>
    now >= expiresAt
  const expired = row.secrets.filter(isExpired)
  if (expired.length === 0) return row
  for (const { id } of expired) await context.issuer.pool?.dropSecret(row.clientId ?? '', id)
  const secrets = row.secrets.filter((secret) => !isExpired(secret))
  return updateRow(context, row, { secrets }, { type: 'secret-retired', by: 'system' })
}

/**
 * Sets the scopes of a client to those of its key. They were checked when the key was changed, which may be a while ago: scopes that
 * the user has lost since are removed from the key, too.
 */
async function setScopes(context: KeyContext, row: KeyRow): Promise<KeyRow> {
  const { issuer, store, findProfile } = context
  const user = findProfile && (await store.user({ userId: row.userId }))
  const held = (user && findProfile && (await profileOf(findProfile, user)))?.scopes
  const scopes = held ? row.scopes.filter((scope) => held.includes(scope)) : row.scopes
  // A client has to have a scope. The calls of this key have none then, whatever its client has.
  if (scopes.length >= issuer.scopes.least) await issuer.pool?.setScopes(row.clientId ?? '', scopes)
  if (scopes.length === row.scopes.length) return updateRow(context, row, { scopesDue: undefined })
  const event = { type: 'changed', by: 'system', detail: { scopes } } as const
  return updateRow(context, row, { scopes, scopesDue: undefined }, event)
}

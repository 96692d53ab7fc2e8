import type { StatementSync } from 'node:sqlite'
import { dueAt, type KeyRow } from './key.ts'
import type { KeyChange, Outcome } from './store.ts'

/** Prepares a statement, once for each text. */
export type Sql = (text: string) => StatementSync

/**
 * Carries out one change, within a transaction that has begun and has to be rolled back unless the change is done.
 */
export function apply(sql: Sql, change: KeyChange): Outcome {
  const { before, after, at, user, limit, once, event } = change
  const userId = (after ?? before)?.userId ?? ''
  if (once) {
    const { token, request, ref, until, insteadOf } = once
    const earlier = onceOf(sql, token, at)
    if (earlier && earlier.ref !== insteadOf) return { done: false, because: 'once' }
    sql('DELETE FROM once WHERE until <= ?').run(at)
    sql('INSERT OR REPLACE INTO once (token, ref, request, until) VALUES (?, ?, ?, ?)').run(
      token,
      ref,
      request,
      until,
    )
  }
  if (user) {
    const { userId: id, username, issuer = '' } = user
    const taken = sql('SELECT 1 FROM users WHERE username = ? AND issuer = ? AND user_id <> ?').get(
      username,
      issuer,
      id,
    )
    if (taken) return { done: false, because: 'username' }
    sql(
      `INSERT INTO users (user_id, username, issuer, doc) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (user_id) DO UPDATE SET username = ?2, issuer = ?3, doc = ?4`,
    ).run(id, username, issuer, JSON.stringify(user))
  }
  if (after?.clientId !== undefined) {
    const taken = sql('SELECT 1 FROM keys WHERE client_id = ? AND id <> ?').get(
      after.clientId,
      after.id,
    )
    if (taken) return { done: false, because: 'client-id' }
  }
  if (!putKey(sql, before, after)) return { done: false, because: 'version' }
  if (limit !== undefined && liveKeysOf(sql, userId) > limit) {
    return { done: false, because: 'limit' }
  }
  const keyId = (after ?? before)?.id ?? ''
  if (!after) sql('DELETE FROM events WHERE key_id = ?').run(keyId)
  else if (event) {
    sql('INSERT INTO events (key_id, doc) VALUES (?, ?)').run(keyId, JSON.stringify(event))
  }
  return { done: true }
}

/** @returns Whether the key was as the change expects it. */
function putKey(sql: Sql, before: KeyRow | undefined, after: KeyRow | undefined): boolean {
  if (!after) {
    if (!before) return false
    const { changes } = sql('DELETE FROM keys WHERE id = ? AND version = ?').run(
      before.id,
      before.version,
    )
    return changes === 1
  }
  const { id, userId, clientId = null, state, version, createdAt } = after
  const { lastUsedAt: _kept, ...doc } = after
  const values = [clientId, state, version, dueAt(after) ?? null, JSON.stringify(doc)]
  if (before) {
    const { changes } = sql(
      `UPDATE keys SET client_id = ?, state = ?, version = ?, due_at = ?, doc = ?
       WHERE id = ? AND version = ?`,
    ).run(...values, id, before.version)
    return changes === 1
  }
  const { changes } = sql(
    `INSERT INTO keys (client_id, state, version, due_at, doc, id, user_id, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  ).run(...values, id, userId, createdAt)
  return changes === 1
}

/** The creation that an idempotency token belongs to, if it has not expired. */
export function onceOf(
  sql: Sql,
  token: string,
  at: number,
): { ref: string; request: string } | undefined {
  const row = sql('SELECT ref, request FROM once WHERE token = ? AND until > ?').get(token, at)
  return row && { ref: String(row['ref']), request: String(row['request']) }
}

/** How many keys of a user are live, as `isLive` says. */
export const liveKeysOf = (sql: Sql, userId: string): number =>
  Number(
    sql(
      `SELECT count(*) AS live FROM keys WHERE user_id = ? AND state IN ('pending', 'active')`,
    ).get(userId)?.['live'],
  )

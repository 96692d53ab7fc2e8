import { EXPIRED, type KeyRow } from './key.ts'
import { edit, isDue, wasActive, type Works } from './works.ts'

/**
 * Does what is due on a key, step by step; each step may be the last and the next settling goes on from there.
 *
 * @param strays  Clients that are known to carry the key's ID in their name.
 * @returns The key as it is then; nothing for one that is gone because it never worked.
 * @throws What the issuer and the store throw; `KEY_CHANGED` when somebody else is at it.
 */
export async function settle(
  works: Works,
  due: KeyRow,
  strays: readonly string[] = [],
): Promise<KeyRow | undefined> {
  const now = works.clock.now()
  let row = due
  if (row.state === 'pending' && isDue(row, now)) {
    // First of all nobody can activate it any more.
    row = await edit(works, row, { state: 'closing' })
  }
  if (row.state === 'active' && now >= (row.expiresAt ?? Infinity)) {
    const change = { state: 'closing', revokedAt: row.expiresAt, reason: EXPIRED } as const
    row = await edit(works, row, change, { type: 'expired', by: 'system' })
  }
  if (row.state === 'closing') return close(works, row, strays)
  if (row.state !== 'active') return row
  if (row.rotation && isOver(row, now)) row = await undoRotation(works, row)
  row = await retireSecrets(works, row, now)
  return row.scopesDue ? setScopes(works, row) : row
}

async function close(
  works: Works,
  row: KeyRow,
  strays: readonly string[],
): Promise<KeyRow | undefined> {
  const { issuer, store, clock } = works
  const clients = row.clientId === undefined ? strays : [row.clientId, ...strays]
  for (const clientId of new Set(clients)) await issuer.pool?.remove(clientId)
  if (wasActive(row)) return edit(works, row, { state: 'closed', secrets: [] })
  await store.write({ before: row, at: clock.now() })
  return undefined
}

const isOver = ({ rotation, ...row }: KeyRow, now: number): boolean =>
  isDue({ ...row, rotation, secrets: [], scopesDue: undefined, expiresAt: undefined }, now)

/** Removes whatever secret came of a rotation whose maker died: nobody was shown it. */
async function undoRotation(works: Works, row: KeyRow): Promise<KeyRow> {
  const { rotation } = row
  if (!rotation) return row
  const given = rotation.givenUp
    ? row
    : await edit(works, row, { rotation: { ...rotation, givenUp: true } })
  await dropAllBut(works, given, given.secrets)
  return edit(works, given, { rotation: undefined })
}

async function retireSecrets(works: Works, row: KeyRow, now: number): Promise<KeyRow> {
  const kept = row.secrets.filter((secret) => now < (secret.expiresAt ?? Infinity))
  if (kept.length === row.secrets.length || row.rotation) return row
  await dropAllBut(works, row, kept)
  const event = { type: 'secret-retired', by: 'system' } as const
  return edit(works, row, { secrets: kept }, event)
}

async function dropAllBut(
  { issuer: { pool } }: Works,
  { clientId = '' }: KeyRow,
  kept: KeyRow['secrets'],
): Promise<void> {
  const there = (await pool?.secretIds(clientId)) ?? []
  for (const id of there) {
    if (!kept.some((secret) => secret.id === id)) await pool?.dropSecret(clientId, id)
  }
}

async function setScopes(works: Works, row: KeyRow): Promise<KeyRow> {
  await works.issuer.pool?.setScopes(row.clientId ?? '', row.scopes)
  return edit(works, row, { scopesDue: undefined })
}

import { EXPIRED, UNDER_WAY_MS, type KeyRow } from './key.ts'
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
  if (row.rotation) row = isOver(row.rotation, now) ? await undoRotation(works, row) : row
  else if (now >= (row.recheckAt ?? Infinity)) row = await recheck(works, row)
  row = await retireSecrets(works, row, now)
  return row.scopesDue ? setScopes(works, row) : row
}

/** Removes every secret of a client that is not its key's. Nobody else may be rotating the key. */
export async function dropStrangers(
  { issuer: { pool } }: Works,
  { clientId = '', secrets }: KeyRow,
): Promise<void> {
  for (const id of (await pool?.secretIds(clientId)) ?? []) {
    if (!secrets.some((secret) => secret.id === id)) await pool?.dropSecret(clientId, id)
  }
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

type Going = NonNullable<KeyRow['rotation']>

const isOver = ({ givenUp, startedAt }: Going, now: number): boolean =>
  givenUp ?? now >= startedAt + UNDER_WAY_MS

/**
 * Removes whatever secret came of a rotation whose maker died: nobody was shown it. Its request may still be on
 * its way, so there will be another look.
 */
async function undoRotation(works: Works, row: KeyRow): Promise<KeyRow> {
  const { rotation } = row
  if (!rotation) return row
  // First of all nobody can finish it any more.
  const givenUp: Going = { ...rotation, givenUp: true }
  const mine = rotation.givenUp ? row : await edit(works, row, { rotation: givenUp })
  await dropStrangers(works, mine)
  const recheckAt = works.issuer.pool && works.clock.now() + UNDER_WAY_MS
  return edit(works, mine, { rotation: undefined, recheckAt })
}

async function recheck(works: Works, row: KeyRow): Promise<KeyRow> {
  const { recheckAt: startedAt = 0 } = row
  // As a rotation, so that no other one begins meanwhile.
  const rotation: Going = { id: 'recheck', startedAt, givenUp: true }
  const mine = await edit(works, row, { rotation })
  await dropStrangers(works, mine)
  return edit(works, mine, { rotation: undefined, recheckAt: undefined })
}

/** One by one: a rotation that is under way may have added another secret meanwhile. */
async function retireSecrets(works: Works, row: KeyRow, now: number): Promise<KeyRow> {
  const isEnded = ({ expiresAt = Infinity }: KeyRow['secrets'][number]): boolean => now >= expiresAt
  const ended = row.secrets.filter(isEnded)
  if (ended.length === 0) return row
  for (const { id } of ended) await works.issuer.pool?.dropSecret(row.clientId ?? '', id)
  const secrets = row.secrets.filter((secret) => !isEnded(secret))
  return edit(works, row, { secrets }, { type: 'secret-retired', by: 'system' })
}

async function setScopes(works: Works, row: KeyRow): Promise<KeyRow> {
  await works.issuer.pool?.setScopes(row.clientId ?? '', row.scopes)
  return edit(works, row, { scopesDue: undefined })
}

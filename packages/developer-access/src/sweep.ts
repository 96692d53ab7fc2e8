import { tryOrDefer, type KeyContext } from './context.ts'
import { isDue, updateRow } from './key-rows.ts'
import type { KeyRow } from './key.ts'
import { reconcile } from './reconcile.ts'

/** What a sweep did. */
export interface SweepReport {
  /** Keys on which something was due and was done. */
  settled: number
  /** Clients without a key, which were removed. */
  orphans: number
  /** Active keys whose client was deleted, and which were revoked. */
  missing: number
  /** The number of steps that failed and are left for the next sweep. `onDeferred` received the reasons. */
  deferred: number
}

type Run = (
  keyId: string,
  count: 'settled' | 'orphans' | 'missing',
  work: () => Promise<unknown>,
) => Promise<void>

/**
 * Brings store and pool into agreement after anything that was interrupted.
 *
 * Any number of sweeps may run at once, next to every other operation: each change is of a key as it was read.
 */
export async function sweep(context: KeyContext): Promise<SweepReport> {
  const startedAt = context.clock.now()
  const report: SweepReport = { settled: 0, orphans: 0, missing: 0, deferred: 0 }
  const run: Run = async (keyId, count, work) => {
    const isDone = await tryOrDefer(context, keyId, work)
    report[isDone ? count : 'deferred']++
  }
  const clients = await clientsByKey(context)
  await settleDueKeys(context, startedAt, clients, run)
  if (!context.issuer.pool) return report
  await removeOrphans(context, clients, run)
  await revokeKeysWithoutClient(context, startedAt, clients, run)
  return report
}

type ClientsByKey = ReadonlyMap<string, readonly string[]>

async function clientsByKey({ issuer: { pool } }: KeyContext): Promise<ClientsByKey> {
  const clients = new Map<string, string[]>()
  for await (const { keyId, clientId } of pool?.clients() ?? none()) {
    clients.set(keyId, [...(clients.get(keyId) ?? []), clientId])
  }
  return clients
}

async function settleDueKeys(
  context: KeyContext,
  startedAt: number,
  clients: ClientsByKey,
  run: Run,
): Promise<void> {
  const checked = new Set<string>()
  for (;;) {
    // Those that were deferred stay due, so a page needs room for them.
    const due = await context.store.due(startedAt, PAGE + checked.size)
    const unseen = due.filter(({ id }) => !checked.has(id))
    if (unseen.length === 0) return
    for (const row of unseen) {
      checked.add(row.id)
      if (!isDue(row, startedAt)) continue
      await run(row.id, 'settled', () => reconcile(context, row, clients.get(row.id)))
    }
  }
}

async function removeOrphans(
  { store, issuer: { pool } }: KeyContext,
  clients: ClientsByKey,
  run: Run,
): Promise<void> {
  await inBatches([...clients], async ([keyId, clientIds]) => {
    const row = await store.key(keyId)
    for (const clientId of clientIds) {
      if (isOrphan(row, clientId)) {
        await run(keyId, 'orphans', async () => pool?.remove(clientId))
      }
    }
  })
}

async function revokeKeysWithoutClient(
  context: KeyContext,
  startedAt: number,
  clients: ClientsByKey,
  run: Run,
): Promise<void> {
  const { store, issuer } = context
  for await (const row of store.active()) {
    const { id, clientId = '', createdAt } = row
    if (createdAt >= startedAt || clients.get(id)?.includes(clientId)) continue
    // A list may be outdated, so the client itself is read.
    if ((await issuer.pool?.secretIds(clientId)) !== undefined) continue
    await run(id, 'missing', async () => {
      const change = {
        state: 'closed',
        secrets: [],
        revokedAt: startedAt,
        reason: MISSING,
      } as const
      const event = { type: 'revoked', by: 'system', detail: { reason: MISSING } } as const
      await updateRow(context, row, change, event)
    })
  }
}

/** A row is reserved before its client is created, so a client without one was left behind. */
function isOrphan(row: KeyRow | undefined, clientId: string): boolean {
  if (row?.state === 'pending') return false
  return row?.state !== 'active' || row.clientId !== clientId
}

/**
 * How many keys are read at once. A pool has up to 1,000 clients; read one after the other, they would take most of the time
 * that a function has.
 */
const BATCH = 25

async function inBatches<T>(all: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < all.length; start += BATCH) {
    await Promise.all(all.slice(start, start + BATCH).map(run))
  }
}

const PAGE = 100
const MISSING = 'client missing'

async function* none(): AsyncGenerator<never> {}

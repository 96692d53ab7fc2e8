import type { KeyRow } from './key.ts'
import { settle } from './settle.ts'
import { edit, isDue, tryOr, type Works } from './works.ts'

/** What a sweep did. */
export interface SweepReport {
  /** Keys on which something was due and was done. */
  settled: number
  /** Clients that had no key, and are removed. */
  orphans: number
  /** Active keys whose client is gone, and that are revoked. */
  missing: number
  /** What did not succeed, for the next sweep; why, was told to `onDeferred`. */
  deferred: number
}

/**
 * Brings store and pool into agreement, whatever was interrupted.
 *
 * Any number may run at once, and beside every other operation: each change is of a key as it was read.
 */
export async function sweep(works: Works): Promise<SweepReport> {
  const { store, clock, issuer } = works
  const { pool } = issuer
  const startedAt = clock.now()
  const report: SweepReport = { settled: 0, orphans: 0, missing: 0, deferred: 0 }
  const doing = async (
    keyId: string,
    count: 'settled' | 'orphans' | 'missing',
    run: () => Promise<unknown>,
  ) => {
    const isDone = await tryOr(works, keyId, run)
    report[isDone ? count : 'deferred']++
  }

  const clients = new Map<string, string[]>()
  for await (const { keyId, clientId } of pool?.clients() ?? none()) {
    clients.set(keyId, [...(clients.get(keyId) ?? []), clientId])
  }
  const seen = new Set<string>()
  for (;;) {
    // Those that were deferred stay due, so a page has to have room for them.
    const due = await store.due(startedAt, PAGE + seen.size)
    const fresh = due.filter(({ id }) => !seen.has(id))
    for (const row of fresh) {
      seen.add(row.id)
      if (isDue(row, startedAt)) {
        await doing(row.id, 'settled', () => settle(works, row, clients.get(row.id)))
      }
    }
    if (fresh.length === 0) break
  }
  if (!pool) return report

  await inBatches([...clients], async ([keyId, clientIds]) => {
    const row = await store.key(keyId)
    for (const clientId of clientIds) {
      if (isOrphan(row, clientId)) await doing(keyId, 'orphans', () => pool.remove(clientId))
    }
  })
  for await (const row of store.active()) {
    const { id, clientId = '', createdAt } = row
    if (createdAt >= startedAt || clients.get(id)?.includes(clientId)) continue
    // A list may be behind; the client itself is not.
    if ((await pool.secretIds(clientId)) !== undefined) continue
    await doing(id, 'missing', async () => {
      const change = {
        state: 'closed',
        secrets: [],
        revokedAt: startedAt,
        reason: MISSING,
      } as const
      await edit(works, row, change, { type: 'revoked', by: 'system', detail: { reason: MISSING } })
    })
  }
  return report
}

/** A row is reserved before its client is made: a client without one was left behind. */
function isOrphan(row: KeyRow | undefined, clientId: string): boolean {
  if (row?.state === 'pending') return false
  return row?.state !== 'active' || row.clientId !== clientId
}

/**
 * How many keys are read at once. A pool has up to 1,000 clients; read one after the other, they would take most of the
 * time that a function has.
 */
const BATCH = 25

async function inBatches<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < all.length; start += BATCH) {
    await Promise.all(all.slice(start, start + BATCH).map(run))
  }
}

const PAGE = 100
const MISSING = 'client missing'

async function* none(): AsyncGenerator<never> {}

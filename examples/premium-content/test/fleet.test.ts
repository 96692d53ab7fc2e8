import { afterEach, expect, test } from 'vitest'
import { runFleet } from '../fleet.ts'
import { startSharedStore, type StoreServer } from '../shared-store.ts'

let server: StoreServer | undefined
afterEach(() => server?.stop())

const minted = [
  { client: 'acme', scopes: ['premium/read'], count: 1 },
  { client: 'acme', scopes: ['premium/write'], count: 1 },
  { client: 'globex', scopes: ['premium/read'], count: 1 },
  { client: 'initech', scopes: ['premium/write'], count: 1 },
]

test.each([
  ['the Redis on PATH, if there is one', startSharedStore],
  ['a DynamoDB', () => startSharedStore(null)],
])(
  'a fleet that shares %s mints one token per tenant and set of scopes',
  async (_, start) => {
    server = await start()
    const report = await runFleet({ processes: 3, callsPerProcess: 20, store: server })
    expect(report.failed).toEqual([])
    expect(report.minted).toEqual(minted)
    expect(report).toMatchObject({ processes: 3, calls: 60, storeFailures: 0 })
    // The other two processes took what the first one had minted.
    expect(report.shared).toBe(minted.length * 2)
  },
  60_000,
)

test('a fleet without its store requests more tokens, and fails no call', async () => {
  server = await startSharedStore()
  const { kind, port, stop } = server
  await stop()
  const report = await runFleet({ processes: 2, callsPerProcess: 10, store: { kind, port } })
  expect(report.failed).toEqual([])
  expect(report.storeFailures).toBeGreaterThan(0)
}, 60_000)

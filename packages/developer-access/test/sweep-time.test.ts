import { fixedClock } from '@iamfetch/testing'
import { expect, it } from 'vitest'
import { createDeveloperAccess, type KeyIssuer, type KeyStore } from '../src/index.ts'
import { sqliteStore } from '../src/sqlite.ts'

const CLIENTS = 1_000

/** An issuer whose pool is full of clients, none of which belongs to a key. */
function fullPool(): { issuer: KeyIssuer; left: Set<string> } {
  const left = new Set(Array.from({ length: CLIENTS }, (_, index) => `client-${index}`))
  const issuer: KeyIssuer = {
    scopes: { least: 1, most: 50 },
    issue: () => Promise.reject(new Error('no key is created here')),
    addSecret: () => Promise.reject(new Error('no key is rotated here')),
    pool: {
      async *clients() {
        for (const clientId of left) yield { keyId: `key_of_${clientId}`, clientId }
      },
      secretIds: async () => [],
      dropSecret: async () => {},
      setScopes: async () => {},
      async remove(clientId) {
        left.delete(clientId)
      },
    },
  }
  return { issuer, left }
}

it('a sweep of a full user pool reads the keys in 40 rounds, not one after the other', async () => {
  const { issuer, left } = fullPool()
  const inMemory = sqliteStore({ path: ':memory:' })
  let rounds = 0
  let current: Promise<void> | undefined
  // All reads that are under way end in the same round.
  const round = (): Promise<void> => {
    current ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      rounds++
      current = undefined
    })
    return current
  }
  const store: KeyStore = {
    ...inMemory,
    async key(id) {
      await round()
      return inMemory.key(id)
    },
  }
  const access = createDeveloperAccess({ issuer, store, clock: fixedClock(0) })
  expect(await access.sweep()).toMatchObject({ orphans: CLIENTS, deferred: 0 })
  expect(left.size).toBe(0)
  expect(rounds).toBe(40)
  inMemory.close()
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyStoreContract } from '@iamfetch/testing/key-store.contract'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../src/sqlite.ts'

keyStoreContract('in an SQLite file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'iamfetch-keys-'))
  const path = join(folder, 'keys.sqlite')
  const [store, other] = [sqliteStore({ path }), sqliteStore({ path })]
  const stop = (): void => {
    store.close()
    other.close()
    rmSync(folder, { recursive: true })
  }
  return { store, other, stop }
})

keyStoreContract('in the memory of SQLite', async () => {
  const store = sqliteStore({ path: ':memory:' })
  return { store, other: store, stop: () => store.close() }
})

describe('the SQLite store', () => {
  it('says which Node it needs', () => {
    expect(() => sqliteStore({ path: ':memory:' }, () => undefined)).toThrow(
      expect.objectContaining({
        code: 'SERVICE_UNAVAILABLE',
        remedy: expect.stringContaining('Node 22.13 or newer'),
      }),
    )
  })

  it('is made of a path', () => {
    expect(() => sqliteStore({ path: '' })).toThrow(TypeError)
    expect(() => sqliteStore({ path: ':memory:', busyMs: 0.5 })).toThrow(TypeError)
  })
})

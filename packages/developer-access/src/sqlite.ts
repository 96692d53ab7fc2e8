import { IamFetchError } from '@iamfetch/core'
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { KeyRow } from './key.ts'
import { SCHEMA } from './sqlite-schema.ts'
import { apply, liveKeysOf, onceOf, type Sql } from './sqlite-write.ts'
import type { KeyEvent, KeyStore, StoredUser } from './store.ts'

/** Where the database is. */
export interface SqliteStoreOptions {
  /** A file, which is made if it is not there; `:memory:` for one that ends with the process. */
  path: string
  /** How long a write waits for another process's, in milliseconds. @default 5000 */
  busyMs?: number | undefined
}

/** A store that holds a file open. */
export interface SqliteStore extends KeyStore {
  close(): void
}

/**
 * Keeps keys in an SQLite file, with what Node itself brings. Several processes of one machine may share it.
 *
 * @throws {@link IamFetchError} `SERVICE_UNAVAILABLE` where Node has no SQLite: it needs 22.13 or newer.
 * @see [Node: SQLite](https://nodejs.org/api/sqlite.html)
 * @see [SQLite: write-ahead logging](https://www.sqlite.org/wal.html)
 */
export function sqliteStore(
  { path, busyMs = 5_000 }: SqliteStoreOptions,
  /** What gives the module; for tests. */
  load: () => typeof import('node:sqlite') | undefined = () =>
    process.getBuiltinModule?.('node:sqlite'),
): SqliteStore {
  if (typeof path !== 'string' || !path) throw new TypeError('path: a file, or :memory:')
  if (!Number.isInteger(busyMs)) throw new TypeError('busyMs: a whole number')
  const database = open(path, load())
  database.exec(`PRAGMA busy_timeout = ${busyMs}`)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  database.exec(SCHEMA)
  const prepared = new Map<string, StatementSync>()
  const sql: Sql = (text) => {
    const statement = prepared.get(text) ?? database.prepare(text)
    prepared.set(text, statement)
    return statement
  }
  const keyBy = (column: 'id' | 'client_id', value: string): KeyRow | undefined =>
    rowOf(sql(`SELECT doc, last_used FROM keys WHERE ${column} = ?`).get(value))
  const userBy = (column: 'user_id' | 'username', value: string): StoredUser | undefined =>
    userOf(sql(`SELECT doc FROM users WHERE ${column} = ?`).get(value))

  /** All of it, or nothing. */
  const transaction = <T>(run: () => T, keep: (result: T) => boolean): T => {
    database.exec('BEGIN IMMEDIATE')
    let kept = false
    try {
      const result = run()
      kept = keep(result)
      return result
    } finally {
      database.exec(kept ? 'COMMIT' : 'ROLLBACK')
    }
  }

  return {
    write: async (change) =>
      transaction(
        () => apply(sql, change),
        ({ done }) => done,
      ),
    once: async (token, at) => onceOf(sql, token, at),
    key: async (id) => keyBy('id', id),
    async byClientId(clientId) {
      const key = keyBy('client_id', clientId)
      return key && { key, user: userBy('user_id', key.userId) }
    },
    async keysOf(userId) {
      const found = sql(
        'SELECT doc, last_used FROM keys WHERE user_id = ? ORDER BY created_at, id',
      ).all(userId)
      return found.map(rowOf).filter((row) => row !== undefined)
    },
    user: async (by) =>
      'userId' in by ? userBy('user_id', by.userId) : userBy('username', by.username),
    removeUser: async (userId) =>
      transaction(
        () => {
          if (liveKeysOf(sql, userId) > 0) return false
          sql('DELETE FROM users WHERE user_id = ?').run(userId)
          return true
        },
        (removed) => removed,
      ),
    async touch(keyId, at) {
      sql('UPDATE keys SET last_used = ?1 WHERE id = ?2 AND coalesce(last_used, 0) < ?1').run(
        at,
        keyId,
      )
    },
    async events(keyId) {
      const found = sql('SELECT doc FROM events WHERE key_id = ? ORDER BY seq').all(keyId)
      return found.map(({ doc }): KeyEvent => JSON.parse(String(doc)))
    },
    async due(by, atMost) {
      const found = sql(
        'SELECT doc, last_used FROM keys WHERE due_at <= ? ORDER BY due_at LIMIT ?',
      ).all(by, atMost)
      return found.map(rowOf).filter((row) => row !== undefined)
    },
    async *active() {
      // By pages: whoever goes through them may write meanwhile.
      let after = ''
      for (;;) {
        const page = sql(
          `SELECT doc, last_used FROM keys WHERE state = 'active' AND id > ? ORDER BY id LIMIT 500`,
        ).all(after)
        for (const found of page) {
          const row = rowOf(found)
          if (row) yield row
          after = row?.id ?? after
        }
        if (page.length < 500) return
      }
    },
    close: () => database.close(),
  }
}

type Found = Record<string, SQLOutputValue> | undefined

function rowOf(found: Found): KeyRow | undefined {
  if (!found) return undefined
  const row: KeyRow = JSON.parse(String(found['doc']))
  const lastUsed = found['last_used']
  return typeof lastUsed === 'number' ? { ...row, lastUsedAt: lastUsed } : row
}

const userOf = (found: Found): StoredUser | undefined => found && JSON.parse(String(found['doc']))

function open(path: string, sqlite: typeof import('node:sqlite') | undefined): DatabaseSync {
  if (sqlite) return new sqlite.DatabaseSync(path)
  throw new IamFetchError(
    'SERVICE_UNAVAILABLE',
    `Node ${process.versions.node} has no SQLite of its own.`,
    { remedy: 'Run on Node 22.13 or newer, or keep keys in DynamoDB: dynamodbStore(…).' },
  )
}

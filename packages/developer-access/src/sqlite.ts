import { checkOptions, IamFetchError, invalidOption, type OptionNames } from '@iamfetch/core'
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { KeyRow } from './key.ts'
import { SCHEMA } from './sqlite-schema.ts'
import { apply, liveKeysOf, onceOf, type Sql } from './sqlite-write.ts'
import type { KeyEvent, KeyStore, StoredUser, UserName } from './store.ts'

/** Where the database is. */
export interface SqliteStoreOptions {
  /** A file, which is created if it does not exist; `:memory:` for one that ends with the process. */
  path: string
  /** How long a write waits for another process's, in milliseconds. @default 5000 */
  busyMs?: number | undefined
}

/** A store that keeps a file open. */
export interface SqliteStore extends KeyStore {
  close(): void
}

const NAMES: OptionNames<SqliteStoreOptions> = { path: true, busyMs: true }

/**
 * Keeps keys in an SQLite file, with the SQLite of Node itself. Several processes of one machine may share it.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`; {@link IamFetchError} `SERVICE_UNAVAILABLE` if Node has no SQLite: it
 *   needs 22.13 or newer.
 * @see [Node: SQLite](https://nodejs.org/api/sqlite.html)
 * @see [SQLite: write-ahead logging](https://www.sqlite.org/wal.html)
 * @example
 * ```ts
 * const store = sqliteStore({ path: 'keys.sqlite' })
 * ```
 */
export function sqliteStore(
  options: SqliteStoreOptions,
  /** Loads the module. For tests. */
  load: () => typeof import('node:sqlite') | undefined = () =>
    process.getBuiltinModule?.('node:sqlite'),
): SqliteStore {
  checkOptions('sqliteStore', options, NAMES)
  const { path, busyMs = 5_000 } = options
  if (typeof path !== 'string' || !path) {
    throw invalidOption('sqliteStore', '"path" must be a file or ":memory:"', path)
  }
  if (!(Number.isInteger(busyMs) && busyMs >= 0)) {
    throw invalidOption('sqliteStore', '"busyMs" must be a whole number of milliseconds', busyMs)
  }
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
  return { ...readsOf(sql), ...writesOf(database, sql), close: () => database.close() }
}

type Writes = Pick<KeyStore, 'write' | 'removeUser' | 'touch'>

function writesOf(database: DatabaseSync, sql: Sql): Writes {
  /** Runs in a transaction, which is kept only if `keep` says so. */
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
  }
}

function readsOf(sql: Sql): Omit<KeyStore, keyof Writes> {
  const keyBy = (column: 'id' | 'client_id', value: string): KeyRow | undefined =>
    rowOf(sql(`SELECT doc, last_used FROM keys WHERE ${column} = ?`).get(value))
  return {
    once: async (token, at) => onceOf(sql, token, at),
    key: async (id) => keyBy('id', id),
    async byClientId(clientId) {
      const key = keyBy('client_id', clientId)
      return key && { key, user: userBy(sql, key) }
    },
    async keysOf(userId) {
      const rows = sql(
        'SELECT doc, last_used FROM keys WHERE user_id = ? ORDER BY created_at, id',
      ).all(userId)
      return rows.map(rowOf).filter((row) => row !== undefined)
    },
    user: async (by) => userBy(sql, by),
    async events(keyId) {
      const rows = sql('SELECT doc FROM events WHERE key_id = ? ORDER BY seq').all(keyId)
      return rows.map(({ doc }): KeyEvent => JSON.parse(String(doc)))
    },
    async due(by, atMost) {
      const found = sql(
        'SELECT doc, last_used FROM keys WHERE due_at <= ? ORDER BY due_at LIMIT ?',
      ).all(by, atMost)
      return found.map(rowOf).filter((row) => row !== undefined)
    },
    active: () => activeKeys(sql),
  }
}

/** In pages, because the caller may write in the meantime. */
async function* activeKeys(sql: Sql): AsyncGenerator<KeyRow> {
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
}

function userBy(sql: Sql, by: UserName): StoredUser | undefined {
  if ('userId' in by) return userOf(sql('SELECT doc FROM users WHERE user_id = ?').get(by.userId))
  const { username, issuer } = by
  const found =
    issuer === undefined
      ? sql('SELECT doc FROM users WHERE username = ? LIMIT 2').all(username)
      : sql('SELECT doc FROM users WHERE username = ? AND issuer = ?').all(username, issuer)
  return found.length === 1 ? userOf(found[0]) : undefined
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
    `Node ${process.versions.node} has no built-in SQLite.`,
    { remedy: 'Use Node 22.13 or newer, or keep keys in DynamoDB with dynamodbStore(…).' },
  )
}

import { TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import {
  backoffMs,
  checkOptions,
  invalidOption,
  sleep,
  type Clock,
  type OptionNames,
} from '@iamfetch/core'
import { at, idOf, itemKey, jsonOf, rowOf, type Item } from './dynamodb-items.ts'
import { outcomeOf, REFUSED_BY_OTHERS, type Part } from './dynamodb-part.ts'
import { tableOf, type DynamoDBStoreOptions, type Table } from './dynamodb-table.ts'
import { changeParts, dropped, removalOf } from './dynamodb-write.ts'
import type { KeyRow } from './key.ts'
import type { KeyEvent, KeyStore, Outcome, StoredUser } from './store.ts'

export type { DynamoDBStoreOptions } from './dynamodb-table.ts'

const MAX_ATTEMPTS = 8
const NAMES: OptionNames<DynamoDBStoreOptions> = {
  client: true,
  tableName: true,
  clock: true,
  random: true,
}

/**
 * Keeps keys in a DynamoDB table, without an index: every name has its own item, which a transaction takes or finds
 * taken, and every read is consistent.
 *
 * Turn on the table's time to live for the attribute `expiresAt`; it only removes what has expired. Permissions needed:
 * `dynamodb:GetItem`, `BatchGetItem`, `Query`, `Scan`, `PutItem`, `UpdateItem`, `DeleteItem`.
 *
 * @see [DynamoDB: transactions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html)
 * @see [DynamoDB: unique constraints](https://aws.amazon.com/blogs/database/simulating-amazon-dynamodb-unique-constraints-using-transactions/)
 */
export function dynamodbStore(options: DynamoDBStoreOptions): KeyStore {
  checkOptions('dynamodbStore', options, NAMES)
  const { client, tableName: TableName, clock = Date, random = Math.random } = options
  if (typeof client?.send !== 'function') {
    throw invalidOption('dynamodbStore', '"client" must be a DynamoDBClient', client)
  }
  if (typeof TableName !== 'string' || !TableName) {
    throw invalidOption('dynamodbStore', '"tableName" must be the name of a table', TableName)
  }

  const table = tableOf(options)
  return { ...readsOf(table), ...writesOf({ ...options, clock, random }, table) }
}

type CompleteOptions = DynamoDBStoreOptions & { clock: Clock; random: () => number }
type Writes = Pick<KeyStore, 'write' | 'removeUser' | 'touch'>

function writesOf(options: CompleteOptions, table: Table): Writes {
  const { client, tableName: TableName } = options
  return {
    async write(change) {
      const { before, after, user } = change
      const events = before && !after ? await eventItems(table, before.id) : []
      const outcome = await transact(options, async () =>
        changeParts(change, user && (await userById(table, user.userId))),
      )
      // Without their key they are never read, so one that is left does no harm.
      if (outcome.done)
        for (const item of events) await transact(options, async () => [dropped(item)])
      return outcome
    },
    async removeUser(userId) {
      const known = await userById(table, userId)
      if (!known) return true
      const outcome = await transact(options, async () => removalOf(known))
      return outcome.done
    },
    async touch(keyId, moment) {
      const command = new UpdateItemCommand({
        TableName,
        Key: itemKey.key(keyId),
        UpdateExpression: 'SET lastUsed = :at',
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(lastUsed) OR lastUsed < :at)',
        ExpressionAttributeValues: { ':at': { N: String(moment) } },
      })
      await unlessRefused(client.send(command))
    },
  }
}

/** Writes all parts or none. Waits for others that write the same items. */
async function transact(
  { client, tableName, clock, random }: CompleteOptions,
  make: () => Promise<readonly Part[]>,
): Promise<Outcome> {
  for (let attempt = 0; ; attempt++) {
    const parts = await make()
    try {
      const TransactItems = parts.map(({ write }) => write(tableName))
      await client.send(new TransactWriteItemsCommand({ TransactItems }))
      return { done: true }
    } catch (error) {
      const outcome = outcomeOf(error, parts)
      if (outcome !== REFUSED_BY_OTHERS) return outcome
      if (attempt === MAX_ATTEMPTS) throw error
      await sleep(clock, backoffMs(attempt, { baseMs: 25, capMs: 500, random }))
    }
  }
}

function readsOf(table: Table): Omit<KeyStore, keyof Writes> {
  const { get, getMany, query, scan, collect } = table
  return {
    async once(token, moment) {
      const item = await get(itemKey.once(token))
      if (!item || !(moment < Number(item['until']?.N))) return undefined
      return { ref: at(item, 'ref'), request: at(item, 'request') }
    },
    key: async (id) => rowOf(await get(itemKey.key(id))),
    async byClientId(clientId) {
      const item = await get(itemKey.client(clientId))
      if (!item) return undefined
      const [keyKey, userKey] = [itemKey.key(idOf(item)), itemKey.user(at(item, 'userId'))]
      const found = await getMany([keyKey, userKey])
      const key = rowOf(found.get(at(keyKey, 'pk')))
      return key && { key, user: jsonOf(found.get(at(userKey, 'pk'))) }
    },
    async keysOf(userId) {
      const pk = at(itemKey.user(userId), 'pk')
      return rowsOf(table, await collect(query(pk, { from: 'key#', to: 'key$' })))
    },
    async user(by) {
      if ('userId' in by) return userById(table, by.userId)
      const items = await usernameItems(table, by)
      const found = items.length === 1 ? await userById(table, at(items[0], 'userId')) : undefined
      return found?.username === by.username ? found : undefined
    },
    async events(keyId) {
      const items = await eventItems(table, keyId)
      return items.map((item): KeyEvent => jsonOf(item))
    },
    async due(by, atMost) {
      const to = at(itemKey.due({ dueAt: by, id: '\uffff' }), 'sk')
      return rowsOf(table, await collect(query('due', { from: '0', to }), atMost))
    },
    async *active() {
      for await (const item of scan({ state: 'active' })) {
        const row = rowOf(item)
        if (row) yield row
      }
    },
  }
}

/** The keys that index items lead to, in their order. */
async function rowsOf({ getMany }: Table, items: readonly Item[]): Promise<KeyRow[]> {
  const found = await getMany(items.map((item) => itemKey.key(idOf(item))))
  return items
    .map((item) => rowOf(found.get(at(itemKey.key(idOf(item)), 'pk'))))
    .filter((row) => row !== undefined)
}

const userById = async ({ get }: Table, userId: string): Promise<StoredUser | undefined> =>
  jsonOf(await get(itemKey.user(userId)))

/** The items of a username: of one issuer, or of every one (two are enough to know that there are several). */
async function usernameItems(
  { get, query, collect }: Table,
  by: { username: string; issuer?: string | undefined },
): Promise<Item[]> {
  const key = itemKey.username(by)
  if (by.issuer === undefined) {
    return collect(query(at(key, 'pk'), { from: 'issuer#', to: 'issuer$' }), 2)
  }
  const item = await get(key)
  return item ? [item] : []
}

const eventItems = ({ query, collect }: Table, keyId: string): Promise<Item[]> =>
  collect(query(at(itemKey.key(keyId), 'pk'), { from: 'event#', to: 'event$' }))

async function unlessRefused(conditional: Promise<unknown>): Promise<void> {
  try {
    await conditional
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return
    throw error
  }
}

import { TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { backoffMs, checkOptions, invalidOption, sleep, type OptionNames } from '@iamfetch/core'
import { at, idOf, itemKey, jsonOf, rowOf, type Item } from './dynamodb-items.ts'
import { outcomeOf, REFUSED_BY_OTHERS, type Part } from './dynamodb-part.ts'
import { tableOf, type DynamoDBStoreOptions } from './dynamodb-table.ts'
import { changeParts, dropped, removalOf } from './dynamodb-write.ts'
import type { KeyEvent, KeyStore, StoredUser } from './store.ts'

export type { DynamoDBStoreOptions } from './dynamodb-table.ts'

const MAX_ATTEMPTS = 8
const NAMES: OptionNames<DynamoDBStoreOptions> = {
  client: true,
  tableName: true,
  clock: true,
  random: true,
}

/**
 * Keeps keys in a DynamoDB table, without an index: every name has an item of its own, which a transaction takes or finds
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

  const { get, getMany, query, scan, collect } = tableOf(options)
  /** The keys that index items lead to, in their order. */
  const rowsOf = async (items: readonly Item[]) => {
    const found = await getMany(items.map((item) => itemKey.key(idOf(item))))
    return items
      .map((item) => rowOf(found.get(at(itemKey.key(idOf(item)), 'pk'))))
      .filter((row) => row !== undefined)
  }
  const user = async (userId: string): Promise<StoredUser | undefined> =>
    jsonOf(await get(itemKey.user(userId)))

  /** The items of a username: of one issuer, or of every one (two are enough to know that there are several). */
  const usernameItems = async (by: { username: string; issuer?: string | undefined }) => {
    const key = itemKey.username(by)
    if (by.issuer === undefined) {
      return collect(query(at(key, 'pk'), { from: 'issuer#', to: 'issuer$' }), 2)
    }
    const item = await get(key)
    return item ? [item] : []
  }

  const eventItems = (keyId: string): Promise<Item[]> =>
    collect(query(at(itemKey.key(keyId), 'pk'), { from: 'event#', to: 'event$' }))

  /** Writes all parts or none. Waits for others that write the same items. */
  const transact = async (make: () => Promise<readonly Part[]>) => {
    for (let attempt = 0; ; attempt++) {
      const parts = await make()
      try {
        const TransactItems = parts.map(({ write }) => write(TableName))
        await client.send(new TransactWriteItemsCommand({ TransactItems }))
        return { done: true } as const
      } catch (error) {
        const outcome = outcomeOf(error, parts)
        if (outcome !== REFUSED_BY_OTHERS) return outcome
        if (attempt === MAX_ATTEMPTS) throw error
        await sleep(clock, backoffMs(attempt, { baseMs: 25, capMs: 500, random }))
      }
    }
  }

  return {
    async write(change) {
      const events = change.before && !change.after ? await eventItems(change.before.id) : []
      const outcome = await transact(async () =>
        changeParts(change, change.user && (await user(change.user.userId))),
      )
      // Without their key they are never read, so one that is left does no harm.
      if (outcome.done) for (const item of events) await transact(async () => [dropped(item)])
      return outcome
    },
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
      return rowsOf(await collect(query(pk, { from: 'key#', to: 'key$' })))
    },
    async user(by) {
      if ('userId' in by) return user(by.userId)
      const items = await usernameItems(by)
      const found = items.length === 1 ? await user(at(items[0], 'userId')) : undefined
      return found?.username === by.username ? found : undefined
    },
    async removeUser(userId) {
      const known = await user(userId)
      if (!known) return true
      const outcome = await transact(async () => removalOf(known))
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
    async events(keyId) {
      const items = await eventItems(keyId)
      return items.map((item): KeyEvent => jsonOf(item))
    },
    async due(by, atMost) {
      const to = at(itemKey.due({ dueAt: by, id: '\uffff' }), 'sk')
      return rowsOf(await collect(query('due', { from: '0', to }), atMost))
    },
    async *active() {
      for await (const item of scan({ state: 'active' })) {
        const row = rowOf(item)
        if (row) yield row
      }
    },
  }
}

async function unlessRefused(conditional: Promise<unknown>): Promise<void> {
  try {
    await conditional
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return
    throw error
  }
}

import {
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb'
import { backoffMs, sleep, type Clock } from '@iamfetch/core'
import { at, type Item } from './dynamodb-items.ts'
import { refuse } from './refusal.ts'

/** Which table. */
export interface DynamoDBStoreOptions {
  /** It is not closed here, and no table is created. */
  client: Pick<DynamoDBClient, 'send'>
  /** Its partition key is the string `pk`, its sort key the string `sk`. */
  tableName: string
  /** For waits between attempts. @default Date */
  clock?: Clock | undefined
  /** Returns a number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
}

/** Reads of a table, all consistent and to the last page. */
export interface Table {
  get: (key: Item) => Promise<Item | undefined>
  /** @returns The items that exist, by their partition key. */
  getMany: (keys: readonly Item[]) => Promise<Map<string, Item>>
  query: (pk: string, sk: { from: string; to: string }) => AsyncGenerator<Item>
  scan: (by: { state: string }) => AsyncGenerator<Item>
  collect: (items: AsyncIterable<Item>, atMost?: number) => Promise<Item[]>
}

const MAX_ATTEMPTS = 8
/** The most that DynamoDB returns at once. */
const MAX_BATCH = 100
type RequestedItems = BatchGetItemCommandInput['RequestItems']
interface Page {
  Items?: Item[] | undefined
  LastEvaluatedKey?: Item | undefined
}

/** Creates the reads of a table. */
export function tableOf(options: DynamoDBStoreOptions): Table {
  const { client, tableName: TableName, clock = Date, random = Math.random } = options
  const get = async (key: Item): Promise<Item | undefined> => {
    const command = new GetItemCommand({ TableName, Key: key, ConsistentRead: true })
    return (await client.send(command)).Item
  }
  const query: Table['query'] = (pk, { from, to }) =>
    pages((next) =>
      client.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from }, ':to': { S: to } },
          ...next,
        }),
      ),
    )
  const scan: Table['scan'] = ({ state }) =>
    pages((next) =>
      client.send(
        new ScanCommand({
          TableName,
          ConsistentRead: true,
          FilterExpression: '#state = :state',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ':state': { S: state } },
          ...next,
        }),
      ),
    )
  return { get, getMany: batchReads({ ...options, clock, random }), query, scan, collect }
}

/** Reads many items by their keys, 100 at a time. Items that DynamoDB does not return at once are read again. */
function batchReads({
  client,
  tableName: TableName,
  clock,
  random,
}: DynamoDBStoreOptions & { clock: Clock; random: () => number }): Table['getMany'] {
  const readBatch = async (keys: Item[]): Promise<Item[]> => {
    const items: Item[] = []
    let remaining: Item[] | undefined = keys
    for (let attempt = 0; remaining && remaining.length > 0; attempt++) {
      if (attempt > 0) await sleep(clock, backoffMs(attempt - 1, { baseMs: 25, random }))
      if (attempt === MAX_ATTEMPTS) {
        throw refuse('SERVICE_UNAVAILABLE', 'DynamoDB is throttling the reads of keys.')
      }
      const RequestItems: RequestedItems = {
        [TableName]: { Keys: remaining, ConsistentRead: true },
      }
      const response: BatchGetItemCommandOutput = await client.send(
        new BatchGetItemCommand({ RequestItems }),
      )
      items.push(...(response.Responses?.[TableName] ?? []))
      remaining = response.UnprocessedKeys?.[TableName]?.Keys
    }
    return items
  }
  return async (keys) => {
    const byKey = new Map<string, Item>()
    for (let from = 0; from < keys.length; from += MAX_BATCH) {
      const items = await readBatch(keys.slice(from, from + MAX_BATCH))
      for (const item of items) byKey.set(at(item, 'pk'), item)
    }
    return byKey
  }
}

async function* pages(
  read: (next: { ExclusiveStartKey?: Item }) => Promise<Page>,
): AsyncGenerator<Item> {
  let next: Item | undefined
  do {
    const page = await read(next ? { ExclusiveStartKey: next } : {})
    yield* page.Items ?? []
    next = page.LastEvaluatedKey
  } while (next)
}

async function collect(items: AsyncIterable<Item>, atMost = Infinity): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) {
    all.push(item)
    if (all.length >= atMost) break
  }
  return all
}

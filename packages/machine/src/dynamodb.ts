import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { checkOptions, invalidOption, type Clock, type OptionNames } from '@iamfetch/core'
import type { TokenStore } from './store.ts'

/** A `DynamoDBClient`. For a document client, the client that it was created from. */
export interface DynamoDBSender {
  send(command: GetItemCommand): Promise<{ Item?: Item | undefined }>
  send(command: PutItemCommand | DeleteItemCommand): Promise<unknown>
}

type Item = Record<string, { S?: string | undefined; N?: string | undefined }>

/** Which table. */
export interface DynamoDBStoreOptions {
  /** It is not closed here, and no table is created. */
  client: DynamoDBSender
  /** Its partition key is a string; it has no sort key. */
  tableName: string
  /** Name of the partition key. @default 'id' */
  partitionKey?: string | undefined
  /** Decides when entries and leases expire. The clocks of a fleet should agree within a few seconds. @default Date */
  clock?: Clock | undefined
  /**
   * How long an operation may take, in milliseconds. The first one of a process opens a TLS connection, which
   * takes longer than the 50 ms that other stores get.
   *
   * @default 500
   */
  timeoutMs?: number | undefined
}

const OWNER = 'dynamodbStore'
const NAMES: OptionNames<DynamoDBStoreOptions> = {
  client: true,
  tableName: true,
  partitionKey: true,
  clock: true,
  timeoutMs: true,
}

/**
 * Shares tokens through a DynamoDB table, with leases.
 *
 * Turn on the table's time to live for the attribute `expiresAt`; it only removes expired entries, which are not used anyway. Permissions needed: `dynamodb:GetItem`, `dynamodb:PutItem`, `dynamodb:DeleteItem`.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [DynamoDB: condition expressions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html)
 * @see [DynamoDB: time to live](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html)
 */
export function dynamodbStore(options: DynamoDBStoreOptions): TokenStore {
  checkStoreOptions(options)
  const { client, tableName, partitionKey = 'id', clock = Date, timeoutMs = 500 } = options
  const keyOf = (id: string) => ({ [partitionKey]: { S: id } })
  const leaseOf = (key: string): string => `${key}.lease`
  const item = (id: string, value: string, ttlMs: number) => ({
    TableName: tableName,
    Item: {
      ...keyOf(id),
      value: { S: value },
      untilMs: { N: String(clock.now() + ttlMs) },
      // Whole seconds, which time to live counts in.
      expiresAt: { N: String(Math.ceil((clock.now() + ttlMs) / 1_000)) },
    },
  })
  return {
    timeoutMs,
    async get(key) {
      const { Item: stored } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: keyOf(key), ConsistentRead: true }),
      )
      return stored && clock.now() < Number(stored['untilMs']?.N) ? stored['value']?.S : undefined
    },
    set: (key, value, ttlMs) => client.send(new PutItemCommand(item(key, value, ttlMs))),
    delete: (key) => client.send(new DeleteItemCommand({ TableName: tableName, Key: keyOf(key) })),
    tryLease: (key, owner, ttlMs) =>
      unlessRefused(
        client.send(
          new PutItemCommand({
            ...item(leaseOf(key), owner, ttlMs),
            // The SDK repeats a request whose response was lost: the lease is then the owner's already.
            ConditionExpression:
              'attribute_not_exists(untilMs) OR untilMs <= :now OR #owner = :owner',
            ExpressionAttributeNames: { '#owner': 'value' },
            ExpressionAttributeValues: {
              ':now': { N: String(clock.now()) },
              ':owner': { S: owner },
            },
          }),
        ),
      ),
    release: (key, owner) =>
      unlessRefused(
        client.send(
          new DeleteItemCommand({
            TableName: tableName,
            Key: keyOf(leaseOf(key)),
            ConditionExpression: '#owner = :owner',
            // `value` is a reserved word.
            ExpressionAttributeNames: { '#owner': 'value' },
            ExpressionAttributeValues: { ':owner': { S: owner } },
          }),
        ),
      ),
  }
}

function checkStoreOptions(options: DynamoDBStoreOptions): void {
  checkOptions(OWNER, options, NAMES)
  const { client, tableName } = options
  if (typeof client?.send !== 'function') {
    throw invalidOption(OWNER, '"client" must be a DynamoDBClient', client)
  }
  if (typeof tableName !== 'string' || !tableName) {
    throw invalidOption(OWNER, '"tableName" must be the name of a table', tableName)
  }
}

/** @returns Whether the condition held. */
async function unlessRefused(conditional: Promise<unknown>): Promise<boolean> {
  try {
    await conditional
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false
    throw error
  }
}

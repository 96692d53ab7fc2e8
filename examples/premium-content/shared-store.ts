import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { TokenStore } from '@iamfetch/machine'
import { dynamodbStore } from '@iamfetch/machine/dynamodb'
import { redisStore } from '@iamfetch/machine/redis'
import { onPath, startDynalite, startRedis } from '@iamfetch/testing/servers'
import { createClient } from '@redis/client'

/** Where a fleet shares its tokens. */
export interface StoreAddress {
  kind: 'redis' | 'dynamodb'
  port: number
}

/** A server that runs for the fleet. */
export interface StoreServer extends StoreAddress {
  /** What it is, for people. */
  name: string
  readonly stop: () => Promise<unknown>
}

/**
 * Starts a Redis or Valkey where there is one on PATH, else dynalite, which speaks DynamoDB's protocol and comes with
 * the repository. Both have leases.
 */
export async function startSharedStore(
  redis: string | null = onPath('redis-server') ?? onPath('valkey-server') ?? null,
): Promise<StoreServer> {
  if (redis !== null) {
    const { port, stop } = await startRedis()
    return { kind: 'redis', port, name: redis, stop }
  }
  const server = await startDynalite()
  const { port, name } = server
  await inDynamoDB(port, (client) =>
    client.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    ),
  )
  return { kind: 'dynamodb', port, name, stop: () => server.stop() }
}

/** Connects to it. */
export async function connectTo({
  kind,
  port,
}: StoreAddress): Promise<{ store: TokenStore; readonly close: () => void }> {
  if (kind === 'dynamodb') {
    const client = dynamoDBAt(port)
    return {
      store: dynamodbStore({ client, tableName: TABLE, timeoutMs: BUSY_MS }),
      close: () => client.destroy(),
    }
  }
  // Without its queue it fails at once while it is not connected, and a call goes on without the store.
  const client = createClient({ socket: { host: '127.0.0.1', port }, disableOfflineQueue: true })
  // Without a listener a lost connection would end the process; the store's failures are counted elsewhere.
  const failure = new Promise<void>((resolve) => client.on('error', () => resolve()))
  const connected = client.connect().then(() => {})
  // It tries again by itself; a service does not wait for that.
  await Promise.race([connected.catch(() => {}), failure])
  const close = (): void => {
    if (client.isOpen) client.destroy()
  }
  return { store: redisStore({ client, timeoutMs: BUSY_MS }), close }
}

/** Many processes on one machine keep each other waiting for longer than the 50 ms that a store usually gets. */
const BUSY_MS = 2_000

const TABLE = 'tokens'

const dynamoDBAt = (port: number): DynamoDBClient =>
  new DynamoDBClient({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })

async function inDynamoDB(
  port: number,
  work: (client: DynamoDBClient) => Promise<unknown>,
): Promise<void> {
  const client = dynamoDBAt(port)
  try {
    await work(client)
  } finally {
    client.destroy()
  }
}

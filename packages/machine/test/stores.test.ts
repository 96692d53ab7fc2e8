import { createClient } from '@redis/client'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { fixedClock } from '@iamfetch/testing'
import {
  startDynalite,
  startDynamoDBLocal,
  startRedis,
  type DynamoDBServer,
} from '@iamfetch/testing/servers'
import { Redis } from 'ioredis'
import { Keyv } from 'keyv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tokenStoreContract, type StoreUnderTest } from '../src/contract.ts'
import { dynamodbStore } from '../src/dynamodb.ts'
import { memoryStore } from '../src/index.ts'
import { keyvStore } from '../src/keyv.ts'
import { redisStore } from '../src/redis.ts'

/** Registers the contract for one store, which is started once for all of its tests. */
function testStore(
  name: string,
  {
    leases,
    start,
  }: {
    leases: boolean
    start: () => Promise<StoreUnderTest & { stop?: () => Promise<unknown> }>
  },
): void {
  describe(`the token store ${name}`, () => {
    let under: Awaited<ReturnType<typeof start>>
    beforeAll(async () => {
      under = await start()
    }, 180_000)
    afterAll(() => under?.stop?.())
    test.each(tokenStoreContract(() => under, { leases }))('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined()
    })
  })
}

/** A server's time cannot be handed in; these are the only waits, of some hundred milliseconds in all. */
const really = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

testStore('in memory', {
  leases: true,
  start: async () => {
    const clock = fixedClock()
    const store = memoryStore({ clock })
    return { store, other: store, passes: (ms) => clock.advance(ms) }
  },
})

testStore('on a Keyv', {
  leases: false,
  start: async () => {
    const shared = new Map<string, unknown>()
    const connect = () => keyvStore(new Keyv({ store: shared }))
    return { store: connect(), other: connect(), passes: really }
  },
})

testStore('on Redis, with node-redis', {
  leases: true,
  start: async () => {
    const server = await startRedis()
    const connect = () =>
      createClient({ socket: { host: '127.0.0.1', port: server.port } })
        .on('error', () => {})
        .connect()
    const clients = await Promise.all([connect(), connect()])
    const [store, other] = clients.map((client) => redisStore({ client }))
    return {
      store: store!,
      other: other!,
      passes: really,
      stop: async () => {
        for (const client of clients) client.destroy()
        await server.stop()
      },
    }
  },
})

testStore('on Redis, with ioredis', {
  leases: true,
  start: async () => {
    const server = await startRedis()
    const clients = [0, 1].map(() => new Redis(server.port, '127.0.0.1').on('error', () => {}))
    const [store, other] = clients.map((client) => redisStore({ client, prefix: 'mine:' }))
    return {
      store: store!,
      other: other!,
      passes: really,
      stop: async () => {
        for (const client of clients) client.disconnect()
        await server.stop()
      },
    }
  },
})

async function onDynamoDB(server: DynamoDBServer) {
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  await client.send(
    new CreateTableCommand({
      TableName: 'tokens',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  const clock = fixedClock()
  const connect = () => dynamodbStore({ client, tableName: 'tokens', clock })
  return {
    store: connect(),
    other: connect(),
    passes: (ms: number) => clock.advance(ms),
    stop: async () => {
      client.destroy()
      await server.stop()
    },
  }
}

testStore('on DynamoDB, as dynalite is one', {
  leases: true,
  start: async () => onDynamoDB(await startDynalite()),
})

// AWS's own is better where it can be had, and cannot be had everywhere; the name tells which one ran.
const local = await startDynamoDBLocal()
if (typeof local === 'string') {
  console.warn(
    `DynamoDB Local is not to be had here (${local}); dynalite alone stood for DynamoDB.`,
  )
} else {
  testStore(`on DynamoDB, as ${local.name} is one`, {
    leases: true,
    start: () => onDynamoDB(local),
  })
}

describe('the store in memory', () => {
  test('keeps as many entries as allowed, and removes the oldest', async () => {
    const store = memoryStore({ maxEntries: 2 })
    for (const key of ['a', 'b', 'c']) await store.set(key, key, 60_000)
    expect([await store.get('a'), await store.get('b'), await store.get('c')]).toEqual([
      undefined,
      'b',
      'c',
    ])
  })

  test('keeps a thousand entries by default, each until it expires', async () => {
    const clock = fixedClock()
    const store = memoryStore({ clock })
    for (let entry = 0; entry <= 1_000; entry++) await store.set(`${entry}`, 'value', 1_000)
    expect([await store.get('0'), await store.get('1')]).toEqual([undefined, 'value'])
    await clock.advance(999)
    expect(await store.get('1')).toBe('value')
    await clock.advance(1)
    expect(await store.get('1')).toBeUndefined()
  })
})

describe('a store', () => {
  test('is not created from anything but a client', () => {
    // @ts-expect-error no client
    expect(() => redisStore({ client: {} })).toThrow('"client" must be a client of node-redis')
    // @ts-expect-error a URL instead of a client
    expect(() => redisStore({ url: 'redis://cache' })).toThrow('"url" is not an option')
    // @ts-expect-error no client
    expect(() => dynamodbStore({ client: {}, tableName: 't' })).toThrow(TypeError)
    // @ts-expect-error no Keyv
    expect(() => keyvStore({})).toThrow(TypeError)
  })
})

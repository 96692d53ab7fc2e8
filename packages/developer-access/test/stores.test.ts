import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  startDynamoDBLocal,
  startDynaliteWithTransactions,
  type DynamoDBServer,
} from '@iamfetch/testing/servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyStoreContract, type KeyStoreUnderTest } from '../src/contract.ts'
import { dynamodbStore } from '../src/dynamodb.ts'
import { sqliteStore } from '../src/sqlite.ts'

/** Registers the contract for one store, which is started once for all of its tests. */
function testStore(
  name: string,
  start: () => Promise<KeyStoreUnderTest & { stop?: () => unknown }>,
): void {
  describe(`the key store ${name}`, () => {
    let under: Awaited<ReturnType<typeof start>>
    beforeAll(async () => {
      under = await start()
    }, 180_000)
    afterAll(() => under?.stop?.())
    it.each(keyStoreContract(() => under))('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined()
    })
  })
}

testStore('in an SQLite file', async () => {
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

testStore('in the memory of SQLite', async () => {
  const store = sqliteStore({ path: ':memory:' })
  return { store, other: store, stop: () => store.close() }
})

async function onDynamoDB(server: DynamoDBServer) {
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  await client.send(
    new CreateTableCommand({
      TableName: 'keys',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  const connect = () => dynamodbStore({ client, tableName: 'keys' })
  const stop = async (): Promise<void> => {
    client.destroy()
    await server.stop()
  }
  return { store: connect(), other: connect(), stop }
}

// AWS's own has transactions and cannot be had everywhere; the name tells which one ran.
const local = await startDynamoDBLocal()
if (typeof local === 'string') {
  console.warn(
    `DynamoDB Local is not to be had here (${local}); dynalite alone stood for DynamoDB.`,
  )
} else {
  testStore(`on DynamoDB, as ${local.name} is one`, () => onDynamoDB(local))
}

testStore('on DynamoDB, as dynalite is one with transactions put in front', async () =>
  onDynamoDB(await startDynaliteWithTransactions()),
)

describe('the DynamoDB store', () => {
  it('is made of a client and a table', () => {
    // @ts-expect-error no client
    expect(() => dynamodbStore({ client: {}, tableName: 'keys' })).toThrow(TypeError)
    const client = new DynamoDBClient({ region: 'eu-central-1' })
    expect(() => dynamodbStore({ client, tableName: '' })).toThrow(TypeError)
  })
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

import { errorText, withGlobal } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { dynamodbStore } from '../src/dynamodb.ts'
import { machineToken, oauthTokenEndpoint } from '../src/index.ts'
import { redisStore } from '../src/redis.ts'
import { secretsManager } from '../src/secrets-manager.ts'

// What the other tests of this package do not produce: one mistake for each message.

const client = { send: async () => ({}), sendCommand: async () => null }

const ROWS: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => dynamodbStore({ client: client, tableName: '' }),
    'TypeError: dynamodbStore: "tableName" must be the name of a table, got ""',
  ],
  [
    () => redisStore({ client: client, prefix: 7 as never }),
    'TypeError: redisStore: "prefix" must be a text, got 7',
  ],
  [
    () => secretsManager({ secretId: 'reports', region: 'eu-central-1', fetch, field: '' }),
    'TypeError: secretsManager: "field" must be the name of a key in the secret, got ""',
  ],
  [
    () =>
      withGlobal('crypto', {}, () =>
        machineToken({
          source: oauthTokenEndpoint({
            url: 'https://auth.example.com/oauth2/token',
            clientId: 'reports',
          }),
          clientSecret: 'secret',
          scopes: ['notes/read'],
        }),
      ),
    'TypeError: machineToken: crypto.subtle is missing; a browser has it on https pages only',
  ],
]

describe('a mistake', () => {
  test.each(ROWS)('row %#: is said in a full sentence with what to do', async (call, message) => {
    expect(await errorText(call)).toBe(message)
  })
})

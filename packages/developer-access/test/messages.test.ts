import { IamFetchError } from '@iamfetch/core'
import { eventFixtures } from '@iamfetch/server/fixtures'
import { errorText } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { dynamodbStore } from '../src/dynamodb.ts'
import { alice, quickClock, reading, rig } from './fixtures.ts'

// What the other tests of this package do not produce: one mistake for each message.

const throttled = {
  send: async ({ input }: { input: { RequestItems?: object } }) =>
    input.RequestItems
      ? { UnprocessedKeys: input.RequestItems }
      : { Item: { pk: { S: 'client#c' }, id: { S: 'key_abcdef' }, userId: { S: 'alice' } } },
}

const ROWS: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => rig().access.authorizer({ usageIdentifierKey: 'plan' as never }),
    'TypeError: authorizer: "usageIdentifierKey" must be a function, got "plan"',
  ],
  [
    () => rig().access.createKey(alice, reading, { idempotencyKey: 'two words' }),
    'IamFetchError [REQUEST_INVALID]: An idempotency key must have 1 to 255 printable ASCII characters. Correct the request and send it again.',
  ],
  [
    () => rig({ random: 7 as never }).access,
    'TypeError: createDeveloperAccess: "random" must be a function, got 7',
  ],
  [
    () => {
      const { store } = rig()
      return rig({
        store: { ...store, keysOf: async () => [], removeUser: async () => false },
      }).access.removeUser('alice')
    },
    'IamFetchError [UNDER_WAY]: A key of the user is being created at this moment. Repeat the request in a few seconds.',
  ],
  [
    () => {
      const store = dynamodbStore({
        client: throttled as never,
        tableName: 'keys',
        clock: quickClock(),
      })
      return store.byClientId('c')
    },
    'IamFetchError [SERVICE_UNAVAILABLE]: DynamoDB is throttling the reads of keys. Repeat the call in a few seconds.',
  ],
]

describe('a mistake', () => {
  test.each(ROWS)('row %#: is said in a full sentence with what to do', async (call, message) => {
    expect(await errorText(call)).toBe(message)
  })
})

test('what a store reports is not shown to a user', async () => {
  const { store } = rig()
  const { access } = rig({
    store: {
      ...store,
      keysOf: async () => {
        throw new IamFetchError('THROTTLED', 'Table keys is throttled.', { remedy: 'Wait.' })
      },
    },
  })
  const event = eventFixtures['http-jwt'].event()
  const response = await access.routes().request('/keys', {}, Object({ event }))
  expect([response.status, await response.json()]).toEqual([
    503,
    { error: 'SERVICE_UNAVAILABLE', message: 'Keys cannot be changed at the moment.' },
  ])
})

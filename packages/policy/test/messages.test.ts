import { errorText } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { checkPolicy } from '../src/check-policy.ts'

// What the other tests of this package do not produce: one mistake for each message.

const POLICY = {
  Version: '2012-10-17' as const,
  Statement: { Effect: 'Allow' as const, Action: 'execute-api:Invoke', Resource: '*' },
}

const ROWS: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => checkPolicy({ ...POLICY, Id: 7 }),
    'TypeError: checkPolicy: "policy.Id" must be a string, got 7',
  ],
  [
    () =>
      checkPolicy({
        ...POLICY,
        Statement: { ...POLICY.Statement, Action: ['execute-api:Invoke', 7] },
      }),
    'TypeError: checkPolicy: "policy.Statement.Action[1]" must be a string, got 7',
  ],
]

describe('a mistake', () => {
  test.each(ROWS)('row %#: is said in a full sentence with what to do', async (call, message) => {
    expect(await errorText(call)).toBe(message)
  })
})

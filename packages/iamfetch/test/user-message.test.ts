import { expect, test } from 'vitest'
import { describeRefusal } from '../src/index.ts'
import { USER_MESSAGES } from '../src/refusal/user-messages.ts'

const forbidden = (): Response => new Response('{"message":"Forbidden"}', { status: 403 })

test('a refusal has a short sentence for the person who uses the page', async () => {
  const { code, userMessage, message } = await describeRefusal(forbidden())
  expect([code, userMessage]).toEqual(['FORBIDDEN', 'You do not have permission to do this.'])
  expect(message).not.toBe(userMessage)
  const expired = new Response(
    '{"message":"The security token included in the request is expired"}',
    {
      status: 403,
    },
  )
  expect((await describeRefusal(expired)).userMessage).toBe('Sign in again to go on.')
})

test.each(Object.entries(USER_MESSAGES))(
  'the sentence for %s is short and without terms of AWS',
  (_, text) => {
    expect(text.length).toBeLessThanOrEqual(60)
    expect(text).toMatch(/^[A-Z].*\.$/)
    expect(text).not.toMatch(
      /\b(AWS|IAM|role|policy|token|signature|gateway|API|credential|Cognito|header|scope|session)\b/i,
    )
  },
)

test('sentences are replaced by those of another language, and the others stay', async () => {
  const userMessages = { FORBIDDEN: 'Dazu haben Sie keine Berechtigung.' }
  expect((await describeRefusal(forbidden(), { userMessages })).userMessage).toBe(
    'Dazu haben Sie keine Berechtigung.',
  )
  const other = new Response('no', { status: 500 })
  expect((await describeRefusal(other, { userMessages })).userMessage).toBe('This did not work.')
})

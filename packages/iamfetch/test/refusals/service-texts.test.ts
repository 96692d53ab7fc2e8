import { describe, expect, test } from 'vitest'
import { explain } from '../../src/explain.ts'
import { describeRefusal } from '../../src/index.ts'
import { capital, s3, type, typed } from './row.ts'

const WORDS = 'Words that are not known here'

describe('a refusal of an AWS service with words that are not known', () => {
  test.each<[form: string, status: number, body: string, headers?: Record<string, string>]>([
    ['XML with a code', 403, s3('NewCode', WORDS)],
    ['XML with a code', 400, s3('ValidationError', WORDS)],
    [
      'XML with an exception',
      403,
      `<NewException>\n  <Message>${WORDS}</Message>\n</NewException>`,
    ],
    ['JSON with a type', 400, typed('NewException', WORDS)],
    ['a header', 400, capital(WORDS), type('BadRequestException').headers],
  ])(
    'in %s with the status %i is not blamed on an application',
    async (_, status, body, headers) => {
      const response = (): Response => new Response(body, { status, ...(headers && { headers }) })
      const found = await explain(response())
      expect(found).toMatchObject({ code: 'UNKNOWN', responsible: 'caller' })
      expect(found.rule).toContain(WORDS)
      expect(`${found.message} ${found.remedy.join(' ')}`).not.toMatch(
        /logs of the application|behind/,
      )
      expect((await describeRefusal(response())).message).toBe(found.message)
    },
  )

  test("is an application's where nothing has the form of an AWS service", async () => {
    for (const body of ['', WORDS, JSON.stringify({ message: WORDS }), `<p>${WORDS}</p>`]) {
      const found = await explain(new Response(body, { status: 403 }))
      expect(found).toMatchObject({ code: 'UNKNOWN', responsible: 'api' })
    }
  })
})

const aoss = JSON.stringify({
  status: 403,
  'request-id': 'x',
  error: { reason: '403 Forbidden', type: 'Forbidden' },
})

test.each<[body: string, status: number, code: string, responsible: string, remedy: RegExp]>([
  [aoss, 403, 'ACCESS_DENIED', 'policy', /data access policy.*aoss:APIAccessAll/s],
  ['{"message":null,"traceId":"x"}', 403, 'FORBIDDEN', 'policy', /AWS IoT policy/],
  [
    s3('AccessDenied', 'There were headers present in the request which were not signed'),
    403,
    'AUTH_MALFORMED',
    'caller',
    /sign the header/,
  ],
  [
    s3('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256'),
    400,
    'AUTH_MALFORMED',
    'caller',
    /sign the header/,
  ],
  [
    s3(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
    400,
    'SIGNATURE_MISMATCH',
    'proxy',
    /bytes that were hashed/,
  ],
  [
    s3('AccessDenied', 'Invalid according to Policy: Policy expired.'),
    403,
    'URL_EXPIRED',
    'caller',
    /before the upload/,
  ],
  [
    s3('AccessDenied', 'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "a"]'),
    403,
    'ACCESS_DENIED',
    'caller',
    /conditions of the policy/,
  ],
  [
    '<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>',
    403,
    'AUTH_MISSING',
    'caller',
    /method and path/,
  ],
  [
    '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors></Response>',
    403,
    'ACCESS_DENIED',
    'policy',
    /CloudTrail/,
  ],
  [
    '<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors></Response>',
    401,
    'TOKEN_INVALID',
    'session',
    /session token/,
  ],
])('%s with the status %i is %s', async (body, status, code, responsible, remedy) => {
  const found = await explain(new Response(body, { status }))
  expect(found).toMatchObject({ code, responsible })
  expect(found.remedy.join('\n')).toMatch(remedy)
  expect(found.message).toMatch(/^[A-Z].*\.$/)
})

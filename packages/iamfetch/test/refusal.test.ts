import { expect, test } from 'vitest'
import { describeRefusal } from '../src/index.ts'
import { refusal } from './fixtures.ts'

const ROLE = 'arn:aws:sts::123456789012:assumed-role/ReadOnlyAccessRole/CognitoIdentityCredentials'
const ROUTE = 'arn:aws:execute-api:eu-central-1:********9012:abc123/prod/POST/test'

test.each([
  ['Signature expired: 20260101T000000Z is now earlier than …', 'CLOCK_SKEW'],
  ['Signature not  yet current: 20260101T000000Z is still later than …', 'CLOCK_SKEW'],
  [
    'The request signature we calculated does not match the signature you provided.',
    'SIGNATURE_MISMATCH',
  ],
  ['The security token included in the request is expired', 'TOKEN_EXPIRED'],
  ['The security token included in the request is invalid.', 'TOKEN_INVALID'],
  ["Credential should be scoped to a valid region, not 'us-east-1'. ", 'WRONG_SCOPE'],
  ["Credential should be scoped to correct service: 'execute-api'. ", 'WRONG_SCOPE'],
  ['Missing Authentication Token', 'AUTH_MISSING'],
  [
    "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'x'.",
    'AUTH_MALFORMED',
  ],
  [
    "Authorization header requires 'Credential' parameter. Authorization=eyJhbGciOi",
    'AUTH_MALFORMED',
  ],
  [
    `User: ${ROLE} is not authorized to perform: execute-api:Invoke on resource: ${ROUTE}`,
    'ACCESS_DENIED',
  ],
  [
    'User: anonymous is not authorized to perform: execute-api:Invoke on resource: *',
    'ACCESS_DENIED',
  ],
  ['Forbidden', 'FORBIDDEN'],
  ['Forbidden. For troubleshooting Function URL authorization issues, see: …', 'FORBIDDEN'],
  ['You may not edit this order', 'UNKNOWN'],
])('%s is %s', async (message, code) => {
  for (const key of ['message', 'Message']) {
    const described = await describeRefusal(Response.json({ [key]: message }, { status: 403 }))
    expect(described.code).toBe(code)
    expect(described.message).toMatch(/\.$/)
    expect(described.message).not.toContain('eyJ')
  }
})

test.each([
  ['ExpiredTokenException', 'TOKEN_EXPIRED'],
  ['UnrecognizedClientException', 'TOKEN_INVALID'],
  ['InvalidSignatureException:http://internal', 'SIGNATURE_MISMATCH'],
  ['MissingAuthenticationTokenException', 'AUTH_MISSING'],
  ['IncompleteSignatureException', 'AUTH_MALFORMED'],
  ['AccessDeniedException', 'ACCESS_DENIED'],
  ['ForbiddenException', 'FORBIDDEN'],
])('an API that rewrites its bodies is known by its errortype %s', async (type, code) => {
  const answer = new Response('Sorry!', { status: 403, headers: { 'x-amzn-errortype': type } })
  expect(await describeRefusal(answer)).toMatchObject({ code })
  expect(await answer.text()).toBe('Sorry!')
})

test('a denial names the role that was assumed and the route, implicit or explicit', async () => {
  const text = `User: ${ROLE} is not authorized to perform: execute-api:Invoke on resource: ${ROUTE}`
  expect(
    await describeRefusal(
      refusal(text, { 'x-amzn-requestid': '11111111-2222-4333-8444-555555555555' }),
    ),
  ).toEqual({
    code: 'ACCESS_DENIED',
    message: 'The role ReadOnlyAccessRole is not allowed to call POST /test.',
    userMessage: 'You do not have permission to do this.',
    principal: ROLE,
    action: 'execute-api:Invoke',
    resource: ROUTE,
    explicit: false,
    requestId: '11111111-2222-4333-8444-555555555555',
  })
  for (const [deny, by] of [
    [' with an explicit deny', 'a policy'],
    [' with an explicit deny in an identity-based policy', 'an identity-based policy'],
  ]) {
    expect(await describeRefusal(refusal(`${text}${deny}`))).toMatchObject({
      explicit: true,
      message: `The role ReadOnlyAccessRole is denied by ${by} to call POST /test.`,
    })
  }
})

test('a 401 is about the bearer token', async () => {
  const answer = Response.json({ message: 'Unauthorized' }, { status: 401 })
  expect(await describeRefusal(answer)).toMatchObject({ code: 'UNAUTHORIZED' })
})

test("the local stack's reason is added to AWS's response", async () => {
  const answer = refusal('Forbidden', {
    'x-local-reason': 'ImplicitDeny',
    'apigw-requestid': 'JKJaXmPLvHcESHA=',
  })
  const described = await describeRefusal(answer)
  expect(described).toMatchObject({
    code: 'FORBIDDEN',
    localReason: 'ImplicitDeny',
    requestId: 'JKJaXmPLvHcESHA=',
  })
  expect(described.message).toMatch(/The local stack reports: ImplicitDeny\.$/)
})

test('a reason that ends with a full stop is not given a second one', async () => {
  const answer = refusal('Forbidden', { 'x-local-reason': 'InvalidSignature: not here.' })
  expect((await describeRefusal(answer)).message).toMatch(/not here\.$/)
})

test.each([
  [404, 'There is no such path or method, or the application has no such resource.'],
  [409, 'The API responded with 409; the signature or token was not the reason.'],
  [502, 'The API responded with 502; the signature or token was not the reason.'],
])(
  'a response of %s, which does not refuse a caller, is not called a refusal',
  async (status, message) => {
    const described = await describeRefusal(Response.json({ message: 'Not Found' }, { status }))
    expect(described.code).toBe('UNKNOWN')
    expect(described.message).toContain(message)
  },
)

test('a response that was read already, or is not from a gateway, is described by what is left', async () => {
  const read = refusal('Missing Authentication Token')
  await read.text()
  expect(await describeRefusal(read)).toMatchObject({ code: 'UNKNOWN' })
  expect(await describeRefusal(new Response(null, { status: 403 }))).toMatchObject({
    code: 'UNKNOWN',
  })
  expect(await describeRefusal(new Response('{"broken', { status: 403 }))).toMatchObject({
    code: 'UNKNOWN',
  })
  expect(await describeRefusal(new Response('{"message":{}}', { status: 403 }))).toMatchObject({
    code: 'UNKNOWN',
  })
})

import { describe, expect, test } from 'vitest'
import { explain } from '../../src/explain.ts'
import { describeRefusal } from '../../src/index.ts'

/** Situations of published reports, with the words that the gateways sent. */
const refused = (body: unknown, headers: Record<string, string> = {}, status = 403): Response =>
  Response.json(body, { status, headers })

describe('a denial by a Lambda authorizer is not blamed on a policy', () => {
  test.each<[string, Record<string, string>]>([
    [' with an explicit deny', { 'x-amzn-errortype': 'AccessDeniedException' }],
    [' with an explicit deny', {}],
    ['', { 'x-amzn-errortype': 'AccessDeniedException' }],
    ['', {}],
  ])('%j %j', async (end, headers) => {
    const body = { Message: `User is not authorized to access this resource${end}` }
    const found = await explain(refused(body, headers))
    expect(found).toMatchObject({ code: 'AUTHORIZER_DENIED', responsible: 'api' })
    expect(JSON.stringify(found.remedy)).not.toMatch(/Effect|policy of the role/)
    const described = await describeRefusal(refused(body, headers))
    expect(described).toMatchObject({ code: 'AUTHORIZER_DENIED' })
  })
})

test('a denial of another service proposes its action and never invents an ARN', async () => {
  const found = await explain(
    refused(
      {
        message:
          'User: arn:aws:sts::123456789012:assumed-role/consumer/x is not authorized to perform: secretsmanager:GetSecretValue on resource: premium/reader because no identity-based policy allows the secretsmanager:GetSecretValue action',
      },
      {},
      400,
    ),
  )
  expect(found.refusal).toMatchObject({
    action: 'secretsmanager:GetSecretValue',
    resource: 'premium/reader',
    policy: 'identity',
    explicit: false,
  })
  const advice = found.remedy.join('\n')
  expect(advice).toContain('"Action":"secretsmanager:GetSecretValue"')
  expect(advice).not.toMatch(/execute-api|arn:aws:secretsmanager/)
})

test.each(['because …', 'because this is a reason of another year'])(
  'a reason that is not known, %j, is not taken for a part of the resource',
  async (reason) => {
    const message = `User: arn:aws:sts::123456789012:assumed-role/consumer/x is not authorized to perform: secretsmanager:GetSecretValue on resource: premium/reader ${reason}`
    expect((await explain(refused({ message }, {}, 400))).refusal).toMatchObject({
      action: 'secretsmanager:GetSecretValue',
      resource: 'premium/reader',
    })
  },
)

test('a denial across accounts says that both must allow, and does not make up the account', async () => {
  const found = await explain(
    refused({
      Message:
        'User: arn:aws:sts::111111111111:assumed-role/PermissionSetCallerRole/session is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********2222:a1b2c3d4e5/prod/POST/x',
    }),
  )
  expect(found.message).toContain('across accounts, a policy on each side must allow the call')
  const advice = found.remedy.join('\n')
  expect(advice).toContain('"Resource":"arn:aws:execute-api:us-east-1:********2222:a1b2c3d4e5/')
  expect(advice).not.toContain('us-east-1:111111111111')
  expect(advice).toContain('arn:aws:iam::111111111111:role/PermissionSetCallerRole')
})

describe("an application whose words resemble a gateway's is recognised", () => {
  test.each([
    [403, { statusCode: 403, message: 'Forbidden resource', error: 'Forbidden' }],
    [403, { statusCode: 403, message: 'Forbidden' }],
    [403, { message: 'Forbidden.' }],
    [403, { message: 'Forbidden for your plan' }],
    [401, { statusCode: 401, message: 'Unauthorized' }],
    [401, { message: 'Please sign in', code: 'NO_SESSION' }],
    [403, { message: 'Signature expired on your contract' }],
    [403, { message: 'Missing Authentication Token in the session' }],
    [403, { message: 'User: alice is not authorized to see this page' }],
    [403, { message: 'The security token of your door is expired' }],
    [403, { message: 'User is not authorized to access this resource.' }],
  ])('%s %j', async (status, body) => {
    const headers = { 'apigw-requestid': 'JKJaXmPLvHcESHA=' }
    const found = await explain(refused(body, headers, status))
    expect(found).toMatchObject({ code: 'UNKNOWN', responsible: 'api' })
    expect(await describeRefusal(refused(body, headers, status))).toMatchObject({ code: 'UNKNOWN' })
  })

  test.each([
    [403, 'Forbidden'],
    [401, 'Unauthorized'],
  ])('a plain text %s, which Express writes', async (status, text) => {
    expect(await explain(new Response(text, { status }))).toMatchObject({ code: 'UNKNOWN' })
  })
})

test("a resource policy's Deny is not answered by advice to sign", async () => {
  const found = await explain(
    refused({
      Message:
        'User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********9012:abc/test/GET/helloworld with an explicit deny',
    }),
  )
  expect(found.responsible).toBe('policy')
  expect(found.remedy.join('\n')).toMatch(/aws:SourceIp.*A signature does not change it/s)
  expect(found.remedy.join('\n')).not.toContain('Sign the call')
})

test('a token without the scope is recognized by the challenge, whatever the body is', async () => {
  const challenge = 'Bearer error="insufficient_scope", scope="notes:read"'
  const found = await explain(refused({ message: 'Forbidden' }, { 'www-authenticate': challenge }))
  expect(found).toMatchObject({ code: 'SCOPES_MISSING', responsible: 'session' })
})

test('an IAM user is named by the name, whatever path the ARN has', async () => {
  const { message } = await describeRefusal(
    refused({
      Message:
        'User: arn:aws:iam::123456789012:user/team/alice is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::bucket/key" because no session policy allows the s3:GetObject action',
    }),
  )
  expect(message).toBe(
    'The user alice is not allowed to perform s3:GetObject on arn:aws:s3:::bucket/key: no statement of the session policy allows it.',
  )
})

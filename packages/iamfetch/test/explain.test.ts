import { fetchOf } from '@iamfetch/testing'
import { IamFetchError } from '@iamfetch/core'
import { createSigner } from '@iamfetch/sigv4'
import { describe, expect, test, vi } from 'vitest'
import { explain, rememberRequests } from '../src/explain.ts'

const ADDRESS = 'https://abc123.execute-api.eu-central-1.amazonaws.com/prod/test'
const TOKEN = `IQoJb3JpZ2luX2Vj${'Ab0/+'.repeat(80)}==`
const keys = { accessKeyId: 'ASIAEXAMPLEEXAMPLE12', secretAccessKey: 'secret', sessionToken: TOKEN }
const AT = Date.UTC(2026, 0, 1)
const clock = { now: () => AT }

const refused = (
  message: string,
  { type = '', key = 'message', status = '403', ...headers }: Record<string, string> = {},
): Response =>
  new Response(JSON.stringify({ [key]: message }), {
    status: Number(status),
    headers: { ...(type && { 'x-amzn-errortype': type }), ...headers },
  })

/** Texts as they were recorded of gateways, with who quoted them. */
const RECORDED: readonly [
  source: string,
  Response,
  code: string,
  responsible: string,
  remedy: RegExp,
][] = [
  [
    'set-up-gateway-response-using-the-console',
    refused('Missing Authentication Token', { type: 'MissingAuthenticationTokenException' }),
    'AUTH_MISSING',
    'caller',
    /stage, path and method/,
  ],
  [
    'amplify-js#13378',
    refused(
      `Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization=eyJraWQiOiJ4In0.eyJzdWIiOiJ4In0.c2ln`,
      { type: 'IncompleteSignatureException' },
    ),
    'AUTH_MALFORMED',
    'caller',
    /createIamFetch/,
  ],
  [
    'amplify-js#2014',
    refused(
      'Signature expired: 20181024T121036Z is now earlier than 20181024T131217Z (20181024T131717Z - 5 min.)',
      { type: 'InvalidSignatureException' },
    ),
    'CLOCK_SKEW',
    'device',
    /clock/,
  ],
  [
    'Roomba980-Python#118',
    refused(
      'Signature not yet current: 20230803T171733Z is still later than 20230803T171233Z (20230803T170733Z + 5 min.)',
    ),
    'CLOCK_SKEW',
    'device',
    /clock/,
  ],
  [
    'Kong/insomnia#830',
    refused("Credential should be scoped to a valid region, not 'us-east-1'. "),
    'WRONG_SCOPE',
    'caller',
    /region/,
  ],
  [
    'aws4-axios#1553',
    refused('The security token included in the request is invalid.', {
      type: 'UnrecognizedClientException',
    }),
    'TOKEN_INVALID',
    'session',
    /session token/,
  ],
  [
    'amplify-js#6181',
    refused('The security token included in the request is expired', {
      type: 'ExpiredTokenException',
    }),
    'TOKEN_EXPIRED',
    'session',
    /function that renews/,
  ],
  [
    'aws-sdk-ios#505',
    refused(
      'User: arn:aws:sts::123456789012:assumed-role/ReadRole/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:abc123/prod/POST/test',
      { type: 'AccessDeniedException', key: 'Message' },
    ),
    'ACCESS_DENIED',
    'policy',
    /"Resource":"arn:aws:execute-api:eu-central-1:123456789012:abc123\/prod\/POST\/test"/,
  ],
  [
    'the same, by a Deny',
    refused(
      'User: arn:aws:sts::123456789012:assumed-role/ReadRole/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:abc123/prod/POST/test with an explicit deny',
      { type: 'AccessDeniedException' },
    ),
    'ACCESS_DENIED',
    'policy',
    /Narrow the Deny statement/,
  ],
  [
    'a resource policy, anonymous',
    refused(
      'User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:abc123/prod/GET/test',
      { type: 'AccessDeniedException' },
    ),
    'ACCESS_DENIED',
    'caller',
    /Sign the call/,
  ],
  [
    'sst#6336',
    refused('Forbidden', { 'apigw-requestid': 'x=' }),
    'FORBIDDEN',
    'unknown',
    /access log/,
  ],
  [
    'a plain fetch, locally',
    refused('Forbidden', {
      'x-local-reason': 'MissingAuthenticationToken: the request is not signed',
    }),
    'FORBIDDEN',
    'caller',
    /Call with the fetch that createIamFetch returned/,
  ],
  [
    'a bearer token to an IAM route, locally',
    refused('Forbidden', {
      'x-local-reason': 'IncompleteSignature: no complete SigV4 signature',
    }),
    'FORBIDDEN',
    'caller',
    /createIamFetch, not a bearer token/,
  ],
  [
    'a bearer token',
    refused('Unauthorized', { status: '401' }),
    'UNAUTHORIZED',
    'session',
    /iss and aud/,
  ],
  ['an application', refused('members only'), 'UNKNOWN', 'api', /logs/],
  ['a rate', refused('Too Many Requests', { status: '429' }), 'THROTTLED', 'caller', /Slow down/],
  ['a long URL', refused('', { status: '414' }), 'REQUEST_INVALID', 'caller', /body/],
  ['a large body', refused('', { status: '413' }), 'BODY_TOO_LARGE', 'caller', /S3/],
  ['a failure', refused('', { status: '502' }), 'SERVICE_UNAVAILABLE', 'api', /logs/],
]

describe('a text as gateways send it', () => {
  test.each(RECORDED)('%s', async (_, response, code, responsible, remedy) => {
    const explained = await explain(response, { clock })
    expect(explained).toMatchObject({ code, responsible })
    expect(explained.remedy.join('\n')).toMatch(remedy)
    expect(explained.message).toMatch(/^[A-Z].*\.$/s)
    expect(JSON.stringify(explained)).not.toMatch(/eyJ|\$&/)
  })

  test('a text as gateways send it of a function URL asks for both permissions', async () => {
    const request = new Request('https://abc.lambda-url.eu-central-1.on.aws/')
    const text =
      'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html'
    const explained = await explain(refused(text, { type: 'AccessDeniedException' }), { request })
    expect(explained.api).toBe('lambda-url')
    expect(explained.suspects.join()).toContain('lambda:InvokeFunction')
  })

  test('a text as gateways send it that was answered well is none to explain', async () => {
    expect(await explain(Response.json({}))).toMatchObject({ code: 'ANSWERED', remedy: [] })
  })
})

test("the gateway's canonical request from a pasted console text is compared with ours, tokens hidden", async () => {
  const signer = createSigner({ credentials: keys, clock, signHeaders: ['content-type'] })
  const idToken = `eyJ${'id'.repeat(40)}`
  const headers = { 'content-type': 'application/json', 'x-amz-iamfetch-identity': idToken }
  const request = await signer.sign(`${ADDRESS}?q=1`, { method: 'POST', body: '{}', headers })
  const canonical = (type: string): string =>
    [
      'POST',
      '/prod/test',
      'q=1',
      `content-type:${type}`,
      'host:abc123.execute-api.eu-central-1.amazonaws.com',
      'x-amz-date:20260101T000000Z',
      `x-amz-iamfetch-identity:${idToken}`,
      `x-amz-security-token:${TOKEN}`,
      '',
      'content-type;host;x-amz-date;x-amz-iamfetch-identity;x-amz-security-token',
      '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    ].join('\n')
  const text = (type: string): string =>
    `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'${canonical(type)}'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260101T000000Z\n…'\n`
  const type = { type: 'InvalidSignatureException' }
  const other = await explain(refused(text('application/json;charset=UTF-8'), type), { request })
  expect(other.differences).toEqual([
    {
      line: 'header content-type',
      gateway: 'application/json;charset=UTF-8',
      ours: 'application/json',
    },
  ])
  expect(other.responsible).toBe('caller')
  const same = await explain(refused(text('application/json'), type), { request })
  expect(same).toMatchObject({ differences: [], responsible: 'session' })
  const moved = new Request(`${ADDRESS.replace('/prod/', '/api/')}?q=1`, {
    method: 'POST',
    body: '{}',
    headers: request.headers,
  })
  const refusal = (): Response => refused(text('application/json'), type)
  const unmapped = await explain(refusal(), { request: moved.clone() })
  expect(unmapped.differences).toEqual([{ line: 'path', gateway: '/prod/test', ours: '/api/test' }])
  const signingPath = (path: string): string => path.replace('/api', '/prod')
  const mapped = await explain(refusal(), { request: moved, signingPath })
  expect(mapped).toMatchObject({ differences: [], responsible: 'session' })
  const others = text('x')
    .replace(TOKEN, 'another token'.repeat(9))
    .replace(idToken, 'another ID token')
  const swapped = await explain(refused(others, type), { request })
  const lines = swapped.differences?.map(({ line }) => line)
  expect(lines).toContain('header x-amz-security-token')
  expect(lines).toContain('header x-amz-iamfetch-identity')
  for (const one of [other, same, swapped])
    for (const token of [TOKEN, idToken])
      expect(JSON.stringify(one)).not.toContain(token.slice(0, 40))
})

test('a request whose query was cut off in an escape is explained', async () => {
  const request = new Request(`${ADDRESS}?X-Amz-Security-Token=abc%2`)
  expect((await explain(refused('Forbidden'), { request })).code).toBe('FORBIDDEN')
})

test('an expiry that is a text counts, one that is not a date does not', async () => {
  const explained = async (expiration: unknown): Promise<string> =>
    JSON.stringify(
      await explain(refused('Forbidden'), {
        clock,
        credentials: { expiration: expiration as Date },
      }),
    )
  expect(await explained('2025-12-31T00:00:00Z')).toContain('The session expired at 2025-12-31')
  expect(await explained(new Date(Number.NaN))).not.toContain('session expired')
})

test('a refusal whose body breaks off is explained by its status', async () => {
  const body = new ReadableStream({ pull: (it) => it.error(new TypeError('terminated')) })
  expect((await explain(new Response(body, { status: 403 }))).rule).toBe('403')
})

test('what sends nothing is not remembered', () => {
  expect(() => rememberRequests({} as never)).toThrow(
    'rememberRequests: "fetch" must be a function, got an object',
  )
})

test('a "request" that is not a Request is refused', async () => {
  const request = ADDRESS as unknown as Request
  await expect(explain(refused('Forbidden'), { request })).rejects.toThrow(
    'explain: "request" must be a Request, got "https://',
  )
})

describe('no readable response', () => {
  const failed = new IamFetchError('NETWORK_OR_CORS', `GET ${ADDRESS}: no readable response.`, {
    remedy: '',
    cause: new TypeError('Failed to fetch'),
  })

  test('is offline where the device says so', async () => {
    const offline = new IamFetchError('OFFLINE', `GET ${ADDRESS}: no readable response.`, {
      remedy: '',
    })
    expect(await explain(offline)).toMatchObject({ code: 'OFFLINE', responsible: 'network' })
  })

  test('is explained by an AWS address that begins with http://', async () => {
    const plain = (url: string): IamFetchError =>
      new IamFetchError('NETWORK_OR_CORS', `GET ${url}: no readable response`, { remedy: '' })
    expect(await explain(plain(ADDRESS.replace('https', 'http')))).toMatchObject({
      code: 'UNREACHABLE',
      responsible: 'caller',
      remedy: ['Write https:// in "baseUrl".'],
    })
    expect((await explain(plain('http://127.0.0.1:9400/test'))).code).toBe('NETWORK_OR_CORS')
  })

  test('cannot be distinguished without a probe, and none is sent by default', async () => {
    const fetch = vi.spyOn(globalThis, 'fetch')
    const explained = await explain(failed)
    expect(explained).toMatchObject({ code: 'NETWORK_OR_CORS', responsible: 'unknown' })
    expect(explained.remedy.join()).toMatch(/DEFAULT_4XX.*Access-Control-Expose-Headers.*probe/s)
    expect(fetch).not.toHaveBeenCalled()
    fetch.mockRestore()
  })

  test('is hidden by CORS where the host responds to a plain, unsigned request', async () => {
    const asked: unknown[] = []
    const probe = async (url: string, init: RequestInit): Promise<void> => {
      asked.push(url, init.mode, init.headers, init.credentials)
    }
    const explained = await explain(failed, {
      probe,
      credentials: { expiration: new Date(AT - 1) },
      clock,
    })
    expect(explained).toMatchObject({ code: 'HIDDEN_BY_CORS', responsible: 'api' })
    expect(explained.remedy[0]).toContain('DEFAULT_4XX')
    expect(explained.settings?.map(({ where }) => where)).toEqual([
      'REST API, in CDK',
      'HTTP API, in CDK',
    ])
    expect(explained.settings?.[0]?.text).toMatch(/DEFAULT_4XX.*Access-Control-Expose-Headers/s)
    expect(explained.settings?.[1]?.text).toMatch(/allowHeaders.*x-amz-security-token/s)
    expect(explained.suspects).toEqual([expect.stringContaining('The session expired')])
    expect(asked).toEqual([new URL(ADDRESS).origin + '/', 'no-cors', undefined, 'omit'])
  })

  test('is a host out of reach where it does not respond', async () => {
    const probe = (): Promise<never> => Promise.reject(new TypeError('Failed to fetch'))
    expect(await explain(failed, { probe })).toMatchObject({ code: 'UNREACHABLE' })
    const refusing = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })
    expect(await explain(refusing)).toMatchObject({
      code: 'UNREACHABLE',
      message: 'The host does not respond (ECONNREFUSED).',
    })
  })
})

test('a request is remembered for its refusal, body included, and for its failure', async () => {
  const send = rememberRequests(
    fetchOf(async (request) => {
      await request.arrayBuffer()
      if (request.method === 'PUT') throw new TypeError('Failed to fetch')
      return refused('Forbidden', { 'apigw-requestid': 'x=' })
    }),
  )
  const response = await send(new Request(ADDRESS, { method: 'POST', body: 'x' }))
  expect((await explain(response)).suspects[0]).toBe(
    'The request was sent without an AWS signature.',
  )
  const error = await send(new Request(ADDRESS, { method: 'PUT', body: 'x' })).catch(
    (e: unknown) => e,
  )
  const wrapped = new IamFetchError('NETWORK_OR_CORS', 'no', { remedy: '', cause: error })
  expect((await explain(wrapped)).suspects[0]).toBe(
    'The request was sent without an AWS signature.',
  )
})

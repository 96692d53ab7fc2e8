import { AwsClient } from 'aws4fetch'
import { fixedClock } from '@iamfetch/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Session } from '../src/iam/sessions.ts'
import { alice, bob, gone, iam, serveApi, type ServedApi } from './support/serve-api.ts'
import { send } from './support/send-raw.ts'

/** Where the signature says it belongs. */
interface Scope {
  region?: string
  service?: string
  datetime?: string
}

/** The headers of a request as aws4fetch signs it. */
async function signed(
  url: string,
  who: Session,
  {
    method = 'GET',
    body,
    headers = {},
  }: { method?: string; body?: string; headers?: Record<string, string> } = {},
  { region = 'eu-central-1', service = 'execute-api', datetime }: Scope = {},
): Promise<[string, string][]> {
  const client = new AwsClient({ ...who, region, service })
  const aws = { allHeaders: true, ...(datetime !== undefined && { datetime }) }
  const request = await client.sign(url, {
    method,
    headers,
    aws,
    ...(body !== undefined && { body }),
  })
  return [['host', new URL(url).host], ...request.headers]
}

const amzDate = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')

const swap = (
  headers: [string, string][],
  name: string,
  change: (value: string) => string,
): [string, string][] =>
  headers.map(([key, value]) => [key, key.toLowerCase() === name ? change(value) : value])

// On a machine whose clock is right the clients sign for now; the gateways here live at that moment.
// A whole second, as signatures have it; sessions were over before.
const clock = fixedClock(Math.ceil(Date.now() / 1_000) * 1_000)
let http: ServedApi
let rest: ServedApi
beforeAll(async () => {
  const routes = { 'GET /test': iam(), 'POST /test': iam(), 'ANY /files/{proxy+}': iam() }
  http = await serveApi({ type: 'http', routes }, { clock })
  rest = await serveApi({ type: 'rest', routes }, { clock })
})
afterAll(() => Promise.all([http.stop(), rest.stop()]))

type Make = (url: string) => Promise<[string, string][]>
interface Row {
  make: Make
  reason: string
  /** `x-amzn-ErrorType` and text of the REST API. */
  rest: [errorType: string, message: string | RegExp]
  method?: string
}
const exactly = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`)
const MISMATCH = /^The request signature we calculated does not match the signature you provided\./
const INVALID_TOKEN = 'The security token included in the request is invalid.'
const rows: Record<string, Row> = {
  'an unsigned request': {
    make: async () => [['host', 'localhost']],
    reason: 'MissingAuthenticationToken: the request is not signed',
    rest: ['MissingAuthenticationTokenException', 'Missing Authentication Token'],
  },
  'a bearer token': {
    make: async () => [
      ['host', 'localhost'],
      ['authorization', 'Bearer secret.token.here'],
    ],
    reason: 'IncompleteSignature: no complete SigV4 signature',
    rest: [
      'IncompleteSignatureException',
      "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '***'.",
    ],
  },
  'a token without Bearer': {
    make: async () => [
      ['host', 'localhost'],
      ['authorization', 'secret.token.here'],
    ],
    reason: 'IncompleteSignature: no complete SigV4 signature',
    rest: [
      'IncompleteSignatureException',
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=***",
    ],
  },
  'another secret key': {
    make: (url) => signed(url, { ...alice, secretAccessKey: bob.secretAccessKey }),
    reason: 'InvalidSignature: the signature is not the one of this request and this key',
    rest: ['InvalidSignatureException', MISMATCH],
  },
  'an unknown access key': {
    make: (url) => signed(url, { ...alice, accessKeyId: 'ASIAFOREIGNFOREIGN00' }),
    reason: 'UnrecognizedClient: the access key is not one of this stack',
    rest: ['AccessDeniedException', INVALID_TOKEN],
  },
  'no session token': {
    make: (url) => signed(url, { ...alice, sessionToken: '' }),
    reason: 'UnrecognizedClient: the session token is missing',
    rest: ['AccessDeniedException', INVALID_TOKEN],
  },
  'the session token of another user': {
    make: (url) => signed(url, { ...alice, sessionToken: bob.sessionToken }),
    reason: 'UnrecognizedClient: the session token is not the one of this access key',
    rest: ['AccessDeniedException', INVALID_TOKEN],
  },
  'an expired session': {
    make: (url) => signed(url, gone),
    reason: 'ExpiredToken: the session ended at ',
    rest: ['ExpiredTokenException', 'The security token included in the request is expired'],
  },
  'a request that is six minutes old': {
    make: (url) => signed(url, alice, {}, { datetime: amzDate(clock.now() - 360_000) }),
    reason: 'InvalidSignature: Signature expired: ',
    rest: [
      'InvalidSignatureException',
      /^Signature expired: (\d{8}T\d{6}Z) is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
    ],
  },
  'a request from six minutes ahead': {
    make: (url) => signed(url, alice, {}, { datetime: amzDate(clock.now() + 360_000) }),
    reason: 'InvalidSignature: Signature not yet current: ',
    rest: [
      'InvalidSignatureException',
      /^Signature not yet current: (\d{8}T\d{6}Z) is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
    ],
  },
  'another region': {
    make: (url) => signed(url, alice, {}, { region: 'us-east-1' }),
    reason: 'InvalidSignature: the credential scope is wrong',
    rest: [
      'InvalidSignatureException',
      "Credential should be scoped to a valid region, not 'us-east-1'. ",
    ],
  },
  'another service': {
    make: (url) => signed(url, alice, {}, { service: 's3' }),
    reason: 'InvalidSignature: the credential scope is wrong',
    rest: [
      'InvalidSignatureException',
      "Credential should be scoped to correct service: 'execute-api'. ",
    ],
  },
  'UNSIGNED-PAYLOAD': {
    make: (url) => signed(url, alice, { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    reason:
      'InvalidSignature: x-amz-content-sha256 is UNSIGNED-PAYLOAD, which execute-api does not accept; it has to be the hash of the body',
    rest: ['InvalidSignatureException', MISMATCH],
  },
  'an x-amz header that was added': {
    make: async (url) => [...(await signed(url, alice)), ['x-amz-extra', '1']],
    reason: 'InvalidSignature: the header x-amz-extra is not signed',
    rest: ['InvalidSignatureException', MISMATCH],
  },
  'a signed header that was taken away': {
    make: async (url) => {
      const headers = await signed(url, alice, { headers: { 'x-tenant': 'a' } })
      return headers.filter(([name]) => name !== 'x-tenant')
    },
    reason: 'InvalidSignature: the signed header x-tenant is missing',
    rest: ['InvalidSignatureException', MISMATCH],
  },
  'a header twice': {
    make: async (url) => {
      const headers = await signed(url, alice)
      return [...headers, headers.find(([name]) => name === 'x-amz-date')!]
    },
    reason: 'InvalidSignature: ',
    rest: ['InvalidSignatureException', /./],
  },
  'a signature for another port of this machine': {
    make: async (url) => {
      const other = new URL(url)
      other.port = '9'
      return signed(other.href, alice)
    },
    reason: 'InvalidSignature: the request was signed for another port of this machine',
    rest: ['InvalidSignatureException', MISMATCH],
  },
  'a day that does not exist': {
    make: async (url) =>
      swap(
        swap(await signed(url, alice), 'x-amz-date', () => '20260231T000000Z'),
        'authorization',
        (value) => value.replace(/\/\d{8}\//, '/20260231/'),
      ),
    reason: 'InvalidSignature: X-Amz-Date is',
    rest: ['InvalidSignatureException', 'Date must be in ISO-8601 basic format'],
  },
}

describe.each(Object.entries(rows))('%s', (_, row) => {
  it('is 403 Forbidden without a reason from an HTTP API, which has the true one in x-local-reason', async () => {
    const answer = await send(http, 'GET', '/test', await row.make(`${http.url}/test`))
    expect(answer).toMatchObject({ status: 403, body: { message: 'Forbidden' } })
    expect(answer.reason).toContain(row.reason)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('apigw-requestid')).toMatch(/^[\w-]{15}=$/)
    expect(answer.headers.has('x-amzn-errortype')).toBe(false)
    // And when it is nothing but what it should be, it is let in.
    const right = await send(http, 'GET', '/test', await signed(`${http.url}/test`, alice))
    expect(right.status).toBe(200)
    expect(right.headers.has('x-local-reason')).toBe(false)
  })

  it('is a 403 with the name and the message of the error from a REST API', async () => {
    const answer = await send(rest, 'GET', '/prod/test', await row.make(`${rest.url}/test`))
    const [errorType, message] = row.rest
    expect(answer.status).toBe(403)
    expect(Object.keys(answer.body)).toEqual(['message'])
    expect(answer.body['message']).toMatch(typeof message === 'string' ? exactly(message) : message)
    expect(answer.headers.get('x-amzn-errortype')).toBe(errorType)
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.headers.has('x-amz-apigw-id')).toBe(true)
    expect(answer.reason).toContain(row.reason)
    for (const secret of [alice.secretAccessKey, 'secret.token.here']) {
      expect(JSON.stringify([answer.body, [...answer.headers]])).not.toContain(secret)
    }
  })
})

describe('a denial', () => {
  it('of an HTTP API is Forbidden and names the role and the ARN in its reason', async () => {
    const headers = await signed(`${http.url}/test`, bob, { method: 'POST' })
    const answer = await send(http, 'POST', '/test', headers)
    expect(answer).toMatchObject({
      status: 403,
      body: { message: 'Forbidden' },
      reason:
        'ImplicitDeny: no statement of the role bobRole allows execute-api:Invoke on arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/$default/POST/test; statement 0 comes nearest: its Resource arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/*/GET/* does not match',
    })
  })

  it('of a REST API has a capital Message and a masked account', async () => {
    const headers = await signed(`${rest.url}/test`, bob, { method: 'POST' })
    const answer = await send(rest, 'POST', '/prod/test', headers)
    expect(answer.status).toBe(403)
    expect(answer.headers.get('x-amzn-errortype')).toBe('AccessDeniedException')
    expect(answer.body).toEqual({
      Message:
        'User: arn:aws:sts::123456789012:assumed-role/bobRole/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:a1b2c3d4e5/prod/POST/test',
    })
  })
})

describe('a signature mismatch of a REST API', () => {
  it('shows the canonical request and the string to sign that it should have been', async () => {
    const url = `${rest.url}/test?b=2&a=x%20y`
    const headers = swap(await signed(url, alice), 'authorization', (value) =>
      value.replace(/[0-9a-f]{64}$/, '0'.repeat(64)),
    )
    const { body } = await send(rest, 'GET', '/prod/test?b=2&a=x%20y', headers)
    const date = headers.find(([name]) => name === 'x-amz-date')![1]
    expect(body['message']).toBe(
      `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.

The Canonical String for this request should have been
'GET
/prod/test
a=x%20y&b=2
host:127.0.0.1:${rest.port}
x-amz-date:${date}
x-amz-security-token:${alice.sessionToken}

host;x-amz-date;x-amz-security-token
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

The String-to-Sign should have been
'AWS4-HMAC-SHA256
${date}
${date.slice(0, 8)}/eu-central-1/execute-api/aws4_request
${/[0-9a-f]{64}(?='\n$)/.exec(body['message']!)![0]}'
`,
    )
  })
})

describe('what the canonical form would fold together', () => {
  const cases: [what: string, signedPath: string, sentTarget: string][] = [
    ['a doubled slash', '/files/a/b', '/files/a//b'],
    ['a dot segment', '/files/a/b', '/files/a/./b'],
    ['a parent segment', '/files/a/b', '/files/x/../a/b'],
    ['X-Amz-Signature in the query of a signed header', '/files/a', '/files/a?X-Amz-Signature=1'],
    ['x-amz-signature in the query of a signed header', '/files/a', '/files/a?x-amz-signature=1'],
    ['__proto__ as a key', '/files/a', '/files/a?__proto__=1'],
    ['an empty key', '/files/a', '/files/a?=1'],
    ['a broken escape', '/files/a?x=%25', '/files/a?x=%'],
    ['bytes that are not UTF-8', '/files/a?x=%EF%BF%BD', '/files/a?x=%FF'],
    ['an escape in the path for the same character', '/files/a', '/files/%61'],
    ['a lower-case escape in the path', '/files/%C3%BC', '/files/%c3%bc'],
    ['a lower-case method in the path of another', '/files/a', '/files/A'],
  ]
  it.each(cases)('is refused: %s', async (_, path, target) => {
    const headers = await signed(http.url + path, alice)
    expect((await send(http, 'GET', path, headers)).status).toBe(200)
    const answer = await send(http, 'GET', target, headers)
    expect(answer.status).toBe(403)
    expect(answer.reason).toMatch(/^(InvalidSignature|IncompleteSignature): /)
  })

  it('is refused as a request when its target is none', async () => {
    const headers = await signed(`${http.url}/test`, alice)
    for (const target of ['/test#x', 'http://127.0.0.1/test', '*', '/test?x=%', '/%zz']) {
      const { status } = await send(http, 'GET', target, headers)
      expect([target, status]).toEqual([target, target === '/test?x=%' ? 403 : 400])
    }
  })
})

describe('time', () => {
  it('is accepted up to five minutes on both sides', async () => {
    for (const [ms, status] of [
      [-300_000, 200],
      [300_000, 200],
      [-301_000, 403],
      [301_000, 403],
    ] as const) {
      const datetime = amzDate(clock.now() + ms)
      const headers = await signed(`${http.url}/test`, alice, {}, { datetime })
      expect([ms, (await send(http, 'GET', '/test', headers)).status]).toEqual([ms, status])
    }
  })

  it('of a presigned URL is five minutes too, whatever X-Amz-Expires says', async () => {
    const client = new AwsClient({ ...alice, region: 'eu-central-1', service: 'execute-api' })
    const sign = async (age: number): Promise<string> => {
      const url = `${http.url}/test?X-Amz-Expires=86400`
      const aws = { signQuery: true, datetime: amzDate(clock.now() - age) }
      const { pathname, search } = new URL((await client.sign(url, { aws })).url)
      return pathname + search
    }
    const host = [['host', `127.0.0.1:${http.port}`]] as const
    expect((await send(http, 'GET', await sign(60_000), host)).status).toBe(200)
    const late = await send(http, 'GET', await sign(360_000), host)
    expect(late).toMatchObject({ status: 403 })
    expect(late.reason).toContain('Signature expired')
  })
})

describe('a session', () => {
  it('is expired from the exact moment of its expiry', async () => {
    for (const [later, status] of [
      [0, 403],
      [1, 200],
    ] as const) {
      const session = { ...alice, expiresAt: clock.now() + later }
      const api = await serveApi(
        { type: 'http', routes: { 'GET /test': iam() } },
        { clock, sessions: [session] },
      )
      const answer = await send(api, 'GET', '/test', await signed(`${api.url}/test`, session))
      await api.stop()
      expect(answer.status).toBe(status)
    }
  })
})

describe('an answer', () => {
  it('bears the time of the stack', async () => {
    const { headers } = await send(http, 'GET', '/nowhere', [['host', 'localhost']])
    expect(headers.get('date')).toBe(new Date(clock.now()).toUTCString())
  })
})

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { resolveCaller } from '@iamfetch/server'
import { eventFixtures } from '@iamfetch/server/fixtures'
import { AwsClient } from 'aws4fetch'
import { createSigner } from 'iamfetch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createFaults,
  defineStack,
  startLocalStack,
  type LocalStack,
  type PolicyDocument,
} from '../src/index.ts'
import { signedInUser } from '../src/signed-in-user.ts'

const HERE = join(import.meta.dirname, 'support/handlers')
const arnOf = (name: string): string => `arn:aws:lambda:REGION:ACCOUNT_ID:function:${name}`

const allow = (actions: string[], names: string[], condition?: object): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: actions,
      Resource: names.map(arnOf),
      ...(condition && { Condition: { StringEquals: { ...condition } } }),
    },
  ],
})

const BOTH = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']
const NAMES = ['chat', 'notes-fn', 'streamed', 'mistaken']

const definition = defineStack({
  groups: {
    Full: { policy: allow(BOTH, NAMES, { 'lambda:FunctionUrlAuthType': 'AWS_IAM' }) },
    Half: { policy: allow(['lambda:InvokeFunctionUrl'], NAMES) },
    None: { policy: allow(BOTH, ['another']), roleName: 'NoneRole' },
  },
  users: { alice: { groups: ['Full'] }, carol: { groups: ['Half'] }, bob: { groups: ['None'] } },
  functionUrls: {
    chat: {
      authType: 'AWS_IAM',
      cors: { allowOrigins: ['https://app.example'], maxAgeSeconds: 300 },
      handler: (event: unknown) => ({ statusCode: 200, body: JSON.stringify(event) }),
    },
    notes: {
      authType: 'AWS_IAM',
      functionName: 'notes-fn',
      resourcePolicy: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::123456789012:role/NoneRole' },
          Action: BOTH,
          Resource: arnOf('notes-fn'),
          Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
        },
      },
      handler: () => ['a note'],
    },
    open: { authType: 'NONE', handler: (event: unknown) => event },
    challenging: {
      authType: 'NONE',
      handler: () => ({
        statusCode: 401,
        headers: { 'WWW-Authenticate': 'Bearer', 'x-own': 'yes' },
      }),
    },
    closed: {
      authType: 'NONE',
      resourcePolicy: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: '*',
          Action: 'lambda:InvokeFunctionUrl',
          Resource: arnOf('closed'),
          Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
        },
      },
      handler: () => 'reached',
    },
    streamed: {
      authType: 'AWS_IAM',
      invokeMode: 'RESPONSE_STREAM',
      handler: './streamed.ts#handler',
    },
    mistaken: {
      authType: 'AWS_IAM',
      invokeMode: 'RESPONSE_STREAM',
      handler: './streamed.ts#buffered',
    },
  },
})

const faults = createFaults()
let stack: LocalStack<typeof definition>
beforeAll(async () => {
  stack = await startLocalStack(definition, { directory: HERE, faults })
})
afterAll(() => stack.stop())

type Url = keyof typeof definition.functionUrls

type User = 'alice' | 'bob' | 'carol'
const users = new Map<User, ReturnType<typeof signedInUser<typeof definition>>>()

/** Signs a user in once. */
async function fetchAs(username: User, url: Url): Promise<typeof fetch> {
  const user = users.get(username) ?? signedInUser(stack, username)
  users.set(username, user)
  return (await user).fetchFrom(url)
}

const reasonOf = (response: Response): string => response.headers.get('x-local-reason') ?? ''

/** AWS's own credentials for a client of another maker. */
const adminClient = (service: string): AwsClient =>
  new AwsClient({ ...stack.admin, region: stack.config.region, service, retries: 0 })

describe('a function URL with AWS_IAM', () => {
  test('has its address, service and region in the configuration', () => {
    expect(stack.config.functionUrls.chat).toStrictEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      service: 'lambda',
      region: 'eu-central-1',
    })
  })

  test('lets alice in, and the function sees an event from which resolveCaller reads her role', async () => {
    const fetchChat = await fetchAs('alice', 'chat')
    const response = await fetchChat('/a%20path?q=1&q=2', { method: 'POST', body: '{}' })
    expect(response.status).toBe(200)
    const event = await response.json()
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a%20path',
      rawQueryString: 'q=1&q=2',
      requestContext: {
        accountId: '123456789012',
        authentication: null,
        authorizer: { iam: { cognitoIdentity: null, principalOrgId: null } },
        domainName: expect.stringMatching(/^[0-9a-f]{32}\.lambda-url\.eu-central-1\.on\.aws$/),
        http: { method: 'POST', path: '/a%20path' },
        stage: '$default',
      },
    })
    const caller = await resolveCaller(event)
    expect(caller).toMatchObject({
      kind: 'role',
      shape: 'function-url-iam',
      proof: 'gateway',
      arn: 'arn:aws:sts::123456789012:assumed-role/FullRole/CognitoIdentityCredentials',
    })
  })

  test('names the caller with the members that were captured on AWS', async () => {
    const response = await (await fetchAs('alice', 'chat'))('/')
    const iamOf = (event: object): unknown =>
      Reflect.get(Reflect.get(Reflect.get(event, 'requestContext'), 'authorizer'), 'iam')
    const captured = iamOf(eventFixtures['function-url-iam'].event())
    const mine = iamOf(await response.json())
    expect(Object.keys(mine ?? {}).toSorted()).toEqual(Object.keys(captured ?? {}).toSorted())
  })

  test('takes a presigned URL', async () => {
    const { url, region, service } = stack.config.functionUrls.chat
    const signer = createSigner({ region, service, credentials: stack.admin })
    const presigned = await signer.presign(`${url}/x?a=b`)
    const response = await fetch(presigned)
    expect(response.status).toBe(200)
    const event = (await response.json()) as { rawQueryString: string }
    expect(event.rawQueryString).toContain('X-Amz-Signature=removed-by-iamfetch-local')
    expect(event.rawQueryString).toMatch(/[?&]?a=b(&|$)/)
    expect(JSON.stringify(event)).not.toContain(presigned.searchParams.get('X-Amz-Signature'))
    presigned.searchParams.set('a', 'c')
    expect((await fetch(presigned)).status).toBe(403)
  })

  test('needs both permissions, and the reason names the one that is missing', async () => {
    const response = await (await fetchAs('carol', 'chat'))('/')
    expect(response.status).toBe(403)
    expect(response.headers.get('x-amzn-errortype')).toBe('AccessDeniedException')
    expect(await response.json()).toStrictEqual({
      Message:
        'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
    })
    expect(reasonOf(response)).toBe(
      'ImplicitDeny: no statement of the role HalfRole allows lambda:InvokeFunction on arn:aws:lambda:eu-central-1:123456789012:function:chat',
    )
  })

  test('takes an allow of the resource-based policy instead of one of the role', async () => {
    expect((await (await fetchAs('bob', 'chat'))('/')).status).toBe(403)
    const response = await (await fetchAs('bob', 'notes'))('/')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toStrictEqual(['a note'])
  })

  test('refuses a call without a signature, and one that is signed for API Gateway', async () => {
    const { url } = stack.config.functionUrls.chat
    const unsigned = await fetch(url)
    expect(unsigned.status).toBe(403)
    expect(reasonOf(unsigned)).toMatch(/^MissingAuthenticationToken: /)
    const wrong = await adminClient('execute-api').fetch(url)
    expect(wrong.status).toBe(403)
    expect(await wrong.json()).toStrictEqual({
      message: "Credential should be scoped to correct service: 'lambda'. ",
    })
  })

  test('renames the challenge of its function, as a REST API does', async () => {
    const { status, headers } = await fetch(stack.config.functionUrls.challenging.url)
    expect([status, headers.get('x-own')]).toEqual([401, 'yes'])
    expect(headers.get('x-amzn-remapped-www-authenticate')).toBe('Bearer')
    expect(headers.get('www-authenticate')).toBeNull()
  })

  test('refuses an access key that it does not know as AWS does: by the type of a wrong signature', async () => {
    const { url, region } = stack.config.functionUrls.chat
    const signer = createSigner({
      region,
      service: 'lambda',
      credentials: { ...stack.admin, accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' },
    })
    const response = await fetch(await signer.sign(url))
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([
      403,
      'InvalidSignatureException',
    ])
    expect(await response.json()).toStrictEqual({
      message: 'The security token included in the request is invalid.',
    })
  })

  test('takes the hash of the body in x-amz-content-sha256, and no other', async () => {
    const { url } = stack.config.functionUrls.chat
    const body = '{"text":"hello"}'
    const signer = createSigner({
      region: 'eu-central-1',
      service: 'lambda',
      credentials: stack.admin,
    })
    const send = async (hash: string): Promise<Response> => {
      const headers = { 'x-amz-content-sha256': hash }
      return fetch(await signer.sign(new Request(url, { method: 'POST', body, headers })))
    }
    const right = await send(createHash('sha256').update(body).digest('hex'))
    expect(right.status).toBe(200)
    const other = await adminClient('lambda').fetch(url, {
      method: 'POST',
      body,
      headers: { 'x-amz-content-sha256': createHash('sha256').update('other').digest('hex') },
    })
    expect(other.status).toBe(403)
    expect(reasonOf(other)).toBe(
      'InvalidSignature: x-amz-content-sha256 is not the hash of the body',
    )
    const unsigned = await adminClient('lambda').fetch(url, {
      method: 'POST',
      body,
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    })
    expect(unsigned.status).toBe(403)
    expect(reasonOf(unsigned)).toMatch(/UNSIGNED-PAYLOAD, which lambda does not accept/)
  })

  test('responds to the preflight of a page without a signature, and only to that of its origin', async () => {
    const { url } = stack.config.functionUrls.chat
    const preflight = (origin: string): Promise<Response> =>
      fetch(url, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const own = await preflight('https://app.example')
    expect(own.status).toBe(200)
    expect(own.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(own.headers.get('access-control-allow-headers')).toContain('X-Amz-Content-Sha256')
    expect(own.headers.get('access-control-max-age')).toBe('300')
    const other = await preflight('https://other.example')
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('can be made to fail, and counts its calls', async () => {
    const before = faults.calls('chat InvokeFunctionUrl')
    faults.next('chat InvokeFunctionUrl', { fault: 'throttle', times: 1 })
    const fetchChat = await fetchAs('alice', 'chat')
    const response = await fetchChat('/')
    expect(response.status).toBe(200)
    expect(faults.calls('chat InvokeFunctionUrl') - before).toBe(2)
  })
})

describe('a function URL with NONE', () => {
  test('is open to everybody, and its event names no account and no caller', async () => {
    const response = await fetch(`${stack.config.functionUrls.open.url}/public`)
    expect(response.status).toBe(200)
    const event = await response.json()
    expect(event).toMatchObject({ requestContext: { accountId: 'anonymous' }, rawPath: '/public' })
    expect(event.requestContext).not.toHaveProperty('authorizer')
  })

  test('is closed by a resource-based policy that does not allow both actions', async () => {
    const response = await fetch(stack.config.functionUrls.closed.url)
    expect(response.status).toBe(403)
    expect(reasonOf(response)).toBe(
      'ImplicitDeny: no statement of the resource-based policy of the function allows lambda:InvokeFunction on arn:aws:lambda:eu-central-1:123456789012:function:closed',
    )
  })
})

describe('a streamed handler in a file', () => {
  test('sends status, headers, cookies and every piece in order', async () => {
    const response = await (await fetchAs('alice', 'streamed'))('/metadata')
    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.getSetCookie()).toStrictEqual(['a=1'])
    expect(await response.text()).toBe('one two three')
  })

  test('may send a body alone, with the content type of the stream', async () => {
    const init = { method: 'POST', body: 'hello', headers: { 'content-type': 'text/plain' } }
    const response = await (await fetchAs('alice', 'streamed'))('/plain', init)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(await response.text()).toBe('you sent hello')
  })

  test('waits for a slow client and loses nothing', async () => {
    const response = await (await fetchAs('alice', 'streamed'))('/large')
    let length = 0
    for await (const piece of response.body!) {
      length += piece.length
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(length).toBe(2_000_000)
  })

  test('a streamed handler in a file that throws before it wrote is a 502 with the reason', async () => {
    const response = await (await fetchAs('alice', 'streamed'))('/failing', { method: 'POST' })
    expect(response.status).toBe(502)
    expect(reasonOf(response)).toBe('HandlerFailed: the handler threw RangeError: no such chat')
  })

  test('a streamed handler in a file that throws later cuts the connection', async () => {
    const response = await (await fetchAs('alice', 'streamed'))('/late')
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  test('a streamed handler in a file that does not stream says what to wrap it in', async () => {
    const response = await (await fetchAs('alice', 'mistaken'))('/', { method: 'POST' })
    expect(response.status).toBe(502)
    expect(reasonOf(response)).toMatch(
      /streamed\.ts#buffered does not stream: wrap it in awslambda\.streamifyResponse\.$/,
    )
  })
})

describe('a definition with function URLs', () => {
  const handler = (): string => 'x'
  test.each<[string, unknown, RegExp]>([
    ['a list', [], /"functionUrls" must be an object/],
    [
      'a name with a slash',
      { 'a/b': { authType: 'NONE', handler } },
      /is not a name for a function URL/,
    ],
    [
      'no authType',
      { a: { handler } },
      /"functionUrls\.a\.authType" must be "AWS_IAM" or "NONE", got undefined/,
    ],
    [
      'the words of CloudFormation',
      { a: { AuthType: 'NONE', handler } },
      /"functionUrls\.a\.AuthType" is not known/,
    ],
    [
      'an unknown mode',
      { a: { authType: 'NONE', invokeMode: 'STREAM', handler } },
      /must be "BUFFERED" or "RESPONSE_STREAM", got "STREAM"/,
    ],
    ['no handler', { a: { authType: 'NONE' } }, /"functionUrls\.a\.handler" must be a function/],
    [
      'a stream from an endpoint',
      {
        a: {
          authType: 'NONE',
          invokeMode: 'RESPONSE_STREAM',
          handler: { url: 'http://127.0.0.1:1/x' },
        },
      },
      /"functionUrls\.a\.invokeMode" needs a "handler" that is a function or a file/,
    ],
    [
      'two URLs of one function',
      { a: { authType: 'NONE', functionName: 'f', handler }, f: { authType: 'NONE', handler } },
      /"functionUrls\.f" must not have the function of "functionUrls\.a"/,
    ],
    [
      'the name of an API',
      { api: { authType: 'NONE', handler } },
      /"functionUrls\.api" must not have the name of an API/,
    ],
    [
      'onErrors in CORS',
      { a: { authType: 'NONE', handler, cors: { allowOrigins: ['*'], onErrors: true } } },
      /"functionUrls\.a\.cors\.onErrors" is for APIs/,
    ],
    [
      'a resource policy without a principal',
      {
        a: {
          authType: 'NONE',
          handler,
          resourcePolicy: {
            Version: '2012-10-17',
            Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
          },
        },
      },
      /Principal/,
    ],
  ])('is refused with %s', async (_, functionUrls, message) => {
    const apis = { api: { type: 'http', routes: { 'GET /': { auth: 'none', handler } } } }
    // The compiler refuses most of these.
    const wrong = { apis, functionUrls } as never
    await expect(startLocalStack(wrong)).rejects.toThrow(message)
  })

  test('gives a port to each that keeps it', async () => {
    const { url } = stack.config.functionUrls.open
    const port = Number(new URL(url).port)
    await expect(
      startLocalStack(definition, { directory: HERE, ports: { functionUrls: { other: port } } }),
    ).rejects.toThrow(
      '"ports.functionUrls.other" must have the name of a function URL of the definition',
    )
  })
})

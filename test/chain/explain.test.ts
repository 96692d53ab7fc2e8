import { fetchOf } from '@iamfetch/testing'
import { createSigner } from '@iamfetch/sigv4'
import { startLocalStack } from '@iamfetch/local'
import { createIamFetch } from 'iamfetch'
import { explain, rememberRequests } from 'iamfetch/explain'
import { beforeAll, describe, expect, test } from 'vitest'
import { HOUR, failure, withoutDate, type Person } from '../faults/scene.ts'
import { sceneOfFile } from '../faults/scene-of-file.ts'

const scene = await sceneOfFile()
let alice: Person
let bob: Person

beforeAll(async () => {
  alice = await scene.person('alice')
  bob = await scene.person('bob')
})

/** Calls a REST API through something that changes requests on their way. */
async function callThrough(
  proxy: (request: Request) => Request | Promise<Request>,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const { call } = scene.page(alice, {
    api: 'rest',
    fetch: {
      fetch: rememberRequests(fetchOf(async (request) => fetch(await proxy(request)))),
      signer: (context) => createSigner({ ...context, signHeaders: ['content-type'] }),
    },
  })
  return call(path, init)
}

const withHeader = (request: Request, name: string, value?: string): Request => {
  const changed = new Request(request)
  if (value === undefined) changed.headers.delete(name)
  else changed.headers.set(name, value)
  return changed
}

describe('a signature mismatch at a REST API names the line and the cause', () => {
  test.each<
    [
      what: string,
      proxy: (request: Request) => Request | Promise<Request>,
      path: string,
      line: string | undefined,
      responsible: string,
      change: RegExp,
    ]
  >([
    [
      'a proxy with a host of its own',
      (request) => new Request(request.url.replace('127.0.0.1', 'localhost'), request),
      '/test',
      'header host',
      'proxy',
      /signingHost: 'localhost:\d+'/,
    ],
    [
      'a client that adds a charset',
      (request) => withHeader(request, 'content-type', 'application/json;charset=UTF-8'),
      '/test',
      'header content-type',
      'caller',
      /signHeaders/,
    ],
    [
      'a proxy that encodes the path again',
      (request) => new Request(request.url.replace('t%2565st', 't%65st'), request),
      '/t%2565st',
      'path',
      'proxy',
      /characters that it changes/,
    ],
    [
      'a base path that is mapped away',
      (request) => new Request(request.url.replace('/v1/', '/'), request),
      '/v1/test',
      'path',
      'proxy',
      /signingPath/,
    ],
    [
      'a tracker that adds a parameter',
      (request) => new Request(`${request.url}&utm=1`, request),
      '/test?a=1',
      'query',
      'proxy',
      /query/,
    ],
    [
      'an interceptor that changes the body',
      async (request) =>
        new Request(request.url, {
          headers: request.headers,
          method: 'POST',
          body: '{}',
        }),
      '/test',
      'body',
      'caller',
      /Sign last/,
    ],
    [
      'a method override',
      (request) => new Request(request, { method: 'PUT' }),
      '/test',
      'method',
      'proxy',
      /method/,
    ],
  ])('%s', async (_, proxy, path, line, responsible, remedy) => {
    const init = {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    }
    const response = await callThrough(proxy, path, init)
    expect(response.status).toBe(403)
    const explained = await explain(response)
    expect(explained).toMatchObject({ code: 'SIGNATURE_MISMATCH', api: 'rest', responsible })
    expect(explained.differences?.map((one) => one.line)).toEqual([line])
    expect(explained.remedy.join(' ')).toMatch(remedy)
    expect(explained.rule).toMatch(/^403 InvalidSignatureException The request signature we/)
    // The body is still there for the caller.
    expect(await response.json()).toHaveProperty('message')
  })

  test('a signature mismatch at a REST API names the line and the cause and where nothing differs, that the secret is not the one of the key', async () => {
    const { accessKeyId, sessionToken = '' } = await scene.page(alice).credentials()
    const call = createIamFetch({
      baseUrl: scene.stack.config.apis.rest?.url,
      region: 'eu-central-1',
      clock: scene.time,
      credentials: { accessKeyId, secretAccessKey: 'of another user', sessionToken },
      fetch: rememberRequests(),
    })
    const explained = await explain(await call('/test'))
    expect(explained).toMatchObject({
      code: 'SIGNATURE_MISMATCH',
      responsible: 'session',
      differences: [],
    })
    expect(JSON.stringify(explained)).not.toContain(sessionToken.slice(20, 60))
  })

  test('a signature mismatch at a REST API names the line and the cause and without the request, what to do to find out', async () => {
    const { call } = scene.page(alice, {
      api: 'rest',
      fetch: { fetch: fetchOf((request) => fetch(new Request(request, { method: 'PUT' }))) },
    })
    const explained = await explain(await call('/test', { method: 'POST' }))
    expect(explained.remedy.join()).toContain('rememberRequests')
    expect(explained.suspects.length).toBeGreaterThan(2)
  })
})

describe('a denial', () => {
  test('at a REST API names the role that called, the one expected and the statement that is missing', async () => {
    const { call } = scene.page(bob, { api: 'rest' })
    const post = (): Promise<Response> => call('/test', { method: 'POST' })
    expect(await explain(await post())).toMatchObject({
      code: 'ACCESS_DENIED',
      responsible: 'policy',
      message: expect.stringMatching(
        /^The role ReadOnlyAccessRole is not allowed to call POST \/test\./,
      ),
      role: { assumed: 'ReadOnlyAccessRole' },
      remedy: [
        expect.stringMatching(
          /"Resource":"arn:aws:execute-api:eu-central-1:123456789012:\w+\/prod\/POST\/test"/,
        ),
        expect.any(String),
      ],
    })
    for (const role of ['FullAccessRole', 'arn:aws:iam::123456789012:role/FullAccessRole']) {
      const explained = await explain(await post(), { role })
      expect(explained).toMatchObject({
        responsible: 'session',
        role: { assumed: 'ReadOnlyAccessRole', expected: 'FullAccessRole' },
      })
      expect(explained.remedy[0]).toMatch(/refreshIdentity.*withRole/)
    }
  })

  test('at an HTTP API is hidden, and so said, with what was ruled out', async () => {
    const { call, credentials } = scene.page(bob, { fetch: { fetch: rememberRequests() } })
    const response = await call('/test', { method: 'POST' })
    const withReason = await explain(response)
    expect(withReason).toMatchObject({ code: 'FORBIDDEN', api: 'http', responsible: 'policy' })
    expect(withReason.message).toMatch(/hides the reason.*local stack.*ImplicitDeny/)
    // What the local stack knows is explained as a REST API's own words are.
    expect(withReason).toMatchObject({
      hidden: 'ACCESS_DENIED',
      role: { assumed: 'ReadOnlyAccessRole' },
      remedy: [
        expect.stringMatching(/"Resource":"arn:aws:execute-api:eu-central-1:123456789012:\S+"/),
        expect.stringContaining('resource policy'),
        expect.stringContaining('$context.authorizer.error'),
      ],
    })
    expect(await explain(response, { role: 'FullAccessRole' })).toMatchObject({
      responsible: 'session',
      role: { assumed: 'ReadOnlyAccessRole', expected: 'FullAccessRole' },
    })

    const headers = new Headers(response.headers)
    headers.delete('x-local-reason')
    const asOnAws = new Response('{"message":"Forbidden"}', { status: 403, headers })
    const request = new Request('https://abc.execute-api.eu-central-1.amazonaws.com/test', {
      method: 'POST',
    })
    const signer = createSigner({ credentials, clock: scene.time })
    const explained = await explain(asOnAws, {
      request: await signer.sign(request),
      credentials: await credentials(),
      clock: scene.time,
    })
    expect(explained.message).toMatch(/hides the reason on purpose/)
    expect(explained.responsible).toBe('unknown')
    expect(explained.ruledOut).toHaveLength(7)
    expect(explained.suspects[0]).toContain('The policy of the role')
    expect(explained.remedy.join(' ')).toContain('$context.authorizer.error')
  })
})

describe('what an HTTP API hides is found where it can be seen from here', () => {
  test.each([
    ['the clock', -2 * HOUR, /The clock that signed is 120 minutes slow/],
    ['the clock', 40 * 60_000, /The clock that signed is 40 minutes fast/],
  ])('%s, off by %d ms', async (_, skew, found) => {
    const { call } = scene.page(alice, {
      clock: scene.laptop(skew),
      credentials: { fetch: withoutDate },
      // Nothing is learnt of an answer that comes out of a cache.
      fetch: { fetch: rememberRequests(withoutDate) },
    })
    const response = await call('/test')
    expect(response.status).toBe(403)
    const explained = await explain(response, { clock: scene.time })
    expect(explained.suspects[0]).toMatch(found)
  })

  test('a wrong region, an expired session, a signature that got lost', async () => {
    const held = await scene.page(alice).credentials()
    const url = 'https://abc.execute-api.us-east-1.amazonaws.com/test'
    // Our signer refuses the contradiction; it signs for a proxy here, as another signer would.
    const signer = createSigner({
      credentials: held,
      region: 'eu-central-1',
      signingHost: 'api.example.com',
      clock: scene.time,
    })
    const request = await signer.sign(url)
    const forbidden = (): Response =>
      new Response('{"message":"Forbidden"}', {
        status: 403,
        headers: { 'apigw-requestid': 'x=' },
      })
    const clock = { now: () => scene.time.now() + 2 * HOUR }
    const region = await explain(forbidden(), { request, clock: scene.time, credentials: held })
    expect(region.suspects[0]).toBe(
      'The request was signed for eu-central-1, but the host is in us-east-1.',
    )
    const over = await explain(forbidden(), { request, clock, credentials: held })
    expect(over.suspects[0]).toMatch(/The session expired at 2026/)
    const bare = await explain(forbidden(), { request: new Request(url), clock })
    expect(bare.suspects[0]).toBe('The request was sent without an AWS signature.')
  })
})

test.each([
  ['rest', ['TOKEN_EXPIRED', 'session'], ['TOKEN_INVALID', 'session'], ['AUTH_MISSING', 'caller']],
  ['http', ['FORBIDDEN', 'session'], ['FORBIDDEN', 'session'], ['REQUEST_INVALID', 'caller']],
])('an API of type %s: an expired session, a revoked one, a wrong path', async (api, ...rows) => {
  const { accessKeyId, secretAccessKey, sessionToken = '' } = await scene.page(alice).credentials()
  const { call } = scene.page(alice, {
    api,
    // Static credentials: nothing can replace them.
    fetch: { credentials: { accessKeyId, secretAccessKey, sessionToken }, clock: scene.time },
  })
  const explained = async (path: string): Promise<string[]> => {
    const { code, responsible } = await explain(await call(path))
    return [code, responsible]
  }
  scene.faults.expireSession(accessKeyId)
  const over = await explained('/test')
  scene.faults.revokeSession(accessKeyId)
  expect([over, await explained('/test'), await explained('/nowhere')]).toEqual(rows)
  if (api !== 'http') return
  expect(await explain(await call('/test'))).toMatchObject({
    hidden: 'TOKEN_INVALID',
    remedy: [
      expect.stringContaining('session token'),
      expect.stringContaining('$context.authorizer.error'),
    ],
  })
})

test('a region and a service that the host contradicts are found before anything is sent', async () => {
  const held = await scene.page(alice).credentials()
  const foundIn = async (url: string, options: { region: string; service?: string }) => {
    const signer = createSigner({
      credentials: held,
      clock: scene.time,
      signingHost: 'api.example.com',
      ...options,
    })
    const answer = new Response('{"message":"Forbidden"}', { status: 403 })
    const request = await signer.sign(url)
    const { suspects, ruledOut } = await explain(answer, { request, clock: scene.time })
    return { suspects, ruledOut: ruledOut.join(' ') }
  }
  const api = 'https://abc.execute-api.eu-central-1.amazonaws.com/test'
  const wrong = await foundIn(api, { region: 'eu-west-1', service: 'apigateway' })
  expect(wrong.suspects.slice(0, 2)).toEqual([
    'The request was signed for eu-west-1, but the host is in eu-central-1.',
    'The request was signed for the service apigateway, not for execute-api.',
  ])
  const url = 'https://abc.lambda-url.eu-central-1.on.aws/'
  expect((await foundIn(url, { region: 'eu-central-1' })).suspects).toContain(
    'The request was signed for the service execute-api, not for lambda.',
  )
  const secrets = 'https://secretsmanager.eu-central-1.amazonaws.com/'
  const right = { region: 'eu-central-1', service: 'secretsmanager' }
  expect((await foundIn(secrets, right)).ruledOut).toContain(
    'The service fits the host: secretsmanager.',
  )
})

test('a broken connection is recognized by its code, and an error of the fetch keeps its own message', async () => {
  const { call } = scene.page(alice, {
    fetch: { fetch: rememberRequests(), retry: { attempts: 1 } },
  })
  scene.faults.next('ANY /test', 'drop')
  expect(await explain(await failure(call('/test')))).toMatchObject({
    code: 'UNREACHABLE',
    responsible: 'network',
    message: expect.stringMatching(/does not respond \(\w+\)/),
  })
  expect(await explain(await failure(call('https://evil.example/')))).toMatchObject({
    code: 'ORIGIN_NOT_ALLOWED',
    responsible: 'caller',
    remedy: [expect.stringContaining('origins')],
  })
})

test("a denial of Secrets Manager proposes its own action, and nothing about the gateway's", async () => {
  const stack = await startLocalStack({
    roles: {
      consumer: {
        policy: {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' },
        },
      },
    },
  })
  try {
    const { endpoints, region } = stack.config
    const call = createIamFetch({
      baseUrl: endpoints.secretsManager,
      region,
      service: 'secretsmanager',
      credentials: stack.roles.consumer,
    })
    const response = await call('/', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      },
      body: '{"SecretId":"premium/reader"}',
    })
    const { code, remedy } = await explain(response)
    expect([response.status, code]).toEqual([400, 'ACCESS_DENIED'])
    expect(remedy.join(' ')).toContain('"Action":"secretsmanager:GetSecretValue"')
    expect(remedy.join(' ')).not.toContain('execute-api')
  } finally {
    await stack.stop()
  }
})

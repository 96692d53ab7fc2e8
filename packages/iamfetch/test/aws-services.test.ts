import { fakeFetch } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { createSigner } from '@iamfetch/sigv4'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { createIamFetch, type FetchEvent, type IamFetchOptions } from '../src/index.ts'
import { caching, credentialsOf, quickClock, signedBy } from './fixtures.ts'

// AWS's own services (Secrets Manager, cognito-idp) refuse with a 400 where a gateway refuses with a 403.
const SECRETS = 'https://secretsmanager.eu-central-1.amazonaws.com'
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const refused = (type: string, message: string, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ __type: type, message }), {
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
  })

/** The text of a refused date; `at` is the service's time. */
const skewed = (at: number): Response => {
  const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[:-]|\.\d{3}/g, '')
  return refused(
    'InvalidSignatureException',
    `Signature expired: 20260101T000000Z is now earlier than ${stamp(at - 300_000)} (${stamp(at)} - 5 min.)`,
  )
}

function make(answers: readonly Response[], options: Partial<IamFetchOptions> = {}) {
  const fetch = fakeFetch((_, index) => answers[index] ?? Response.json({ Name: 'acme' }))
  const events: FetchEvent[] = []
  const clock = quickClock()
  const iamFetch = createIamFetch({
    baseUrl: SECRETS,
    service: 'secretsmanager',
    credentials: credentialsOf('A'),
    clock,
    fetch,
    onEvent: (event) => events.push(event),
    ...options,
  })
  const read = (): Promise<Response> =>
    iamFetch('/', {
      method: 'POST',
      headers: {
        'x-amz-target': 'secretsmanager.GetSecretValue',
        'content-type': 'application/x-amz-json-1.1',
      },
      body: '{"SecretId":"acme"}',
    })
  return { read, seen: fetch.seen, events, clock }
}

describe('a 400 of an AWS service', () => {
  test('a 400 of an AWS service with its time corrects the clock, and the POST is sent again', async () => {
    const { read, seen, events, clock } = make([skewed(quickClock().now() + 10 * MINUTE)])
    expect((await read()).status).toBe(200)
    expect(seen.map(({ headers }) => headers.get('x-amz-date')!.slice(9, 13))).toEqual([
      '0000',
      '0010',
    ])
    expect(seen.map(({ body }) => body)).toEqual(['{"SecretId":"acme"}', '{"SecretId":"acme"}'])
    expect(events.map(({ type }) => type)).toEqual([
      'signed',
      'clock-corrected',
      'retry',
      'signed',
      'response',
    ])
    expect(clock.now()).toBe(quickClock().now())
  })

  test('is not answered by a correction in a loop', async () => {
    const at = quickClock().now()
    const { read, seen } = make([1, 2, 3, 4].map((count) => skewed(at + count * 3 * MINUTE)))
    expect((await read()).status).toBe(400)
    expect(seen).toHaveLength(2)
  })

  test.each([
    ['ExpiredTokenException', 'The security token included in the request is expired'],
    ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
  ])('with %s gets other credentials, once', async (type, message) => {
    const { provider, exchanges } = caching()
    const { read, seen } = make([refused(type, message), refused(type, message)], {
      credentials: provider,
    })
    expect((await read()).status).toBe(400)
    expect(seen.map(({ headers }) => signedBy(headers))).toEqual(['ASIAA', 'ASIAB'])
    expect(exchanges()).toBe(2)
  })

  test.each([
    ['InvalidRequestException', 'You provided an invalid value'],
    ['AccessDeniedException', 'User: x is not authorized to perform: y on resource: z'],
  ])('with %s is the answer, its body unread, whatever its Date', async (type, message) => {
    const date = new Date(quickClock().now() + 2 * HOUR).toUTCString()
    const { read, seen } = make([refused(type, message, { date })])
    const answer = await read()
    expect(await answer.json()).toEqual({ __type: type, message })
    expect(seen).toHaveLength(1)
  })
})

describe('a region or service that the name of an AWS host contradicts is refused before anything is made', () => {
  const API = 'https://abc123.execute-api.eu-central-1.amazonaws.com'
  const URL_OF_A_FUNCTION = 'https://abc.lambda-url.eu-central-1.on.aws'
  const making = (options: Partial<IamFetchOptions>) => () =>
    createIamFetch({ credentials: credentialsOf('A'), ...options })

  test.each<[Partial<IamFetchOptions>, RegExp]>([
    [
      { baseUrl: API, region: 'eu-west-1' },
      /^createIamFetch: "region" is "eu-west-1", but abc123\S+ is in eu-central-1$/,
    ],
    [
      { baseUrl: API, service: 'apigateway' },
      /"service" is "apigateway", but abc123\S+ accepts signatures for "execute-api"$/,
    ],
    [
      { baseUrl: URL_OF_A_FUNCTION, service: 'execute-api' },
      /"service" is "execute-api", but abc\.lambda-url\S+ accepts signatures for "lambda"$/,
    ],
    [{ origins: [API, URL_OF_A_FUNCTION], service: 'execute-api' }, /for "lambda"$/],
    [{ baseUrl: 'https://b.s3.eu-central-1.amazonaws.com' }, /is an S3 host.*@aws-sdk\/client-s3/],
    [
      { baseUrl: 'https://new.eu-central-1.amazonaws.com' },
      /"service" is required for new\.eu-central-1\.amazonaws\.com/,
    ],
    [
      { baseUrl: 'https://api.example.com' },
      /^createIamFetch: "region" is required for api\.example\.com, whose name/,
    ],
    [
      { baseUrl: 'https://cdn.example.com', signingHost: new URL(API).host, region: 'us-east-1' },
      /eu-central-1/,
    ],
  ])('%j', (options, message) => {
    expect(making(options)).toThrow(TypeError)
    expect(making(options)).toThrow(message)
  })

  test.each<Partial<IamFetchOptions>>([
    { baseUrl: API },
    { baseUrl: API, region: 'eu-central-1' },
    { baseUrl: URL_OF_A_FUNCTION, service: 'lambda' },
    { baseUrl: URL_OF_A_FUNCTION },
    { origins: [API, URL_OF_A_FUNCTION] },
    { baseUrl: 'https://new.eu-central-1.amazonaws.com', service: 'new' },
    { baseUrl: 'https://api.example.com', region: 'eu-west-1' },
    { baseUrl: 'https://my.lambda.example.com', region: 'eu-west-1' },
    { baseUrl: 'https://vpce-1-abc.execute-api.eu-central-1.vpce.amazonaws.com' },
    { baseUrl: SECRETS, service: 'secretsmanager' },
    { baseUrl: 'https://cdn.example.com', signingHost: new URL(API).host },
  ])('%j is fine', (options) => {
    expect(making(options)).not.toThrow()
  })

  test.each([createSigner, awsSdkSigner])(
    'two services in one fetch are signed each for its own: engine %#',
    async (signer) => {
      const scopes: (string | undefined)[] = []
      const iamFetch = createIamFetch({
        origins: [API, URL_OF_A_FUNCTION, 'https://api.example.com'],
        region: 'eu-central-1',
        credentials: credentialsOf('A'),
        signer,
        fetch: async (input, init) => {
          const { headers } = new Request(input, init)
          scopes.push(/eu-central-1\/([\w-]+)\//.exec(headers.get('authorization')!)?.[1])
          return new Response('ok')
        },
      })
      for (const url of [API, URL_OF_A_FUNCTION, 'https://api.example.com']) {
        await iamFetch(`${url}/x`)
      }
      expect(scopes).toEqual(['execute-api', 'lambda', 'execute-api'])
    },
  )
})

test('one fetch signs for each AWS host with the service and region in its name', async () => {
  const fetch = fakeFetch(() => new Response('ok'))
  const hosts = [
    'https://abc123.execute-api.eu-central-1.amazonaws.com',
    'https://abc.lambda-url.eu-west-1.on.aws',
  ]
  const iamFetch = createIamFetch({ origins: hosts, credentials: credentialsOf('A'), fetch })
  for (const host of hosts) await iamFetch(`${host}/x`)
  const scopes = fetch.seen.map(
    ({ headers }) => /\d{8}\/(.*)\/aws4_request/.exec(headers.get('authorization')!)?.[1],
  )
  expect(scopes).toEqual(['eu-central-1/execute-api', 'eu-west-1/lambda'])
})

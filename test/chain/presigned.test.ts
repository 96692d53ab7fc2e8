import { cognitoCredentials, createIamFetch, IamFetchError } from 'iamfetch'
import { presignedSigner } from 'iamfetch/presigned'
import { startLocalStack, type StackDefinition } from '@iamfetch/local'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { explain, rememberRequests } from 'iamfetch/explain'

/** What reached the API behind the gateway. */
interface Seen {
  headers: Record<string, string>
  body: string | null
  query: Record<string, string> | null
}
let seen: Seen[] = []
const handler = (event: {
  headers: Record<string, string>
  body: string | null
  queryStringParameters?: Record<string, string> | null
}) => {
  seen.push({
    headers: event.headers,
    body: event.body,
    query: event.queryStringParameters ?? null,
  })
  return { statusCode: 200, body: '{}' }
}
const definition: StackDefinition = {
  groups: {
    Callers: {
      policy: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: 'execute-api:Invoke',
          Resource: 'arn:aws:execute-api:*:*:*',
        },
      },
    },
  },
  users: { alice: { groups: ['Callers'] } },
  apis: {
    rest: { type: 'rest', routes: { 'ANY /{proxy+}': { auth: 'iam', handler } } },
    http: { type: 'http', routes: { 'ANY /{proxy+}': { auth: 'iam', handler } } },
  },
}

let stack: Awaited<ReturnType<typeof startLocalStack>>
beforeAll(async () => void (stack = await startLocalStack(definition)))
afterAll(() => stack.stop())
beforeEach(() => void (seen = []))

const AUTHORIZATION = { Authorization: 'Bearer of-the-api' }

async function callerOf(
  name: 'rest' | 'http',
  options: { fetch?: typeof fetch } = {},
): Promise<typeof fetch> {
  const { config } = stack
  const { idToken } = await stack.signIn('alice')
  const credentials = cognitoCredentials({
    identityPoolId: config.identityPoolId,
    idToken: async () => idToken,
    endpoint: config.endpoints.cognitoIdentity,
  })
  return createIamFetch({
    baseUrl: config.apis[name]!.url,
    region: config.region,
    credentials,
    signer: presignedSigner(),
    ...options,
  })
}

describe.each(['rest', 'http'] as const)('a call of an API of type %s', (api) => {
  test('with its own Authorization is signed in the query, and the header reaches the API', async () => {
    const call = await callerOf(api)
    const response = await call('/x?b=2&a=1', { headers: AUTHORIZATION })
    expect(response.status).toBe(200)
    expect(seen[0]?.headers).toMatchObject({
      [Object.keys(seen[0]!.headers).find((name) => /^authorization$/i.test(name))!]:
        'Bearer of-the-api',
    })
    expect(seen[0]?.query).toMatchObject({ a: '1', b: '2' })
  })

  test('signs the body and the x-amz headers of such a request', async () => {
    const call = await callerOf(api)
    const init = {
      method: 'POST',
      body: '{"a":1}',
      headers: { ...AUTHORIZATION, 'x-amz-note': 'hello', 'content-type': 'application/json' },
    }
    expect((await call('/x//y', init)).status).toBe(200)
    const changed = await callerOf(api, {
      fetch: (url, given) => fetch(url, { ...given, body: '{"a":2}' }),
    })
    expect((await changed('/x', init)).status).toBe(403)
    expect(seen).toHaveLength(1)
  })

  test('without such a header is signed in the header', async () => {
    const urls: string[] = []
    const call = await callerOf(api, {
      fetch: (url, init) => {
        urls.push(new Request(url).url)
        return fetch(url, init)
      },
    })
    expect((await call('/x')).status).toBe(200)
    expect(urls[0]).not.toContain('X-Amz-')
  })
})

test('a signature in the query is not made for an origin that was not named', async () => {
  let sent = 0
  const call = await callerOf('rest', {
    fetch: async () => {
      sent++
      return new Response()
    },
  })
  await expect(call('https://other.example/x', { headers: AUTHORIZATION })).rejects.toMatchObject({
    code: 'ORIGIN_NOT_ALLOWED',
  })
  expect(sent).toBe(0)
})

test.each([
  [{ Authorization: 'AWS4-HMAC-SHA256 Credential=x' }, 'authorization'],
  [{ ...AUTHORIZATION, 'x-amz-date': '20260101T000000Z' }, 'x-amz-date'],
  [{ ...AUTHORIZATION, 'x-amz-security-token': 'x' }, 'x-amz-security-token'],
])('a second signature next to the one in the query is refused: %j', async (headers, name) => {
  const call = await callerOf('rest')
  const failure = await call('/x', { headers }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(IamFetchError)
  expect(failure).toMatchObject({ code: 'HEADER_NOT_SIGNABLE' })
  expect(String(failure)).toContain(`"${name}"`)
  expect(seen).toEqual([])
})

test('two signatures that arrive at once are refused by the local gateway', async () => {
  const call = await callerOf('rest', {
    fetch: (url, init) => {
      const headers = new Headers(init?.headers)
      headers.set(
        'authorization',
        'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=x',
      )
      return fetch(url, { ...init, headers })
    },
  })
  const response = await call('/x', { headers: AUTHORIZATION })
  expect(response.status).toBe(403)
  expect(response.headers.get('x-local-reason')).toContain(
    'in the Authorization header and in the query',
  )
})

test('neither the session token nor the signature in a URL is shown by explain', async () => {
  let url = ''
  const call = await callerOf('rest', {
    fetch: rememberRequests(async (request) => {
      url = request.url
      return Response.json({ message: `Forbidden ${request.url}` }, { status: 403 })
    }),
  })
  const explained = JSON.stringify(await explain(await call('/x', { headers: AUTHORIZATION })))
  const { searchParams } = new URL(url)
  for (const name of ['X-Amz-Security-Token', 'X-Amz-Signature']) {
    expect(explained).not.toContain(searchParams.get(name))
  }
})

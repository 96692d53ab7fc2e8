import { cognitoCredentials } from '@iamfetch/cognito'
import { startLocalStack, type LocalHandler, type LocalStack } from '@iamfetch/local'
import { create as createAxios, isAxiosError } from 'axios'
import { createIamFetch, IamFetchError } from 'iamfetch'
import ky, { type KyInstance } from 'ky'
import { createFetch, type $Fetch } from 'ofetch'
import createClient from 'openapi-fetch'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { groupAccess } from '../group-access.ts'
import { signIn } from '@iamfetch/testing/sign-in'

/** What the API tells of a call. */
interface Call {
  type: string
  body: string
  query: string
  role: string
}

const handler: LocalHandler = (event): Call => ({
  type: event.headers['content-type'] ?? '',
  body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString(),
  query: event.rawQueryString,
  role: event.requestContext.authorizer.iam.userArn.split('/')[1],
})

let stack: LocalStack
let url: string
beforeAll(async () => {
  stack = await startLocalStack({
    ...groupAccess,
    apis: {
      ...groupAccess.apis,
      http: {
        type: 'http',
        routes: {
          'GET /test': { auth: 'iam', handler },
          'POST /test': { auth: 'iam', handler },
        },
      },
    },
  })
  url = stack.config.apis['http']!.url
})
afterAll(() => stack.stop())
beforeEach(() => stack.faults.reset())

async function fetchAs(name: string): Promise<typeof fetch> {
  const { idToken } = await signIn(stack, name)
  const { identityPoolId, endpoints, region } = stack.config
  return createIamFetch({
    baseUrl: url,
    region,
    credentials: cognitoCredentials({
      identityPoolId,
      endpoint: endpoints.cognitoIdentity,
      idToken: async () => idToken,
    }),
    retry: { random: () => 0 },
  })
}

/** The API as OpenAPI types would describe it. */
interface Paths {
  '/test': {
    get: { responses: { 200: { content: { 'application/json': Call } } } }
    post: {
      requestBody: { content: { 'application/json': unknown } }
      responses: { 200: { content: { 'application/json': Call } } }
    }
  }
}

/** The same few things asked of each library, in its own words. */
interface Client {
  get(options?: { query?: Record<string, string>; signal?: AbortSignal }): Promise<Call>
  post(body: unknown): Promise<Call>
  /** The status that an error of the library tells. */
  statusOf(error: unknown): number | undefined
  /** The error of ours that came out, wherever the library puts it. */
  oursIn(error: unknown): unknown
  elsewhere(): Promise<unknown>
}

const axiosClient = (iamFetch: typeof fetch): Client => {
  const client = createAxios({
    baseURL: url,
    adapter: 'fetch',
    env: { fetch: iamFetch },
  })
  return {
    get: async ({ query, signal } = {}) =>
      (await client.get('/test', { ...(query && { params: query }), ...(signal && { signal }) }))
        .data,
    // On Node axios' own `post` gives a FormData the wrong type with its fetch adapter, with the plain fetch too.
    post: async (body) =>
      (
        await (body instanceof FormData
          ? client.postForm('/test', body)
          : client.post('/test', body))
      ).data,
    statusOf: (error) => (isAxiosError(error) ? error.response?.status : undefined),
    oursIn: (error) => (error instanceof IamFetchError ? error : Object(error).cause),
    elsewhere: () => client.get('https://example.com/'),
  }
}

const kyClient = (iamFetch: typeof fetch): Client => {
  const client: KyInstance = ky.create({ prefix: url, fetch: iamFetch, retry: 0 })
  return {
    get: ({ query, signal } = {}) =>
      client
        .get('test', { ...(query && { searchParams: query }), ...(signal && { signal }) })
        .json<Call>(),
    post: (body) =>
      client
        .post(
          'test',
          body instanceof FormData || body instanceof URLSearchParams ? { body } : { json: body },
        )
        .json<Call>(),
    statusOf: (error) => Object(error).response?.status,
    oursIn: (error) => (error instanceof IamFetchError ? error : Object(error).cause),
    elsewhere: () => ky.create({ fetch: iamFetch, retry: 0 }).get('https://example.com/'),
  }
}

const ofetchClient = (iamFetch: typeof fetch): Client => {
  const client: $Fetch = createFetch({ fetch: iamFetch, defaults: { retry: 0 } })
  return {
    get: (options = {}) => client<Call>('/test', options),
    post: (body) =>
      client<Call>('/test', { method: 'POST', body: body as Record<string, unknown> }),
    statusOf: (error) => Object(error).status,
    oursIn: (error) => Object(error).cause,
    elsewhere: () => client('https://example.com/'),
  }
}

const openapiClient = (iamFetch: typeof fetch): Client => {
  const client = createClient<Paths>({ baseUrl: url, fetch: iamFetch })
  const dataOf = ({ data, response }: { data?: Call; response: Response }): Call => {
    if (!data) throw Object.assign(new Error('refused'), { status: response.status })
    return data
  }
  return {
    get: async ({ query, signal } = {}) =>
      dataOf(
        await client.GET('/test', {
          ...(query && { params: { query } as never }),
          ...(signal && { signal }),
        }),
      ),
    post: async (body) =>
      dataOf(
        await client.POST('/test', {
          body,
          ...((body instanceof FormData || body instanceof URLSearchParams) && {
            bodySerializer: (form: unknown) => form as FormData,
            ...(body instanceof URLSearchParams && {
              headers: { 'content-type': 'application/x-www-form-urlencoded' },
            }),
          }),
        }),
      ),
    statusOf: (error) => Object(error).status,
    oursIn: (error) => error,
    elsewhere: () =>
      createClient<Paths>({ baseUrl: 'https://example.com', fetch: iamFetch }).GET('/test'),
  }
}

const libraries: [string, (iamFetch: typeof fetch) => Client][] = [
  ['axios', axiosClient],
  ['ky', kyClient],
  ['ofetch', ofetchClient],
  ['openapi-fetch', openapiClient],
]

const failureOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call
  } catch (error) {
    return error
  }
  return expect.fail('it did not fail')
}

describe.each(libraries)('%s with our fetch', (_, clientOf) => {
  const as = async (name: string): Promise<Client> => clientOf(await fetchAs(name))

  test('calls as alice, with a query', async () => {
    const client = await as('alice')
    const { role, query } = await client.get({ query: { a: 'ü b', c: '1' } })
    expect(role).toBe('FullAccessRole')
    expect(new URLSearchParams(query).get('a')).toBe('ü b')
  })

  test('posts JSON, a form and a file', async () => {
    const client = await as('alice')
    const json = await client.post({ name: 'ümläut' })
    expect(JSON.parse(json.body)).toEqual({ name: 'ümläut' })
    expect(json.type).toContain('application/json')
    const fields = await client.post(new URLSearchParams({ a: '1 2' }))
    expect(fields.body).toBe('a=1+2')
    expect(fields.type).toContain('application/x-www-form-urlencoded')
    const form = new FormData()
    form.set('file', new Blob(['content']), 'a.txt')
    const file = await client.post(form)
    expect(file.type).toContain('multipart/form-data; boundary=')
    expect(file.body).toContain('content')
    expect(file.body).toContain(file.type.split('boundary=')[1])
  })

  test("tells bob's 403 in its own way, after one call", async () => {
    const client = await as('bob')
    expect((await client.get()).role).toBe('ReadOnlyAccessRole')
    const error = await failureOf(client.post({ a: 1 }))
    expect(client.statusOf(error)).toBe(403)
    expect(stack.faults.calls('POST /test')).toBe(1)
  })

  test('leaves retries to us: three attempts of a GET, one of a POST', async () => {
    const client = await as('alice')
    stack.faults.next('GET /test', { fault: 'fail', times: 2 })
    expect((await client.get()).role).toBe('FullAccessRole')
    expect(stack.faults.calls('GET /test')).toBe(3)
    stack.faults.reset()
    stack.faults.next('GET /test', { fault: 'fail', times: 9 })
    expect(client.statusOf(await failureOf(client.get()))).toBe(500)
    expect(stack.faults.calls('GET /test')).toBe(3)
    stack.faults.reset()
    stack.faults.next('POST /test', { fault: 'fail', times: 9 })
    expect(client.statusOf(await failureOf(client.post({})))).toBe(500)
    expect(stack.faults.calls('POST /test')).toBe(1)
  })

  test('a POST that is throttled is signed and sent again, its body with it', async () => {
    const client = await as('alice')
    await client.get()
    stack.faults.next('POST /test', { fault: 'throttle', times: 1 })
    expect(JSON.parse((await client.post({ b: 2 })).body)).toEqual({ b: 2 })
    expect(stack.faults.calls('POST /test')).toBe(2)
  })

  test('an abort ends the call', async () => {
    const client = await as('alice')
    await client.get()
    stack.faults.next('GET /test', 'hang')
    const control = new AbortController()
    const failing = failureOf(client.get({ signal: control.signal }))
    await expect.poll(() => stack.faults.calls('GET /test')).toBe(2)
    control.abort()
    const { name, code } = Object(await failing)
    expect(`${name} ${code}`).toMatch(/Abort|Cancel|FetchError/)
    expect(stack.faults.calls('GET /test')).toBe(2)
  })

  test('an origin that is not ours is refused before anything leaves', async () => {
    const client = await as('alice')
    expect(client.oursIn(await failureOf(client.elsewhere()))).toMatchObject({
      code: 'ORIGIN_NOT_ALLOWED',
    })
  })
})

describe('as they come', () => {
  test("ky's retries multiply with ours: nine calls", async () => {
    const client = ky.create({
      prefix: url,
      fetch: await fetchAs('alice'),
      retry: { limit: 2, delay: () => 0 },
    })
    stack.faults.next('GET /test', { fault: 'fail', times: 20 })
    await failureOf(client.get('test').json())
    expect(stack.faults.calls('GET /test')).toBe(9)
  })

  test("ofetch's retry doubles ours: six calls", async () => {
    const client = createFetch({ fetch: await fetchAs('alice') })
    stack.faults.next('GET /test', { fault: 'fail', times: 20 })
    await failureOf(client('/test'))
    expect(stack.faults.calls('GET /test')).toBe(6)
  })

  test('ours can be turned off instead', async () => {
    const { idToken } = await signIn(stack, 'alice')
    const { identityPoolId, endpoints, region } = stack.config
    const once = createIamFetch({
      baseUrl: url,
      region,
      retry: { attempts: 1 },
      credentials: cognitoCredentials({
        identityPoolId,
        endpoint: endpoints.cognitoIdentity,
        idToken: async () => idToken,
      }),
    })
    const client = ky.create({ prefix: url, fetch: once, retry: { limit: 2, delay: () => 0 } })
    stack.faults.next('GET /test', { fault: 'fail', times: 2 })
    expect((await client.get('test').json<Call>()).role).toBe('FullAccessRole')
    expect(stack.faults.calls('GET /test')).toBe(3)
  })
})

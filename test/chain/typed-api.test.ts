import { inspect } from 'node:util'
import { defineStack, startLocalStack, type LocalStack } from '@iamfetch/local'
import { cognitoCredentials, createIamFetch, isIamFetchError } from 'iamfetch'
import { createApi, type ResultOf, type StandardSchema } from 'iamfetch/api'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Note {
  id: string
  text: string
  at: Date
}

interface Event {
  body?: string
  isBase64Encoded: boolean
  rawQueryString: string
  rawPath: string
  headers: Record<string, string>
  pathParameters?: Record<string, string>
  requestContext: { http: { method: string } }
}

const echo = async (event: Event) => ({
  method: event.requestContext.http.method,
  path: event.rawPath,
  query: event.rawQueryString,
  params: event.pathParameters ?? {},
  type: event.headers['content-type'],
  body: event.body,
  isBase64: event.isBase64Encoded,
})

const definition = defineStack({
  groups: {
    Editors: {
      policy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'execute-api:Invoke',
            Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*',
          },
          {
            Effect: 'Deny',
            Action: 'execute-api:Invoke',
            Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/DELETE/*',
          },
        ],
      },
    },
  },
  users: { alice: { groups: ['Editors'] } },
  apis: {
    notes: {
      type: 'http',
      routes: {
        'GET /notes': {
          auth: 'iam',
          handler: async (): Promise<Note[]> => [{ id: '1', text: 'Hello', at: new Date(0) }],
        },
        'GET /notes/{id}': { auth: 'iam', handler: echo },
        'POST /notes': { auth: 'iam', handler: echo },
        'DELETE /notes/{id}': { auth: 'iam', handler: echo },
        'GET /files/{path+}': { auth: 'iam', handler: echo },
        'ANY /any': { auth: 'iam', handler: echo },
        'PUT /empty': { auth: 'iam', handler: async () => ({ statusCode: 204 }) },
        'GET /text': {
          auth: 'iam',
          handler: () => ({
            statusCode: 200,
            headers: { 'content-type': 'text/plain' },
            body: 'Hi',
          }),
        },
        'GET /broken': {
          auth: 'iam',
          handler: () => ({
            statusCode: 200,
            headers: { 'content-type': 'application/json' },
            body: '{',
          }),
        },
        'GET /status/{status}': {
          auth: 'iam',
          handler: (event: Event) => ({
            statusCode: Number(event.pathParameters?.['status']),
            body: '{"why":"no"}',
          }),
        },
      },
    },
  },
})

let stack: LocalStack<typeof definition>
let iamFetch: typeof fetch

beforeAll(async () => {
  stack = await startLocalStack(definition)
  const { region, identityPoolId, endpoints, apis } = stack.config
  const { idToken } = await stack.signIn('alice')
  const credentials = cognitoCredentials({
    identityPoolId,
    endpoint: endpoints.cognitoIdentity,
    idToken: async () => idToken,
  })
  const { url } = apis.notes
  const retry = { attempts: 1 }
  iamFetch = createIamFetch({ baseUrl: url, origins: [url], region, credentials, retry })
})
afterAll(() => stack.stop())

const throwing = () => createApi<typeof definition>(iamFetch, { refusals: 'throw' })
const returning = () => createApi<typeof definition>(iamFetch, { refusals: 'response' })

test('the result has the type of the handler, as JSON', async () => {
  const notes = await throwing()('GET /notes')
  const [first] = notes
  const at: string | undefined = first?.at
  expect([first?.text, at]).toEqual(['Hello', '1970-01-01T00:00:00.000Z'])
  const untyped: ResultOf<typeof definition, 'notes', 'PUT /empty'> = 'unknown takes everything'
  expect(untyped).toBeTypeOf('string')
})

test.each(['42', 'a b', 'ä/ö', '100%', 'a+b?c#d', "(1)!'*", '...', '{id}'])(
  'the parameter %s reaches the handler as it is, in one segment',
  async (id) => {
    const { params } = await throwing()('GET /notes/{id}', { params: { id } })
    expect(params).toEqual({ id })
  },
)

test('a parameter with half of a character is refused with a code', async () => {
  const api = throwing()
  await expect(api('GET /notes/{id}', { params: { id: '\ud800' } })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  })
})

test.each(['', '.', '..'])(
  'the parameter "%s" is an error, because it is another path',
  async (id) => {
    await expect(throwing()('GET /notes/{id}', { params: { id } })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(
        `"params.id" must be a segment that is not empty, "." or "..", got "${id}"`,
      ),
    })
  },
)

test('a greedy parameter keeps its slashes and nothing else', async () => {
  const api = throwing()
  const { params } = await api('GET /files/{path+}', { params: { path: 'a/b c/d?e' } })
  expect(params).toEqual({ path: 'a/b c/d?e' })
  await expect(api('GET /files/{path+}', { params: { path: 'a/../b' } })).rejects.toThrow(
    '"params.path" must be segments that are not empty, "." or ".."',
  )
})

test('the query has lists and characters that need an escape, and leaves out what is undefined', async () => {
  const query = {
    page: 2,
    all: true,
    tag: ['a b', 'c&d'],
    none: undefined,
    nothing: null,
    plus: '+',
  }
  const { query: sent } = await throwing()('GET /notes/{id}', { params: { id: 1 }, query })
  // An HTTP API sorts it.
  expect(sent).toBe('all=true&page=2&plus=%2B&tag=a%20b&tag=c%26d')
})

test('objects are JSON with its content type; texts, forms, files and streams are passed on', async () => {
  const api = throwing()
  const sent = async (body: unknown, headers?: HeadersInit) => {
    const {
      type,
      body: text,
      isBase64,
    } = await api('POST /notes', {
      body,
      ...(headers && { headers }),
    })
    return [type, isBase64 ? Buffer.from(text ?? '', 'base64').toString() : text]
  }
  expect(await sent({ a: 1 })).toEqual(['application/json', '{"a":1}'])
  expect(await sent([1])).toEqual(['application/json', '[1]'])
  expect(await sent(null)).toEqual(['application/json', 'null'])
  expect(await sent({ a: 1 }, { 'content-type': 'application/merge-patch+json' })).toEqual([
    'application/merge-patch+json',
    '{"a":1}',
  ])
  expect(await sent('plain')).toEqual(['text/plain;charset=UTF-8', 'plain'])
  expect(await sent(new URLSearchParams({ a: 'b' }))).toEqual([
    'application/x-www-form-urlencoded;charset=UTF-8',
    'a=b',
  ])
  expect(await sent(new File(['in a file'], 'a.csv', { type: 'text/csv' }))).toEqual([
    'text/csv',
    'in a file',
  ])
  expect((await sent(new Blob(['piece']).stream()))[1]).toBe('piece')
  expect((await sent(new TextEncoder().encode('bytes')))[1]).toBe('bytes')
  expect(await sent(undefined)).toEqual([undefined, undefined])
  await expect(sent(() => 1)).rejects.toThrow('"body" must be something that JSON can hold')
  await expect(sent({ big: 10n })).rejects.toThrow('"body" must be something that JSON can hold')
  const cause = new Error('no owner yet')
  const toJSON = (): never => {
    throw cause
  }
  await expect(sent({ toJSON })).rejects.toMatchObject({ code: 'INVALID_OPTION', cause })
})

test('a route with ANY needs a method', async () => {
  const api = throwing()
  expect((await api('ANY /any', { method: 'PATCH' })).method).toBe('PATCH')
  // @ts-expect-error -- the method is missing
  await expect(api('ANY /any', {})).rejects.toThrow('"method" is missing')
})

test('what is not a route is refused, whatever it is', async () => {
  const api = throwing() as unknown as (route: unknown) => Promise<unknown>
  for (const route of [undefined, null, 5, 'notes', 'GET notes']) {
    await expect(api(route)).rejects.toThrow('"route" must be a method and a path')
  }
})

test('an empty response is undefined, a text is a text, and broken JSON is an error', async () => {
  const api = throwing()
  expect(await api('PUT /empty')).toBeUndefined()
  expect(await api('GET /text')).toBe('Hi')
  await expect(api('GET /broken')).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER', status: 200 })
})

test('with "throw" a refusal is an IamFetchError', async () => {
  const api = throwing()
  const refused = await api('DELETE /notes/{id}', { params: { id: 1 } }).catch(
    (error: unknown) => error,
  )
  expect(isIamFetchError(refused, 'FORBIDDEN')).toBe(true)
  expect(refused).toMatchObject({ status: 403, retryable: false })
  const codeFor = async (status: number) => {
    const error: unknown = await api('GET /status/{status}', { params: { status } }).catch(
      (caught: unknown) => caught,
    )
    return isIamFetchError(error) && [error.code, error.status, error.retryable]
  }
  expect(await codeFor(404)).toEqual(['REQUEST_INVALID', 404, false])
  expect(await codeFor(429)).toEqual(['THROTTLED', 429, true])
  expect(await codeFor(503)).toEqual(['SERVICE_UNAVAILABLE', 503, true])
})

test('with "response" a refusal is the Response, with its body', async () => {
  const api = returning()
  const refused = await api('GET /status/{status}', { params: { status: 409 } })
  expect(refused).toMatchObject({ status: 409 })
  expect(await (refused as Response).json()).toEqual({ why: 'no' })
  const notes = await api('GET /notes')
  if ('status' in notes) throw new Error('It was refused.')
  expect(notes[0]?.id).toBe('1')
})

test('"as" gives the response, for streams and files', async () => {
  const response = await throwing()('GET /notes', { as: 'response' })
  const chunks: string[] = []
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) chunks.push(chunk)
  expect(JSON.parse(chunks.join(''))).toHaveLength(1)
})

test('a signal ends the call', async () => {
  const reason = new Error('The page was left.')
  const call = throwing()('GET /notes', { signal: AbortSignal.abort(reason) })
  await expect(call).rejects.toBe(reason)
})

test('a schema checks the result and sets its type', async () => {
  const titles: StandardSchema<string[]> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) =>
        Array.isArray(value) && value.every(({ text }) => typeof text === 'string')
          ? { value: value.map(({ text }) => text as string) }
          : { issues: [{ message: 'Expected notes', path: [{ key: 0 }, 'text'] }] },
    },
  }
  const api = throwing()
  const all: string[] = await api('GET /notes', { schema: titles })
  expect(all).toEqual(['Hello'])
  const wrong = api('GET /text', { schema: titles })
  await expect(wrong).rejects.toThrow('The response does not fit the schema at "0.text".')
  await expect(wrong).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
})

test('the error of a schema has no data of the response, also if the library repeats it', async () => {
  const secret = 'alice@example.com'
  const schema: StandardSchema<string> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      // As ArkType writes it.
      validate: () => ({
        issues: [
          { message: `must be a number (was "${secret}")`, path: ['byMail', { key: secret }, 7] },
        ],
      }),
    },
  }
  const error: unknown = await throwing()('GET /notes', { schema }).catch((one: unknown) => one)
  expect(error).toMatchObject({
    code: 'UNEXPECTED_ANSWER',
    message: 'The response does not fit the schema at "byMail.*.7".',
  })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret)
})

test('routes, parameters and options that do not exist are compile errors, and errors at run time', async () => {
  const api = throwing()
  // @ts-expect-error -- there is no such route
  await expect(api('GET /nots')).rejects.toMatchObject({ status: 404 })
  // @ts-expect-error -- the parameter is missing
  await expect(api('GET /notes/{id}')).rejects.toThrow('"params.id"')
  // @ts-expect-error -- there is no such parameter
  await expect(api('GET /notes/{id}', { params: { key: 1 } })).rejects.toThrow('"params.id"')
  const misspelt = { querry: {} }
  // @ts-expect-error -- there is no such option
  await expect(api('GET /notes', misspelt)).rejects.toThrow('"querry" is not an option')
  // @ts-expect-error -- what a refusal is has to be said
  expect(() => createApi<typeof definition>(iamFetch, {})).toThrow(
    'createApi: "refusals" must be "throw" or "response"',
  )
})

import { withCaller, type Caller } from '@iamfetch/server'
import { fixedClock } from '@iamfetch/testing'
import { describe, expect, it } from 'vitest'
import type { StreamedHandler } from '../src/definition/backend.ts'
import { checkDefinition } from '../src/index.ts'
import { provideAwsLambda } from '../src/lambda-runtime/awslambda.ts'
import { iam, serveApi } from './support/serve-api.ts'
import { reasonOf, serve, signer } from './support/gateway-scene.ts'

/** The part of Lambda's global that the tests use. */
declare const awslambda: {
  streamifyResponse(
    handler: (event: never, stream: Stream, context: never) => unknown,
  ): StreamedHandler
  HttpResponseStream: { from(stream: Stream, metadata: unknown): Stream }
}
type Stream = NodeJS.WritableStream & { setContentType(type: string): void; destroyed?: boolean }

// Another file of this process may have imported a library that defines a part of it.
provideAwsLambda()
const { HttpResponseStream } = awslambda

const streamed = (
  write: (stream: Stream, event: { path: string }) => unknown,
  metadata: unknown = { statusCode: 200, headers: { 'content-type': 'text/plain' } },
): StreamedHandler =>
  awslambda.streamifyResponse((event: { path: string }, stream) =>
    write(metadata === null ? stream : HttpResponseStream.from(stream, metadata), event),
  )

const serveStream = (handler: StreamedHandler, options?: Parameters<typeof serveApi>[1]) =>
  serve(
    {
      type: 'rest',
      routes: { 'ANY /s': { auth: 'none', responseTransferMode: 'stream', handler } },
    },
    options,
  )

/** What a test lets happen when it wants it to. */
const gate = (): { open: () => void; opened: Promise<void> } => {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

it('a long response leaves no listener behind each time that it waits for the client', async () => {
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)
  try {
    const piece = Buffer.alloc(256 * 1_024)
    const { url } = await serveStream(
      streamed(async (stream) => {
        for (let count = 0; count < 60; count++) {
          if (!stream.write(piece)) await new Promise((resolve) => stream.once('drain', resolve))
        }
        stream.end()
      }),
    )
    const { byteLength } = await (await fetch(`${url}/s`)).arrayBuffer()
    expect(byteLength).toBe(60 * piece.length)
    await new Promise((resolve) => setImmediate(resolve))
    expect(warnings.map(({ name }) => name)).not.toContain('MaxListenersExceededWarning')
  } finally {
    process.off('warning', note)
  }
})

it('the functions of Lambda are there, also where a library defined only a part of them', () => {
  const complete = Reflect.get(globalThis, 'awslambda')
  try {
    Object.assign(globalThis, { awslambda: { HttpResponseStream: {} } })
    provideAwsLambda()
    expect(awslambda).toMatchObject({ streamifyResponse: expect.any(Function) })
  } finally {
    Object.assign(globalThis, { awslambda: complete })
  }
})

describe('a streamed handler of a REST API', () => {
  it('sends its response while it writes it', async () => {
    const [second, third] = [gate(), gate()]
    const { url } = await serveStream(
      streamed(async (stream) => {
        stream.write('one')
        await second.opened
        stream.write('two')
        await third.opened
        stream.end('three')
      }),
    )
    const response = await fetch(`${url}/s`)
    expect(response.status).toBe(200)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe('one')
    second.open()
    expect((await reader.read()).value).toBe('two')
    third.open()
    expect((await reader.read()).value).toBe('three')
    expect((await reader.read()).done).toBe(true)
  })

  it('sets status, headers, headers with several values and cookies', async () => {
    const { url } = await serveStream(
      streamed((stream) => stream.end('x'), {
        statusCode: 201,
        headers: { 'X-One': '1', 'www-authenticate': 'Bearer' },
        multiValueHeaders: { 'x-many': ['a', 'b'] },
        cookies: ['a=1', 'b=2'],
      }),
    )
    const response = await fetch(`${url}/s`)
    expect(response.status).toBe(201)
    expect(response.headers.get('x-one')).toBe('1')
    expect(response.headers.get('x-amzn-remapped-www-authenticate')).toBe('Bearer')
    expect(response.headers.get('x-many')).toBe('a, b')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(response.headers.get('x-amzn-requestid')).toBeTruthy()
  })

  it('may write status and headers itself, in any pieces', async () => {
    const text = `{"statusCode":202,"headers":{"content-type":"text/plain"}}${'\0'.repeat(8)}body`
    const { url } = await serveStream(
      streamed((stream) => {
        stream.setContentType('application/vnd.awslambda.http-integration-response')
        for (const char of text) stream.write(char)
        stream.end()
      }, null),
    )
    const response = await fetch(`${url}/s`)
    expect([response.status, await response.text()]).toEqual([202, 'body'])
  })

  it('sends more than the 10 MB and 6 MB of a buffered response, as fast as the client reads', async () => {
    const piece = Buffer.alloc(1_048_576, 'x')
    let written = 0
    const { url } = await serveStream(
      streamed(async (stream) => {
        for (; written < 24; written++) {
          if (!stream.write(piece)) await new Promise((resolve) => stream.once('drain', resolve))
        }
        stream.end()
      }),
    )
    const response = await fetch(`${url}/s`)
    const reader = response.body!.getReader()
    let bytes = (await reader.read()).value!.length
    expect(written).toBeLessThan(24)
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes += next.value.length
    }
    expect(bytes).toBe(24 * 1_048_576)
  })

  it.each<[string, StreamedHandler, string]>([
    [
      'wrote a body without status and headers',
      streamed((stream) => stream.end('text'), null),
      'the handler wrote a body without status and headers; use awslambda.HttpResponseStream.from',
    ],
    [
      'ended without writing',
      streamed((stream) => stream.end()),
      'so that its status and headers were not sent; write "" first',
    ],
    [
      'returned without ending or writing',
      streamed(() => 'done'),
      'the handler ended the stream without writing to it',
    ],
    [
      'wrote no JSON',
      streamed((stream) => stream.end(`{${'\0'.repeat(8)}`), null),
      'what comes before the delimiter is not a JSON object',
    ],
    [
      'wrote too much before the delimiter',
      streamed((stream) => stream.end('x'.repeat(20_000)), null),
      'the first 16384 bytes have no delimiter of eight null characters',
    ],
    [
      'wrote the delimiter too late, although in one piece',
      streamed((stream) => stream.end(`{"a":"${'x'.repeat(20_000)}"}${'\0'.repeat(8)}`), null),
      'the first 16384 bytes have no delimiter of eight null characters',
    ],
    [
      'set an invalid status',
      streamed((stream) => stream.end('x'), { statusCode: 99 }),
      'the handler returned the statusCode 99',
    ],
    [
      'threw before it wrote',
      streamed(() => {
        throw new Error('broken')
      }),
      'the handler threw Error: broken',
    ],
    [
      'threw what is not an Error',
      streamed(() => {
        // oxlint-disable-next-line typescript/only-throw-error -- as JavaScript allows
        throw 'broken'
      }),
      'the handler threw no Error',
    ],
    [
      'is not made by streamifyResponse',
      () => ({ statusCode: 200 }),
      'does not stream: wrap it in awslambda.streamifyResponse',
    ],
  ])(
    'a streamed handler of a REST API that %s is a 502 that says why',
    async (_, handler, reason) => {
      const { url } = await serveStream(handler, { log: () => {} })
      const response = await fetch(`${url}/s`)
      expect(response.status).toBe(502)
      expect(reasonOf(response)).toContain(reason)
    },
  )

  it('that throws while it writes cuts the connection, and the next call is answered', async () => {
    let calls = 0
    const { url } = await serveStream(
      streamed(async (stream) => {
        stream.write('begun')
        calls++
        if (calls > 1) stream.end()
        else throw new Error('broken')
      }),
      { log: () => {} },
    )
    const response = await fetch(`${url}/s`)
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
    expect(await (await fetch(`${url}/s`)).text()).toBe('begun')
  })

  it('goes on when the client goes away', async () => {
    const [left, ended] = [gate(), gate()]
    let pieces = 0
    const { url } = await serveStream(
      streamed(async (stream) => {
        stream.write('one')
        await left.opened
        for (let index = 0; index < 100; index++, pieces++) stream.write(Buffer.alloc(65_536))
        await new Promise<void>((resolve) => stream.end(resolve))
        ended.open()
      }),
    )
    const abort = new AbortController()
    const response = await fetch(`${url}/s`, { signal: abort.signal })
    await response.body!.getReader().read()
    abort.abort()
    left.open()
    await ended.opened
    expect(pieces).toBe(100)
  })

  it('is given up after 15 minutes', async () => {
    const clock = fixedClock()
    const { url } = await serveStream(
      streamed(async (stream) => {
        stream.write('one')
        await new Promise(() => {})
      }),
      { clock },
    )
    const response = await fetch(`${url}/s`)
    const text = response.text()
    text.catch(() => {})
    await clock.advance(900_000)
    await expect(text).rejects.toThrow('terminated')
  })

  it('is behind IAM like every other', async () => {
    const handler = streamed((stream, { path }) => stream.end(`hello ${path}`))
    const { url } = await serve({
      type: 'rest',
      routes: {
        'GET /s': { auth: 'iam', responseTransferMode: 'stream', handler },
        'PATCH /s': { auth: 'iam', responseTransferMode: 'stream', handler },
      },
    })
    expect(await (await signer.fetch(`${url}/s`)).text()).toBe('hello /s')
    expect((await fetch(`${url}/s`)).status).toBe(403)
    expect((await signer.fetch(`${url}/s`, { method: 'PATCH' })).status).toBe(403)
  })

  it('has the caller from withCaller, and refuses others in a stream', async () => {
    const handler = awslambda.streamifyResponse(
      withCaller(
        async (_event: unknown, stream: Stream, _context: unknown, caller: Caller) => {
          const response = HttpResponseStream.from(stream, { statusCode: 200 })
          response.write(caller.kind)
          response.end()
        },
        {
          userPools: [{ userPoolId: 'eu-central-1_Pool', clientIds: null }],
          refusalHeaders: { 'x-refused': 'yes' },
        },
      ),
    )
    const { url } = await serve({
      type: 'rest',
      routes: {
        'GET /open': { auth: 'none', responseTransferMode: 'stream', handler },
        'GET /iam': { auth: 'iam', responseTransferMode: 'stream', handler },
      },
    })
    expect(await (await signer.fetch(`${url}/iam`)).text()).toBe('user')
    const refused = await fetch(`${url}/open`)
    expect([refused.status, refused.headers.get('x-refused'), await refused.json()]).toEqual([
      401,
      'yes',
      { message: 'Unauthorized' },
    ])
  })
})

it('a streamed handler on a buffered route is a fault that says what the route needs', async () => {
  const handler = streamed((stream) => stream.end('x')) as never
  for (const [type, status] of [
    ['http', 500],
    ['rest', 502],
  ] as const) {
    const { url } = await serve({ type, routes: { 'GET /s': { ...iam(), auth: 'none', handler } } })
    const response = await fetch(`${url}/s`)
    expect(response.status).toBe(status)
    expect(reasonOf(response)).toContain('the route needs responseTransferMode "stream"')
  }
})

it.each([
  ['http', { responseTransferMode: 'stream' }, 'must not be "stream" for an HTTP API'],
  ['rest', { responseTransferMode: 'STREAM' }, 'must be "buffered" or "stream", got "STREAM"'],
  [
    'rest',
    { responseTransferMode: 'stream', handler: { url: 'http://127.0.0.1:9000/f' } },
    'needs a "handler" that is a function or a file',
  ],
])('checkDefinition: %s %j is refused', (type, route, message) => {
  const routes = { 'GET /s': { auth: 'none', handler: () => ({}), ...route } }
  expect(() => checkDefinition({ apis: { api: { type, routes } } } as never)).toThrow(message)
})

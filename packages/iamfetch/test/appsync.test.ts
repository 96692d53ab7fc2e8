import { fixedClock } from '@iamfetch/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventsProtocol, graphqlProtocol } from '../src/appsync/protocol.ts'
import {
  subscribeEvents,
  subscribeGraphql,
  type EventsSubscriptionOptions,
  type SocketConstructor,
} from '../src/appsync/index.ts'
import { startAppSync, type AppSyncScript, type AppSyncServer } from './appsync-server.ts'
import { failure, scene, settle } from './caller-scene.ts'
import { credentialsOf } from './fixtures.ts'

type Frame = Record<string, unknown>

let server: AppSyncServer | undefined
afterEach(async () => {
  await server?.stop()
  server = undefined
})

const secretOf = (accessKeyId: string) => {
  const name = accessKeyId.slice(4)
  // As the credentials of the fixtures, and those of the identity pool of the scene.
  const [user] = name.split('x')
  return name.includes('x')
    ? { secretAccessKey: 'secret', sessionToken: `session-${user}` }
    : { secretAccessKey: `secret-${name}`, sessionToken: `session-${name}` }
}

const asSocket = WebSocket as unknown as SocketConstructor

/** An Event API that confirms each subscription whose signature is right, and then does what a test says. */
async function events(
  afterSubscribe: (send: (frame: Frame) => void, socket: WebSocket, number: number) => void,
  options: Partial<EventsSubscriptionOptions> = {},
  onFrame: AppSyncScript['onFrame'] = () => {},
) {
  const received: Frame[] = []
  const started = (server = await startAppSync('/event', secretOf, {
    onFrame(frame, send, socket, number) {
      received.push(frame)
      onFrame(frame, send, socket, number)
      if (frame['type'] === 'connection_init') {
        send({ type: 'connection_ack', connectionTimeoutMs: 300_000 })
      }
      if (frame['type'] !== 'subscribe') return
      const body = JSON.stringify({ channel: frame['channel'] })
      void started.verify(frame['authorization'] as Frame, '/event', body).then((isRight) => {
        if (!isRight)
          return send({
            type: 'subscribe_error',
            id: frame['id'],
            errors: [{ errorType: 'UnauthorizedException' }],
          })
        send({ type: 'subscribe_success', id: frame['id'] })
        afterSubscribe(send, socket, number)
      })
    },
  }))
  const subscription = subscribeEvents({
    url: `${started.url}/event`,
    region: 'eu-central-1',
    credentials: credentialsOf('A'),
    channel: '/notes/<all>&ü',
    WebSocket: asSocket,
    random: () => 0.5,
    ...options,
  })
  return { subscription, received, server: started }
}

const event = (value: unknown): Frame => ({ type: 'data', id: '1', event: JSON.stringify(value) })

test("Events: handshake and subscription are signed as AWS's own signer signs them, and values arrive in order", async () => {
  const {
    subscription,
    received,
    server: started,
  } = await events((send) => {
    send({ type: 'ka' })
    send(event({ n: 1 }))
    send(event('text'))
    send({ type: 'data', id: '1', event: 'not json' })
  })
  const values: unknown[] = []
  for await (const value of subscription) {
    values.push(value)
    if (values.length === 3) break
  }
  expect(values).toEqual([{ n: 1 }, 'text', 'not json'])
  expect(started.handshakes).toEqual(['ASIAA'])
  expect(started.protocols).toEqual(['aws-appsync-event-ws'])
  await expect.poll(() => received.at(-1)).toEqual({ type: 'unsubscribe', id: '1' })
})

test('GraphQL: the query is in the message as it was signed, and "complete" ends the subscription', async () => {
  const query = 'subscription Added($text: String) { added(text: $text) { id } }'
  const started = (server = await startAppSync('/graphql/connect', secretOf, {
    onFrame(frame, send) {
      if (frame['type'] === 'connection_init') {
        send({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } })
      }
      if (frame['type'] !== 'start') return
      const { data, extensions } = frame['payload'] as {
        data: string
        extensions: { authorization: Frame }
      }
      void started.verify(extensions.authorization, '/graphql', data).then((isRight) => {
        send({ type: 'start_ack', id: frame['id'] })
        send({
          type: 'data',
          id: frame['id'],
          payload: { data: { isRight, sent: JSON.parse(data) } },
        })
        send({ type: 'complete', id: frame['id'] })
      })
    },
  }))
  const values: unknown[] = []
  for await (const value of subscribeGraphql({
    url: `${started.url}/graphql`,
    region: 'eu-central-1',
    credentials: credentialsOf('A'),
    query,
    variables: { text: '<ü>' },
    WebSocket: asSocket,
  })) {
    values.push(value)
  }
  expect(values).toEqual([{ data: { isRight: true, sent: { query, variables: { text: '<ü>' } } } }])
})

test('a wrong secret is refused at the handshake, and tried no more than "attempts" times', async () => {
  const { subscription, server: started } = await events(() => {}, {
    credentials: { ...credentialsOf('A'), secretAccessKey: 'wrong' },
    retryMs: 1,
    attempts: 3,
  })
  await expect(subscription.next()).rejects.toMatchObject({ code: 'NETWORK_OR_CORS' })
  expect(started.handshakes).toEqual([])
  expect(started.protocols).toHaveLength(3)
})

test('a refusal of the subscription is FORBIDDEN, and not tried again', async () => {
  const { subscription, server: started } = await events(
    () => {},
    {},
    (frame, send) => {
      if (frame['type'] !== 'subscribe') return
      send({
        type: 'subscribe_error',
        id: '1',
        errors: [{ errorType: 'UnauthorizedException', message: 'no' }],
      })
    },
  )
  await expect(subscription.next()).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringContaining('UnauthorizedException'),
  })
  expect(started.protocols).toHaveLength(1)
})

test('what AppSync calls an error is not shown if it repeats a token', async () => {
  const token = 'eyJhbGciOi'.repeat(10)
  const { subscription } = await events(
    () => {},
    { attempts: 1 },
    (frame, send) => {
      if (frame['type'] === 'subscribe') send({ type: `${token}_error`, id: '1' })
    },
  )
  await expect(subscription.next()).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: expect.not.stringContaining(token),
  })
})

test('a connection that AppSync closes is opened again, signed again, as the same user', async () => {
  const device = scene(() => new Response())
  const { subscription, server: started } = await events(
    (send, socket, number) => {
      send(event(number))
      setTimeout(() => socket.close(), 5)
    },
    { credentials: device.credentials, clock: { now: () => device.clock.now() }, retryMs: 1 },
  )
  for (const n of [1, 2, 3]) expect((await subscription.next()).value).toBe(n)
  await subscription.return()
  expect(started.handshakes).toEqual(['ASIAalicex1', 'ASIAalicex1', 'ASIAalicex1'])
})

describe('a subscription ends', () => {
  test('after the silence that AppSync announced, with a new connection', async () => {
    const clock = fixedClock()
    const { subscription, server: started } = await events(
      (send, _, number) => send(event(number)),
      { clock },
    )
    expect((await subscription.next()).value).toBe(1)
    const next = subscription.next()
    await settle()
    await clock.advance(300_000)
    // The wait before the new connection.
    await expect.poll(() => clock.sleeps.at(-1)).toBe(1_000)
    await clock.advance(1_000)
    expect((await next).value).toBe(2)
    await subscription.return()
    expect(started.handshakes).toHaveLength(2)
  })

  test.each<[string, string, (device: ReturnType<typeof scene>) => void]>([
    ['clear()', 'CLEARED', (device) => device.credentials.clear()],
    [
      'another sign-in',
      'CALLER_CHANGED',
      (device) => {
        device.user = 'bob'
        void device.credentials.checkSignIn()
      },
    ],
  ])('at once after %s, and is not opened for another user', async (_, code, change) => {
    const device = scene(() => new Response())
    const { subscription, server: started } = await events((send) => send(event(1)), {
      credentials: device.credentials,
    })
    expect((await subscription.next()).value).toBe(1)
    const pending = failure(subscription.next())
    change(device)
    expect(await pending).toMatchObject({ code })
    await settle()
    expect(started.handshakes).toEqual(['ASIAalicex1'])
  })

  test('with the reason of an abort', async () => {
    const abort = new AbortController()
    const { subscription } = await events((send) => send(event(1)), { signal: abort.signal })
    await subscription.next()
    const pending = failure(subscription.next())
    const reason = new Error('the user left')
    abort.abort(reason)
    expect(await pending).toBe(reason)
  })
})

describe('a reader that is too slow', () => {
  /** What one event takes of the limit. */
  const size = JSON.stringify(event(1)).length

  test('receives everything that came before, and then an error that says so', async () => {
    let sendLater = (_frame: Frame): void => {}
    const { subscription, server: started } = await events(
      (send) => {
        sendLater = send
        send(event(1))
      },
      { maxWaitingLength: 4 * size },
    )
    expect((await subscription.next()).value).toBe(1)
    // Nothing is read while these arrive. The last is more than the limit.
    for (let n = 2; n <= 6; n++) sendLater(event(n))
    await expect.poll(() => started.open()).toBe(0)
    const values: unknown[] = []
    const error = await failure(
      (async () => {
        for await (const value of subscription) values.push(value)
      })(),
    )
    expect(values).toEqual([2, 3, 4, 5])
    expect(error).toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      retryable: false,
      remedy: expect.stringContaining('"maxWaitingLength"'),
    })
    expect(started.handshakes).toHaveLength(1)
  })

  test('is not ended by keep-alives, however many there are', async () => {
    let sendLater = (_frame: Frame): void => {}
    const { subscription, server: started } = await events(
      (send) => {
        sendLater = send
        send(event(1))
      },
      { maxWaitingLength: 4 * size },
    )
    expect((await subscription.next()).value).toBe(1)
    sendLater(event(2))
    for (let n = 0; n < 500; n++) sendLater({ type: 'ka' })
    sendLater(event(3))
    await settle()
    expect(started.open()).toBe(1)
    expect((await subscription.next()).value).toBe(2)
    expect((await subscription.next()).value).toBe(3)
    await subscription.return()
  })
})

test.each([
  [
    'https://abc.appsync-api.eu-central-1.amazonaws.com/graphql',
    'wss://abc.appsync-realtime-api.eu-central-1.amazonaws.com/graphql',
    'wss://abc.appsync-realtime-api.eu-central-1.amazonaws.com/event/realtime',
  ],
  [
    'https://api.example.com/graphql',
    'wss://api.example.com/graphql/realtime',
    'wss://api.example.com/event/realtime',
  ],
])('%s has its WebSockets where AWS has them', (url, graphql, ofEvents) => {
  expect(graphqlProtocol(new URL(url), '{a}', {}).realtimeUrl.href).toBe(graphql)
  expect(eventsProtocol(new URL(url), '/a').realtimeUrl.href).toBe(ofEvents)
})

test.each<[Partial<EventsSubscriptionOptions>, string]>([
  [{ channel: 'notes' }, '"channel" must begin with "/", got "notes"'],
  [
    { url: 'wss://abc.appsync-realtime-api.eu-central-1.amazonaws.com' },
    '"url" must be the HTTP endpoint of the API, with https://',
  ],
  [{ url: 'ftp://user:hunter2@example.com' }, '"url" must not contain a user or a password'],
  [{ url: 'https://user:hunter2@example.com' }, '"url" must not contain a user or a password'],
  [{ attempts: 0 }, '"attempts" must be above 0, got 0'],
  [{ maxWaitingLength: 0 }, '"maxWaitingLength" must be above 0, got 0'],
])('%j is refused', (options, message) => {
  expect(() =>
    subscribeEvents({
      url: 'https://api.example.com/event',
      channel: '/a',
      credentials: credentialsOf('A'),
      ...options,
    }),
  ).toThrow(`subscribeEvents: ${message}`)
})

test('a password in a URL that is refused is not quoted', async () => {
  const url = 'ftp://user:hunter2@example.com'
  const subscribe = async (): Promise<unknown> =>
    subscribeEvents({ url, channel: '/a', credentials: credentialsOf('A') }).next()
  const error = await failure(subscribe())
  expect(error).toMatchObject({ code: 'INVALID_OPTION' })
  expect(String(error)).not.toContain('hunter2')
})

/** A connection that answers at once, and still takes what is sent after `close()`, as some libraries do. */
class OpenSocket {
  static sent: string[] = []
  static onInit = (): void => {}
  readonly #heard = new Map<string, (event: { data?: unknown }) => void>()
  constructor() {
    queueMicrotask(() => this.#heard.get('open')?.({}))
  }
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.#heard.set(type, listener)
  }
  send(data: string): void {
    const { type } = JSON.parse(data)
    OpenSocket.sent.push(type)
    if (type !== 'connection_init') return
    this.#heard.get('message')?.({ data: '{"type":"connection_ack"}' })
    OpenSocket.onInit()
  }
  close(): void {}
}

test('nothing is sent after clear(), whenever it comes while the subscription is signed', async () => {
  const device = scene(() => new Response())
  for (let microtasks = 0; microtasks < 60; microtasks += 2) {
    OpenSocket.sent = []
    OpenSocket.onInit = () => {
      const wait = async (): Promise<void> => {
        for (let turn = 0; turn < microtasks; turn++) await Promise.resolve()
        device.credentials.clear()
        OpenSocket.sent.push('clear')
      }
      void wait()
    }
    const subscription = subscribeEvents({
      url: 'https://abc.appsync-api.eu-central-1.amazonaws.com/event',
      credentials: device.credentials,
      channel: '/default/x',
      WebSocket: OpenSocket,
    })
    expect(await failure(subscription.next())).toMatchObject({ code: 'CLEARED' })
    expect(OpenSocket.sent.slice(OpenSocket.sent.indexOf('clear') + 1)).toEqual([])
  }
})

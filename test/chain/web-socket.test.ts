import { get } from 'node:http'
import { createSigner } from '@iamfetch/sigv4'
import { signWebSocketUrl } from 'iamfetch'
import type { StackDefinition } from '@iamfetch/local'
import { startLocalStack } from '@iamfetch/local'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { failure, HOUR, MINUTE, type Person } from '../faults/scene.ts'
import { sceneOfFile } from '../faults/scene-of-file.ts'
import { groupAccess } from '../group-access.ts'

let alice: Person
let bob: Person
interface SocketEvent {
  body: string
  requestContext: { routeKey: string; connectionId: string }
}
/** What the handlers of the API were told. */
let told: { routeKey: string; event: SocketEvent }[] = []

const tells =
  (reply?: (event: { body: string }) => unknown) =>
  (event: SocketEvent): unknown => {
    told.push({ routeKey: event.requestContext.routeKey, event })
    return { statusCode: 200, ...(reply && { body: JSON.stringify(reply(event)) }) }
  }

const connect = {
  Version: '2012-10-17' as const,
  Statement: {
    Effect: 'Allow' as const,
    Action: 'execute-api:Invoke',
    Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_live/prod/$connect',
  },
}
const definition: StackDefinition = {
  groups: {
    Live: { precedence: 1, policy: connect },
    ReadOnlyAccess: groupAccess.groups!.ReadOnlyAccess!,
  },
  users: { alice: { groups: ['Live'] }, bob: { groups: ['ReadOnlyAccess'] } },
  apis: {
    ...groupAccess.apis,
    live: {
      type: 'websocket',
      routes: {
        $connect: { auth: 'iam', handler: tells() },
        $disconnect: { handler: tells() },
        $default: { handler: tells(({ body }) => ({ default: body })) },
        add: {
          handler: tells(({ body }) => {
            const { a, b } = JSON.parse(body)
            if (b === 0) throw new Error('a zero')
            return { sum: a + b }
          }),
        },
      },
    },
    open: {
      type: 'websocket',
      stage: 'v1',
      routes: { $connect: { handler: () => ({ statusCode: 401 }) } },
    },
  },
}

const scene = await sceneOfFile(definition)
beforeEach(async () => {
  alice = await scene.person('alice')
  bob = await scene.person('bob')
  told = []
})

const urlOf = (api = 'live'): string => scene.stack.config.apis[api]?.url ?? ''
const urlFor = (who: Person, more: object = {}): Promise<URL> => {
  const { credentials } = scene.page(who)
  return signWebSocketUrl({ url: urlOf(), region: 'eu-central-1', credentials, ...more })
}

/** The status that a handshake is answered with: 101 or a refusal. */
const handshake = (
  url: URL | string,
  signature: Readonly<Record<string, string>> = {},
): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const request = get(String(url).replace(/^ws/, 'http'), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...signature,
      },
    })
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode)
    })
    request.on('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('error', reject)
  })

const opened = async (url: URL): Promise<WebSocket> => {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error('no connection')))
  })
  return socket
}
const answer = (socket: WebSocket, message: string): Promise<unknown> =>
  new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))), {
      once: true,
    })
    socket.send(message)
  })

test('a signed URL connects, with its own parameters, and messages go by their action', async () => {
  const socket = await opened(await urlFor(alice, { url: `${urlOf()}?room=a b&also=*` }))
  expect(await answer(socket, '{"action":"add","a":1,"b":2}')).toEqual({ sum: 3 })
  expect(await answer(socket, 'no JSON')).toEqual({ default: 'no JSON' })
  expect(await answer(socket, '{"action":"$connect"}')).toHaveProperty('default')
  socket.close()
  await expect.poll(() => told.map(({ routeKey }) => routeKey)).toContain('$disconnect')
  const [{ event }] = told as [(typeof told)[0]]
  expect(event).toMatchObject({
    queryStringParameters: { room: 'a b', also: '*' },
    requestContext: {
      eventType: 'CONNECT',
      stage: 'prod',
      identity: { userArn: expect.stringMatching(/assumed-role\/LiveRole/) },
    },
  })
  expect(JSON.stringify(event)).not.toMatch(/X-Amz-Sec/i)
  expect(new Set(told.map((one) => one.event.requestContext.connectionId)).size).toBe(1)
  expect(scene.asked()).toEqual({
    GetId: 1,
    GetCredentialsForIdentity: 1,
    'live $connect': 1,
    'live add': 1,
    'live $default': 2,
  })
})

test('a handshake that is signed in its headers connects, and the signature is not for handlers', async () => {
  const { credentials } = scene.page(alice)
  const signer = createSigner({ region: 'eu-central-1', service: 'execute-api', credentials })
  const { headers } = await signer.sign(urlOf().replace(/^ws/, 'http'))
  expect(headers.get('authorization')).toMatch(/^AWS4-/)
  expect(await handshake(urlOf(), Object.fromEntries(headers))).toBe(101)
  const names = Object.keys(Object(told[0]?.event).headers).map((name) => name.toLowerCase())
  expect(names).toContain('sec-websocket-version')
  expect(names).not.toContain('authorization')
  expect(JSON.stringify(told[0]?.event)).not.toContain('AWS4-')
})

test('an error of a handler is reported to the connection, which stays open', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const quiet = await startLocalStack({
    apis: {
      live: {
        ...definition.apis!.live!,
        routes: { add: { handler: () => Promise.reject(new Error('on purpose')) } },
      } as never,
    },
  })
  try {
    const socket = await opened(new URL(quiet.config.apis.live.url))
    expect(await answer(socket, '{"action":"add"}')).toMatchObject({
      message: 'Internal server error',
    })
    expect(socket.readyState).toBe(WebSocket.OPEN)
    expect(log).toHaveBeenCalledOnce()
  } finally {
    log.mockRestore()
    await quiet.stop()
  }
})

describe('a handshake is refused', () => {
  test('to a role that may not connect', async () => {
    expect(await handshake(await urlFor(bob))).toBe(403)
    expect(told).toEqual([])
  })

  test('without a signature, with an altered one, and with the session token outside of it', async () => {
    expect(await handshake(urlOf())).toBe(403)
    const url = await urlFor(alice)
    expect(await handshake(url)).toBe(101)
    for (const [name, value] of url.searchParams) {
      const altered = new URL(url)
      altered.searchParams.set(
        name,
        value.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
      )
      expect(await handshake(altered), name).toBe(403)
    }
    const token = url.searchParams.get('X-Amz-Security-Token')!
    const { accessKeyId, secretAccessKey } = await scene.page(alice).credentials()
    const signer = createSigner({
      credentials: { accessKeyId: accessKeyId.replace('ASIA', 'AKIA'), secretAccessKey },
      region: 'eu-central-1',
      clock: scene.time,
    })
    const outside = await signer.presign(urlOf())
    outside.searchParams.append('X-Amz-Security-Token', token)
    expect(await handshake(outside)).toBe(403)
  })

  test('six minutes later, and with the session gone; a new URL connects', async () => {
    const { credentials } = scene.page(alice)
    const sign = (): Promise<URL> =>
      signWebSocketUrl({ url: urlOf(), region: 'eu-central-1', credentials })
    const url = await sign()
    scene.time.jump(6 * MINUTE)
    expect(await handshake(url)).toBe(403)
    expect(await handshake(await sign())).toBe(101)
    scene.faults.expireSession((await credentials()).accessKeyId)
    expect(await handshake(await sign())).toBe(403)
  })

  test('at another stage, and by the result of the handler', async () => {
    expect(await handshake(await urlFor(alice, { url: urlOf().replace('prod', 'other') }))).toBe(
      403,
    )
    expect(await handshake(urlOf('open'))).toBe(401)
  })
})

test('a clock two hours off signs a URL that connects', async () => {
  const { credentials } = scene.page(alice, { clock: scene.laptop(-2 * HOUR) })
  const url = await signWebSocketUrl({ url: urlOf(), region: 'eu-central-1', credentials })
  expect(await handshake(url)).toBe(101)
})

test('a URL over 4,096 characters, another scheme and a host without a region are refused before', async () => {
  const long = urlFor(alice, { url: `${urlOf()}?filter=${'x'.repeat(4_000)}` })
  expect(await failure(long)).toMatchObject({
    code: 'URL_NOT_SIGNABLE',
    message: expect.stringMatching(
      /^The signed URL has \d+ characters; API Gateway accepts 4096\.$/,
    ),
  })
  for (const url of [
    'https://a.example/',
    'ws://a.execute-api.eu-central-1.amazonaws.com/prod',
    'WS:\\\\//A.execute-api.eu-central-1.AMAZONAWS.com/prod',
  ]) {
    expect(await failure(urlFor(alice, { url }))).toMatchObject({
      code: 'URL_NOT_SIGNABLE',
      remedy: expect.stringContaining('wss://'),
    })
  }
  const nowhere = urlFor(alice, { url: 'wss://a.example/', region: undefined })
  expect(await failure(nowhere)).toMatchObject({ code: 'REGION_UNKNOWN' })
  expect(scene.asked()['live $connect']).toBeUndefined()
})

test.each([
  [{ type: 'websocket', routes: {} }, /routes" must have a route/],
  [{ type: 'websocket', routes: { $nope: { handler: () => {} } } }, /\$nope.*must be \$connect/],
  [{ type: 'websocket', routes: { add: { auth: 'iam', handler: () => {} } } }, /auth.*\$connect/],
  [
    { type: 'websocket', routes: { $connect: { auth: 'jwt', handler: () => {} } } },
    /auth" must be "iam" or/,
  ],
  [{ type: 'websocket', routes: { $connect: {} } }, /handler/],
  [{ type: 'websocket', cors: {}, routes: { $connect: { handler: () => {} } } }, /cors/],
  [{ type: 'websocket', stage: '$default', routes: { $connect: { handler: () => {} } } }, /stage/],
])('a wrong definition %# is said at the start', async (live, said) => {
  await expect(startLocalStack({ apis: { live } } as never)).rejects.toThrow(said)
})

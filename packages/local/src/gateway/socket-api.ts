import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import type { SocketApiDefinition } from '../definition.ts'
import { runHandler } from '../handler-context.ts'
import { logError } from '../printable.ts'
import { suffer } from '../suffer.ts'
import { denialOf } from './access.ts'
import { eventOfSocketApi, type SocketConnection, type SocketPlace } from './event-socket.ts'
import type { GatewayOptions } from './gateway.ts'
import { readHeaders, splitTarget, type RawRequest } from './raw-request.ts'
import { newRequestId, refuse, refuseAs, type Refusal } from './refusal.ts'
import { verifySignature } from './signature.ts'

/** One WebSocket API that can listen. */
export interface SocketApi {
  readonly stage: string
  readonly server: Server
  /** Ends every open connection. */
  end: () => void
}

/** What it is made of: what a gateway of the other kinds is made of, less the tokens. */
export type SocketApiOptions = Omit<GatewayOptions, 'api' | 'tokens'> & { api: SocketApiDefinition }

const LARGEST_MESSAGE = 131_072

/**
 * Makes a WebSocket API: `$connect` with a signed URL, messages by their `action`, `$disconnect`.
 *
 * The signature stands in the query, session token included, as a browser can send it. A refusal is a 403 of the
 * handshake, of which a browser sees only that the connection closed with 1006. The limits of two hours and of ten idle
 * minutes are not kept.
 *
 * @see [AWS: WebSocket APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html)
 */
export function createSocketApi(options: SocketApiOptions): SocketApi {
  const { name, api, apiId, region, accountId, sessions, clock, faults, log = logError } = options
  const stage = api.stage ?? 'prod'
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE })

  const run = async (
    connection: SocketConnection,
    routeKey: string,
    body?: string,
  ): Promise<{ statusCode?: unknown; body?: unknown } | undefined> => {
    const route = api.routes[routeKey]
    if (!route) return undefined
    const requestId = newRequestId('http')
    const place: SocketPlace = { accountId, apiId, stage, requestId, now: clock.now(), routeKey }
    const event: unknown = JSON.parse(JSON.stringify(eventOfSocketApi(connection, place, body)))
    const context = { awsRequestId: requestId, functionName: `${name} ${routeKey}` }
    const result: unknown = await runHandler(context.functionName, async () =>
      route.handler(event, context),
    )
    // What a Lambda function returns has been JSON.
    const plain: unknown = JSON.parse(JSON.stringify(result ?? null))
    return typeof plain === 'object' && plain !== null ? plain : {}
  }

  const admit = async (
    request: RawRequest,
    port: number | undefined,
  ): Promise<SocketConnection | Refusal> => {
    const target = splitTarget(request.target)
    if (target?.path.replace(/\/$/, '') !== `/${stage}`) {
      return { kind: 'NoRoute', reason: `the path is not the stage /${stage}` }
    }
    const now = clock.now()
    const connection = { connectionId: newRequestId('http'), connectedAt: now, request }
    if (api.routes['$connect']?.auth !== 'iam') return { ...connection, session: undefined }
    const session = await verifySignature(request, target, { sessions, region, clock, port })
    if ('kind' in session) return session
    const asked = { ...request, method: '$connect' }
    const invocation = { region, accountId, apiId, stage, resourcePath: '', now }
    return denialOf(asked, session, invocation) ?? { ...connection, session }
  }

  const open = async (incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const gone = new AbortController()
    socket.once('close', () => gone.abort())
    const id = newRequestId('http')
    const instead = await suffer(faults?.take('$connect', name), {
      clock,
      signal: gone.signal,
      socket,
      throttled: () => refuse('http', { kind: 'Throttled', reason: 'a fault' }, id),
      refused: (refusal) => refuseAs('http', refusal, id),
      failed: () => refuse('http', { kind: 'Failed', reason: 'a fault' }, id),
    })
    if (instead) return turnAway(socket, instead)
    const request: RawRequest = {
      method: incoming.method ?? 'GET',
      target: incoming.url ?? '/',
      headers: readHeaders(incoming.rawHeaders),
      body: new Uint8Array(),
      sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    }
    const admitted = await admit(request, incoming.socket.localPort)
    if ('kind' in admitted) return turnAway(socket, refuse('http', admitted, id))
    const { statusCode = 200 } = (await run(admitted, '$connect')) ?? {}
    const status = Number(statusCode)
    if (!(Number.isInteger(status) && status >= 200 && status <= 599)) {
      throw new TypeError(`${name} $connect: the handler returned an invalid "statusCode"`)
    }
    if (status > 299) return turnAway(socket, new Response(null, { status }))
    sockets.handleUpgrade(incoming, socket, head, (webSocket) => serve(webSocket, admitted))
  }

  const serve = (webSocket: WebSocket, connection: SocketConnection): void => {
    const failed = (error: unknown): void => {
      log(error)
      const { connectionId } = connection
      const message = 'Internal server error'
      webSocket.send(JSON.stringify({ message, connectionId, requestId: newRequestId('http') }))
    }
    const answer = async (data: RawData): Promise<void> => {
      const text = Buffer.concat([data].flat().map((piece) => new Uint8Array(piece))).toString()
      const action = actionOf(text)
      const key = action !== undefined && Object.hasOwn(api.routes, action) ? action : '$default'
      faults?.take(key, name)
      const result = await run(connection, key, text)
      if (typeof result?.body === 'string') webSocket.send(result.body)
    }
    webSocket.on('error', () => webSocket.terminate())
    webSocket.on('close', () => void run(connection, '$disconnect').catch(log))
    webSocket.on('message', (data: RawData) => void answer(data).catch(failed))
  }

  const server = createServer((_, outgoing) => {
    // An HTTP request is no handshake (unverified: what AWS answers).
    outgoing.writeHead(426, { upgrade: 'websocket' }).end()
  })
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    open(incoming, socket, head).catch((error: unknown) => {
      log(error)
      turnAway(socket, new Response(null, { status: 500 }))
    })
  })
  return { stage, server, end: () => sockets.clients.forEach((client) => client.terminate()) }
}

/** The route that a message asks for: `$request.body.action`. */
function actionOf(text: string): string | undefined {
  try {
    const message: unknown = JSON.parse(text)
    if (typeof message !== 'object' || message === null || !('action' in message)) return undefined
    const { action } = message
    return typeof action === 'string' && !action.startsWith('$') ? action : undefined
  } catch {
    return undefined
  }
}

/** Ends a handshake with an answer. */
function turnAway(socket: Duplex, { status, headers }: Response): void {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}`
  socket.end(`${head}content-length: 0\r\nconnection: close\r\n\r\n`)
}

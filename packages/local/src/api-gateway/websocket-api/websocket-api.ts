import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { functionOf } from '../../backends/function-of.ts'
import type { SocketApiDefinition } from '../../definition/api.ts'
import { applyFault } from '../../faults/apply-fault.ts'
import { logError } from '../../http/printable.ts'
import {
  readHeaders,
  readSpelling,
  sourceIpOf,
  splitTarget,
  type RawRequest,
} from '../../http/raw-request.ts'
import { accepted, refused, type Result } from '../../result.ts'
import { verifySignature } from '../../sigv4/verify-signature.ts'
import type { GatewayOptions } from '../gateway.ts'
import { runHandler } from '../handler-context.ts'
import { statusOf } from '../handler-result.ts'
import { denialOf } from '../access.ts'
import { newRequestId, outsideOf, refuse, refuseAs, type Refusal } from '../refusal.ts'
import {
  eventOfWebSocketApi,
  type SocketConnection,
  type SocketInput,
  type SocketPlace,
} from './event.ts'
import { watchFrames } from './frame-size.ts'

/** One WebSocket API that can listen. */
export interface WebSocketApi {
  readonly stage: string
  readonly server: Server
  /** Ends every open connection. */
  end: () => void
}

/** The parts that it is created from: the options of a gateway, without the tokens. */
export type WebSocketApiOptions = Omit<GatewayOptions, 'api' | 'tokens'> & {
  api: SocketApiDefinition
}

/** 128 KB in frames of 32 KB at most, as text. */
const LARGEST_MESSAGE = 131_072
const LARGEST_FRAME = 32_768
const TOO_LARGE = 1_009
const NOT_TEXT = 1_003

/**
 * Creates a WebSocket API: `$connect` with a signed URL, messages by their `action`, `$disconnect`.
 *
 * The signature is in the query, session token included, as a browser can send it. A refusal is a 403 of the handshake, of
 * which a browser sees only that the connection closed with 1006. A message or a frame that is too large closes the connection with
 * 1009, and a binary one with 1003. The limits of two hours and of ten idle minutes are not kept.
 *
 * @see [AWS: WebSocket APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html),
 *   whose note has the sizes and the codes
 */
export function createWebSocketApi(options: WebSocketApiOptions): WebSocketApi {
  const { api, log = logError } = options
  const stage = api.stage ?? 'prod'
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE })
  const parts: Parts = { ...options, stage, log, sockets }
  const server = createServer((_, outgoing) => {
    // An HTTP request is not a handshake (unverified: what AWS responds).
    outgoing.writeHead(426, { upgrade: 'websocket' }).end()
  })
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    open(parts, incoming, socket, head).catch((error: unknown) => {
      log(error)
      refuseHandshake(socket, new Response(null, { status: 500 }))
    })
  })
  return { stage, server, end: () => sockets.clients.forEach((client) => client.terminate()) }
}

/** An API with everything that its connections need. */
interface Parts extends WebSocketApiOptions {
  stage: string
  log: (error: unknown) => void
  sockets: WebSocketServer
}

async function open(
  parts: Parts,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const id = newRequestId('http')
  const fault = await faultOf(parts, socket, id)
  if (fault) return refuseHandshake(socket, fault)
  const request: RawRequest = {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    headers: readHeaders(incoming.rawHeaders),
    spelling: readSpelling(incoming.rawHeaders),
    body: new Uint8Array(),
    sourceIp: sourceIpOf(incoming.socket),
  }
  const admitted = await authorize(parts, request, incoming.socket.localPort)
  if (!admitted.ok) {
    // A stage that is not there is a 403, as in a REST API (inferred); other refusals have the words of an HTTP API (unverified).
    const type = admitted.refusal.kind === 'NoStage' ? 'rest' : 'http'
    return refuseHandshake(socket, refuse(type, admitted.refusal, id))
  }
  const connection = admitted.value
  const { statusCode = 200 } = (await runRoute(parts, connection, '$connect')) ?? {}
  const status = statusOf(statusCode)
  if (status === undefined) {
    throw new TypeError(`${parts.name} $connect: the handler returned an invalid "statusCode"`)
  }
  if (status > 299) return refuseHandshake(socket, new Response(null, { status }))
  parts.sockets.handleUpgrade(incoming, socket, head, (webSocket) => {
    watchFrames(socket, LARGEST_FRAME, () => webSocket.close(TOO_LARGE))
    serve(parts, webSocket, connection)
  })
}

function faultOf(
  { name, clock, faults }: Parts,
  socket: Duplex,
  requestId: string,
): Promise<Response | undefined> {
  const disconnected = new AbortController()
  socket.once('close', () => disconnected.abort())
  const reason = 'a fault was ordered for this call'
  return applyFault(faults?.take('$connect', name), {
    clock,
    signal: disconnected.signal,
    socket,
    throttled: () => refuse('http', { kind: 'Throttled', reason }, requestId),
    refused: (refusal) => refuseAs('http', refusal, requestId),
    failed: () => refuse('http', { kind: 'Failed', reason }, requestId),
  })
}

async function authorize(
  { api, apiId, stage, region, accountId, sessions, clock }: Parts,
  request: RawRequest,
  port: number | undefined,
): Promise<Result<SocketConnection, Refusal>> {
  const target = splitTarget(request.target)
  if (target?.path.replace(/\/$/, '') !== `/${stage}`) {
    return refused({ ...outsideOf(stage), reason: `the path is not the stage /${stage}` })
  }
  const now = clock.now()
  const connection = { connectionId: newRequestId('http'), connectedAt: now, request }
  if (api.routes['$connect']?.auth !== 'iam') {
    return accepted({ ...connection, session: undefined })
  }
  const verified = await verifySignature(request, target, { sessions, region, clock, port })
  if (!verified.ok) return verified
  const session = verified.value
  const invocation = { region, accountId, apiId, stage, resourcePath: '', now }
  const denial = denialOf({ ...request, method: '$connect' }, session, invocation)
  return denial ? refused(denial) : accepted({ ...connection, session })
}

async function runRoute(
  { name, api, apiId, accountId, stage, clock }: Parts,
  connection: SocketConnection,
  routeKey: string,
  input?: SocketInput,
): Promise<{ statusCode?: unknown; body?: unknown } | undefined> {
  const route = api.routes[routeKey]
  if (!route) return undefined
  const requestId = newRequestId('http')
  const place: SocketPlace = { accountId, apiId, stage, requestId, now: clock.now(), routeKey }
  const event: unknown = JSON.parse(JSON.stringify(eventOfWebSocketApi(connection, place, input)))
  const context = { awsRequestId: requestId, functionName: `${name} ${routeKey}` }
  const result: unknown = await runHandler(context.functionName, async () =>
    functionOf(route.handler)(event, context),
  )
  // The result of a Lambda function goes through JSON.
  const plain: unknown = JSON.parse(JSON.stringify(result ?? null))
  return typeof plain === 'object' && plain !== null ? plain : {}
}

function serve(parts: Parts, webSocket: WebSocket, connection: SocketConnection): void {
  const { name, api, faults, log } = parts
  const failed = (error: unknown): void => {
    log(error)
    const { connectionId } = connection
    const message = 'Internal server error'
    webSocket.send(JSON.stringify({ message, connectionId, requestId: newRequestId('http') }))
  }
  const respond = async (data: RawData): Promise<void> => {
    const text = Buffer.concat([data].flat().map((piece) => new Uint8Array(piece))).toString()
    const action = actionOf(text)
    const key = action !== undefined && Object.hasOwn(api.routes, action) ? action : '$default'
    faults?.take(key, name)
    const result = await runRoute(parts, connection, key, { body: text })
    if (typeof result?.body === 'string') webSocket.send(result.body)
  }
  webSocket.on('error', () => webSocket.terminate())
  webSocket.on('close', (statusCode, reason) => {
    const input = { statusCode, reason: reason.toString() }
    void runRoute(parts, connection, '$disconnect', input).catch(log)
  })
  webSocket.on('message', (data: RawData, isBinary: boolean) => {
    if (webSocket.readyState !== webSocket.OPEN) return
    if (isBinary) webSocket.close(NOT_TEXT)
    else respond(data).catch(failed)
  })
}

/** The route of a message: `$request.body.action`. */
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

/** Ends a handshake with a response. */
function refuseHandshake(socket: Duplex, { status, headers }: Response): void {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}`
  socket.end(`${head}content-length: 0\r\nconnection: close\r\n\r\n`)
}

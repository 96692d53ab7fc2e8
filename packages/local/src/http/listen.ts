import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  createServer as createTcpServer,
  isIPv6,
  type Server as TcpServer,
  type Socket,
} from 'node:net'
import type { Duplex } from 'node:stream'
import type { Gateway } from '../api-gateway/gateway.ts'
import { isStreamed } from '../api-gateway/streamed-response.ts'
import { wholeBodyOf } from '../api-gateway/whole-body.ts'
import { answerOnlyTo } from './host.ts'
import { listenError } from './listen-error.ts'
import { logError } from './printable.ts'
import { readHeaders, readSpelling, sourceIpOf, type RawRequest } from './raw-request.ts'

/** The local stack is for this machine alone, unless its options name another address. */
export const LOOPBACK = '127.0.0.1'
const LOOPBACK_IPV6 = '::1'
const LARGEST_BODY = 10_485_760

/** A server that runs. */
export interface Listening {
  port: number
  /** For example `http://127.0.0.1:9400`. */
  origin: string
  /** Ends it, open connections too. */
  stop(): Promise<void>
}

/**
 * Starts a server for those who call it by a name of this machine.
 *
 * @param port  0 for any that is free.
 * @param host  Where it listens. Defaults to 127.0.0.1, and to ::1 at the same port where that is possible. Other machines
 *   can reach neither.
 * @param allowedHosts  More names that it responds to.
 * @param onForeignHost  Receives each request that was refused because of its host.
 */
export async function listen(
  server: Server,
  port: number,
  allowedHosts: readonly string[] = [],
  onForeignHost?: (incoming: IncomingMessage, reason: string) => void,
  host?: string,
): Promise<Listening> {
  answerOnlyTo(server, allowedHosts, onForeignHost)
  surviveClients(server)
  const connections = connectionsOf(server)
  const { address, port: actualPort } = await listenAt(server, port, host ?? LOOPBACK)
  const alsoAt = host === undefined ? await listenAtIPv6Loopback(server, actualPort) : undefined
  return {
    port: actualPort,
    origin: originOf(address, actualPort),
    async stop() {
      const servers = [server, ...(alsoAt ? [alsoAt] : [])]
      const closed = servers.map((listener) => once(listener, 'close'))
      for (const listener of servers) listener.close()
      // Not `closeAllConnections`: it leaves out what was an upgrade or a tunnel, and a client may keep its half of that open.
      for (const connection of connections) connection.destroy()
      await Promise.all(closed)
    },
  }
}

/** The connections of a server at each moment. */
function connectionsOf(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>()
  server.on('connection', (connection: Socket) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })
  return connections
}

async function listenAt(
  server: Server,
  port: number,
  host: string,
): Promise<{ address: string; port: number }> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw listenError({ port, host, cause })
  }
  // For example EMFILE, when a client opens more connections than the process may have.
  server.on('error', logError)
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new TypeError('the server has no TCP port')
  return address
}

/**
 * Passes a server the connections to `[::1]` too: on many machines `localhost` is that address first, and not every client
 * tries the other one.
 *
 * @returns `undefined` if the machine has no IPv6, or another program has the port there. The URLs of a stack are those of
 *   127.0.0.1, so it is complete without.
 * @see [Node.js: a connection can be given to an HTTP server](https://nodejs.org/api/http.html#event-connection)
 */
async function listenAtIPv6Loopback(server: Server, port: number): Promise<TcpServer | undefined> {
  const options = { allowHalfOpen: true, noDelay: true }
  const ipv6 = createTcpServer(options, (socket) => server.emit('connection', socket))
  ipv6.listen(port, LOOPBACK_IPV6)
  try {
    await once(ipv6, 'listening')
  } catch {
    return undefined
  }
  ipv6.on('error', logError)
  return ipv6
}

/** A server at every address of the machine is called at 127.0.0.1. */
function originOf(address: string, port: number): string {
  if (['0.0.0.0', '::'].includes(address)) return `http://${LOOPBACK}:${port}`
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`
}

/**
 * Adds error listeners to all that a client can break: requests, responses and tunnels that it leaves half-way. An
 * `error` event without a listener ends the process, and with it every API of the stack.
 */
function surviveClients(server: Server): void {
  server.prependListener('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    incoming.on('error', () => {})
    outgoing.on('error', () => {})
  })
  server.on('connect', (_incoming: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    socket.end(`HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
  })
}

/**
 * Puts a gateway behind `node:http`, which leaves the request target and the body as they came.
 *
 * @param onResponse  Receives each request with its response.
 */
export function serverOf(
  gateway: Gateway,
  onResponse?: (incoming: IncomingMessage, response: Response) => void,
): Server {
  return createServer((incoming, outgoing) => {
    void answer(gateway, incoming, outgoing, onResponse).catch(() => outgoing.destroy())
  })
}

async function answer(
  gateway: Gateway,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onResponse: ((incoming: IncomingMessage, response: Response) => void) | undefined,
): Promise<void> {
  const body = await readBody(incoming)
  const request: RawRequest = {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    headers: readHeaders(incoming.rawHeaders),
    spelling: readSpelling(incoming.rawHeaders),
    body: body ?? new Uint8Array(),
    sourceIp: sourceIpOf(incoming.socket),
  }
  let disconnected: AbortController | undefined
  // Each abort creates an error with its stack, so there is no abort after a complete response.
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) (disconnected ??= new AbortController()).abort()
  })
  const connection = {
    // Few requests have something to abort, and a controller takes 1 % of a request.
    get signal() {
      return (disconnected ??= new AbortController()).signal
    },
    socket: incoming.socket,
    port: incoming.socket.localPort,
  }
  const response = body ? await gateway.handle(request, connection) : gateway.tooLarge(request)
  onResponse?.(incoming, response)
  if (outgoing.destroyed) return
  outgoing.statusCode = response.status
  outgoing.sendDate = false
  for (const [name, value] of response.headers) {
    if (!OF_THE_CONNECTION.has(name)) outgoing.appendHeader(name, value)
  }
  if (!body) outgoing.setHeader('connection', 'close')
  if (response.body && isStreamed(response)) return stream(response.body, outgoing)
  outgoing.end(await wholeBodyOf(response))
}

/**
 * Headers that say where a response ends and what comes after it. They are this server's alone: with those of a function the next
 * response of the connection would begin within the body of this one.
 */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Sends a body piece by piece, as fast as the client takes it. */
async function stream(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  outgoing.flushHeaders()
  for await (const piece of body) {
    if (outgoing.destroyed) return
    if (!outgoing.write(piece)) await untilDrained(outgoing)
  }
  outgoing.end()
}

/** Waits until the client has received what was written, or has disconnected. It removes its listeners. */
async function untilDrained(outgoing: ServerResponse): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  await Promise.race([once(outgoing, 'drain', { signal }), once(outgoing, 'close', { signal })])
  over.abort()
}

/** @returns Nothing when the body is over 10 MB. */
function readBody(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let length = 0
    const onData = (chunk: Uint8Array): void => {
      length += chunk.length
      chunks.push(chunk)
      if (length <= LARGEST_BODY) return
      incoming.off('data', onData).pause()
      resolve(undefined)
    }
    incoming
      .on('data', onData)
      .once('end', () => resolve(Buffer.concat(chunks)))
      .once('error', reject)
      .once('close', () => {
        // Creating the stack of an error takes time, so there is no error after a complete body.
        if (!incoming.complete)
          reject(new Error('The client closed the connection before the body.'))
      })
  })
}

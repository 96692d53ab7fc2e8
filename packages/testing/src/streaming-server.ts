import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { startHttp, type RunningServer } from './running-server.ts'

const CHUNK = Buffer.alloc(65_536, 'x')
/** What an endless response ends at, if nothing stops it. */
const ENDLESS_BYTES = 512 * 1_048_576

/** The state of a response that a test started under a name. */
export interface StreamState {
  writtenBytes: number
  /** The client has disconnected, or the response has ended. */
  closed: boolean
}

interface Streamed {
  outgoing: ServerResponse
  state: StreamState
}

/**
 * Starts a server whose responses a test writes piece by piece, so that nothing waits for real time. `:name` is one that the test
 * chooses:
 *
 * - `/streams/:name` sends headers, and then what `POST /push/:name` brings; `POST /end/:name` ends it
 * - `/endless/:name` writes as fast as the client reads
 * - `/silent/:name` sends nothing, not even headers
 * - `/state/:name` returns a {@link StreamState}
 */
export const startStreamingServer = (): Promise<RunningServer> => startHttp(streamingServer())

function streamingServer(): Server {
  const streams = new Map<string, Streamed>()
  const open = (name: string, outgoing: ServerResponse): Streamed => {
    const streamed = { outgoing, state: { writtenBytes: 0, closed: false } }
    outgoing.once('close', () => (streamed.state.closed = true))
    streams.set(name, streamed)
    return streamed
  }
  return createServer((incoming, outgoing) => {
    outgoing.setHeader('access-control-allow-origin', '*')
    outgoing.setHeader(
      'access-control-allow-headers',
      incoming.headers['access-control-request-headers'] ?? '*',
    )
    outgoing.setHeader('content-type', 'text/plain')
    const [, kind, name = ''] = new URL(incoming.url ?? '/', 'http://localhost').pathname.split('/')
    if (incoming.method === 'OPTIONS') outgoing.end()
    else if (kind === 'streams') {
      open(name, outgoing)
      outgoing.flushHeaders()
    } else if (kind === 'endless') writeEndlessly(open(name, outgoing))
    else if (kind === 'silent') open(name, outgoing)
    else if (kind === 'push') void push(streams.get(name), incoming, outgoing)
    else if (kind === 'end') {
      streams.get(name)?.outgoing.end()
      outgoing.end()
    } else outgoing.end(JSON.stringify(streams.get(name)?.state ?? null))
  })
}

function writeEndlessly({ outgoing, state }: Streamed): void {
  const write = (): void => {
    while (!state.closed && state.writtenBytes < ENDLESS_BYTES) {
      state.writtenBytes += CHUNK.length
      if (!outgoing.write(CHUNK)) return
    }
    outgoing.end()
  }
  outgoing.on('drain', write)
  write()
}

async function push(
  streamed: Streamed | undefined,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  for await (const chunk of incoming) streamed?.outgoing.write(chunk)
  outgoing.end()
}

import { once } from 'node:events'
import type { Server } from 'node:http'

/** A server of a test, on this machine. */
export interface RunningServer {
  /** Without a slash at the end. */
  url: string
  /** Ends it, open connections too. */
  stop(): Promise<void>
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startHttp(server: Server): Promise<RunningServer> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no TCP port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

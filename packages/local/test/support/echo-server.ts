import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

/** What a server received. */
export interface Received {
  method: string
  url: string
  headers: IncomingMessage['headers']
  rawHeaders: readonly string[]
  body: Buffer
}

/** Serves until the test ends, and collects what it receives. */
export async function serveBackend(
  respond: (received: Received, outgoing: ServerResponse) => void,
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
      const body = Buffer.concat(chunks)
      const { method = '', url = '', headers, rawHeaders } = incoming
      const one = { method, url, headers, rawHeaders, body }
      received.push(one)
      respond(one, outgoing)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return { url: `http://127.0.0.1:${address.port}`, received }
}

import { createServer } from 'node:http'
import { existsSync, readFileSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

/** A folder of files, served on a free port of the loopback interface. */
export interface Served {
  url: string
  stop(): Promise<void>
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
}

/**
 * Serves a folder as any host of static files does: a folder's `index.html`, after a redirect to the address with a slash.
 *
 * @param documents  More documents, by their path.
 */
export async function serve(
  folder: string,
  documents: Record<string, string> = {},
): Promise<Served> {
  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURI(new URL(url, 'http://localhost').pathname)
    const file = join(folder, normalize(path.endsWith('/') ? `${path}index.html` : path))
    const there = file.startsWith(folder) && existsSync(file) && statSync(file).isFile()
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
    if (documents[path] !== undefined) response.end(documents[path])
    else if (existsSync(join(file, 'index.html'))) {
      response.writeHead(301, { location: `${encodeURI(path)}/` }).end()
    } else if (there) response.end(readFileSync(file))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

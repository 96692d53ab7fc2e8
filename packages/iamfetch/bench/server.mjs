// The server of the loopback bench, in a process of its own. It ends with the process that forked it.
import { createServer } from 'node:http'

const page = process.argv[2]
const PAGE = '<!doctype html><script type=module src=/page.js></script>'

const server = createServer((request, response) => {
  request.resume()
  if (request.method === 'POST') {
    request.on('end', () => response.end('{}'))
    return
  }
  const isScript = request.url === '/page.js'
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
  response.end(isScript ? page : PAGE)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())

// The server of the loopback bench, in a process of its own: reads each body and responds with 200. Prints its port.
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-allow-headers', '*')
  response.setHeader('access-control-max-age', '600')
  request.resume()
  request.on('end', () => response.end('{}'))
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.on('disconnect', () => process.exit())

import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { startHttp, type RunningServer } from '@iamfetch/testing/servers'

/** An MCP server of the official SDK with sessions, and what reached it. */
export interface McpTestServer extends RunningServer {
  readonly requests: readonly IncomingMessage[]
  /** How many calls of the tool `wait` were cancelled. */
  readonly cancelled: () => number
  /** Sends a message that no request asked for. */
  readonly announce: () => void
  readonly sessions: () => number
}

export async function startMcpServer(): Promise<McpTestServer> {
  const transports = new Map<string, StreamableHTTPServerTransport>()
  const requests: IncomingMessage[] = []
  const servers: McpServer[] = []
  let cancelled = 0

  const create = async (): Promise<StreamableHTTPServerTransport> => {
    const server = new McpServer({ name: 'test', version: '1.0.0' })
    servers.push(server)
    server.registerTool('hello', { description: 'Says hello.' }, () => ({
      content: [{ type: 'text', text: 'hello ü' }],
    }))
    server.registerTool(
      'progress',
      { description: 'Reports.' },
      async ({ _meta, sendNotification }) => {
        for (const progress of [1, 2]) {
          const progressToken = _meta?.progressToken ?? ''
          // The SDK's client drops a report that arrives together with the result.
          await setTimeout(20)
          await sendNotification({
            method: 'notifications/progress',
            params: { progress, total: 2, progressToken },
          })
        }
        await setTimeout(20)
        return { content: [{ type: 'text', text: 'done' }] }
      },
    )
    server.registerTool('wait', { description: 'Waits for ever.' }, ({ signal }) => {
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          cancelled++
          resolve({ content: [] })
        })
      })
    })
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
    })
    await server.connect(transport)
    return transport
  }
  const running = await startHttp(
    createServer((incoming, outgoing) => {
      requests.push(incoming)
      const id = String(incoming.headers['mcp-session-id'])
      if (incoming.url === '/denied') {
        outgoing.writeHead(403, { 'x-local-reason': 'ImplicitDeny: no statement allows it' })
        outgoing.end('{"message":"Forbidden"}')
        return
      }
      void (async () =>
        (transports.get(id) ?? (await create())).handleRequest(incoming, outgoing))()
    }),
  )
  return {
    ...running,
    requests,
    cancelled: () => cancelled,
    sessions: () => transports.size,
    announce: () => {
      for (const server of servers) server.sendToolListChanged()
    },
  }
}

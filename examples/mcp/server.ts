import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { Caller } from '@iamfetch/server'
import { z } from 'zod'

/**
 * Creates the MCP server of one call. Its tools act for the caller, whom IAM or the JWT authorizer has let in.
 *
 * @param caller  Who called: `withCaller` of `@iamfetch/server` tells.
 */
export function createNotesServer(caller: Caller): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('whoami', { description: 'Says who is calling.' }, () => ({
    content: [{ type: 'text', text: `${caller.kind} ${caller.subject ?? caller.clientId ?? ''}` }],
  }))
  server.registerTool(
    'add',
    { description: 'Adds two numbers.', inputSchema: { a: z.number(), b: z.number() } },
    ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }),
  )
  return server
}

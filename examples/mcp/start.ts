import { startLocalStack, type LocalStack } from '@iamfetch/local'
import type { Plugin } from 'vite'
import { mcpAccess } from './access.ts'
import { createHandler } from './handler.ts'

export type McpStack = LocalStack<ReturnType<typeof mcpAccess>>

/** Starts the local stack with the MCP server as the function behind its routes. */
export async function startMcp(): Promise<McpStack> {
  let handler: ReturnType<typeof createHandler> | undefined
  const stack = await startLocalStack(mcpAccess((event, context) => handler?.(event, context)))
  const { userPoolId } = stack.config
  // The server trusts the tokens of this user pool, whose ID is known now.
  handler = createHandler({ userPools: [{ userPoolId, clientIds: null }] })
  return stack
}

/** Serves the stack's `config.json` next to the page, as a deployment does. */
export function configJson({ config }: McpStack): Plugin {
  const middleware = (
    request: { url?: string | undefined },
    response: { setHeader(name: string, value: string): void; end(body: string): void },
    next: () => void,
  ): void => {
    if (request.url !== '/config.json') return next()
    response.setHeader('content-type', 'application/json')
    response.setHeader('cache-control', 'no-store')
    response.end(JSON.stringify(config))
  }
  return {
    name: 'config.json',
    configureServer: (server) => void server.middlewares.use(middleware),
    configurePreviewServer: (server) => void server.middlewares.use(middleware),
  }
}

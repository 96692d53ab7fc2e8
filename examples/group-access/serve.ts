import type { LocalStack } from '@iamfetch/local'
import type { Plugin } from 'vite'

/** Serves the stack's `config.json` next to the page, as a deployment does. */
export function configJson(stack: LocalStack): Plugin {
  const middleware = (
    request: { url?: string | undefined },
    response: { setHeader(name: string, value: string): void; end(body: string): void },
    next: () => void,
  ): void => {
    if (request.url?.split('?')[0] !== '/config.json') return next()
    response.setHeader('content-type', 'application/json')
    response.setHeader('cache-control', 'no-store')
    response.end(JSON.stringify(stack.config))
  }
  return {
    name: 'config.json',
    configureServer: (server) => void server.middlewares.use(middleware),
    configurePreviewServer: (server) => void server.middlewares.use(middleware),
  }
}

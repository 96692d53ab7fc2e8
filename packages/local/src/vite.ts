import { join } from 'node:path'
import type { Plugin, ViteDevServer } from 'vite'
import { answerControl, CONTROL_PATH, type ControlledStack } from './faults/control-endpoint.ts'
import { checkOptions, show } from './invalid-option.ts'
import type { LocalStack } from './local-stack.ts'
import { belongsTo, checkNames, wrongOption } from './vite-definition.ts'
import { startDevStack } from './vite-stack.ts'

export { permissions, type PermissionsPluginOptions } from './vite-permissions.ts'

/** Which stack {@link localStack} starts. */
export interface LocalStackPluginOptions {
  /** The file whose default export is the definition, relative to Vite's root. @default 'stack.ts' */
  definition?: string | undefined
  /**
   * Cognito listens at this port, and the APIs and function URLs at the next ones, as with `iamfetch-local --port`. It may be
   * the text of an environment variable; an empty text is the default.
   *
   * @default free ports, which stay the same while the dev server runs
   */
  port?: number | string | undefined
  /** Whether each request to the stack is one line in the terminal, with the true reason of a refusal. @default true */
  log?: boolean | undefined
}

/**
 * A Vite plugin that runs the local stack together with the dev server.
 *
 * - The stack starts with the dev server and stops with it. It prints what `iamfetch-local` prints: the APIs, the users with their
 *   passwords and groups, a call to try, and a line for each request.
 * - `npx iamfetch sign --user alice GET /notes` finds the stack and the passwords, in a terminal of the same person.
 * - `config.json` is served next to the page, as it is in a deployment.
 * - The panel of `iamfetch/devtools` can make the stack misbehave: `createDevtools({ localStack: '/__iamfetch' })`. Only the page itself may.
 * - When the definition or a file that it imports changes, a new stack takes over at the same ports, with the same users,
 *   passwords and sessions, and the page reloads. A definition that is wrong is reported, and the previous stack stays.
 * - Vite does not clear the terminal, where the passwords are, unless `clearScreen` is set.
 * - A build is not affected.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for a wrong option.
 * @example
 * ```ts
 * import { localStack } from '@iamfetch/local/vite'
 * import react from '@vitejs/plugin-react'
 * import { defineConfig } from 'vite'
 *
 * export default defineConfig({ plugins: [react(), localStack()] })
 * ```
 */
export function localStack(options: LocalStackPluginOptions = {}): Plugin {
  checkNames('localStack', options, ['definition', 'port', 'log'])
  const { definition = 'stack.ts', log = true } = options
  if (typeof log !== 'boolean') {
    throw wrongOption('localStack', `"log" must be true or false, got ${show(log)}`)
  }
  const port = portFrom(options.port)
  // By the client environment of the dev server: Vite may restart with this same plugin.
  const stops = new Map<object, () => Promise<void>>()

  return {
    name: 'iamfetch:local-stack',
    apply: (_, { command, mode }) => command === 'serve' && mode !== 'test',
    config: ({ clearScreen = false }) => ({ clearScreen }),
    async configureServer(server) {
      const file = join(server.config.root, definition)
      const devServer = { server, file, port, log }
      const stack = await startDevStack(devServer)
      stops.set(server.environments['client'], () => stack.remove(devServer))
      serveConfig(server, () => stack.current?.stack)
      serveControl(server, () => stack.current)
      server.watcher.on('change', (changed) => {
        if (belongsTo(server, file, changed)) stack.reload(devServer)
      })
    },
    async buildEnd() {
      const stop = stops.get(this.environment)
      stops.delete(this.environment)
      await stop?.()
    },
  }
}

function portFrom(port: number | string | undefined): number | undefined {
  if (port === undefined || port === '') return undefined
  const read = typeof port === 'string' ? Number(port) : port
  if (Number.isInteger(read) && read >= 1 && read <= 65_535) return read
  throw wrongOption('localStack', `"port" must be a port from 1 to 65535, got ${show(port)}`)
}

function serveConfig(server: ViteDevServer, stack: () => LocalStack | undefined): void {
  const path = `${server.config.base}config.json`
  server.middlewares.use((request, response, next) => {
    const current = stack()
    if (!current || request.url?.split('?')[0] !== path) return next()
    response.setHeader('content-type', 'application/json')
    response.setHeader('cache-control', 'no-store')
    response.end(JSON.stringify(current.config))
  })
}

/** Lets the development panel of the page make the stack misbehave. */
function serveControl(server: ViteDevServer, current: () => ControlledStack | undefined): void {
  const path = `${server.config.base}${CONTROL_PATH}`
  server.middlewares.use((request, response, next) => {
    const controlled = current()
    if (!controlled || request.url?.split('?')[0] !== path) return next()
    answerControl(controlled, request, response).catch(next)
  })
}

/**
 * A Vite plugin for a stack that was started elsewhere: it takes the orders of `iamfetch/devtools` at `/__iamfetch`, as
 * {@link localStack} does.
 *
 * @param controlled.faults      What the stack was started with.
 * @param controlled.definition  Its definition, for the names of its routes.
 */
export function localStackControls(controlled: ControlledStack): Plugin {
  checkOptions('localStackControls', controlled, { faults: true, definition: true })
  return {
    name: 'iamfetch:local-stack-controls',
    apply: 'serve',
    configureServer: (server) => serveControl(server, () => controlled),
  }
}

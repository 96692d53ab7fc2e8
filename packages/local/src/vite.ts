import { dirname, join } from 'node:path'
import type { Plugin, ViteDevServer } from 'vite'
import { listenersOf, planPorts, portsOf, type Ports } from './ports.ts'
import { answerControl, CONTROL_PATH, type ControlledStack } from './faults/control-endpoint.ts'
import { createFaults } from './faults/faults.ts'
import { checkOptions } from './invalid-option.ts'
import { printable } from './http/printable.ts'
import type { LocalStack } from './local-stack.ts'
import { startLocalStack } from './stack.ts'
import { belongsTo, checkNames, load } from './vite-definition.ts'

export { permissions, type PermissionsPluginOptions } from './vite-permissions.ts'

/** Which stack {@link localStack} starts. */
export interface LocalStackPluginOptions {
  /** The file whose default export is the definition, relative to Vite's root. @default 'stack.ts' */
  definition?: string | undefined
  /** Ports of the stack. @default free ports, which stay the same while the dev server runs */
  ports?: Ports | undefined
}

/**
 * A Vite plugin that runs the local stack together with the dev server.
 *
 * - The stack starts with the dev server and stops with it. The users and their passwords are printed.
 * - `config.json` is served next to the page, as it is in a deployment.
 * - The panel of `iamfetch/devtools` can make the stack misbehave: `createDevtools({ localStack: '/__iamfetch' })`. Only the page itself may.
 * - When the definition or a file that it imports changes, a new stack takes over at the same ports, with the same users,
 *   passwords and sessions, and the page reloads. A definition that is wrong is reported, and the previous stack stays.
 * - A build is not affected.
 *
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
  checkNames('localStack', options, ['definition', 'ports'])
  const { definition: path = 'stack.ts', ports } = options
  let running: RunningStack | undefined
  let turn: Promise<void> = Promise.resolve()

  return {
    name: 'iamfetch:local-stack',
    apply: (_, { command, mode }) => command === 'serve' && mode !== 'test',
    async configureServer(server) {
      const file = join(server.config.root, path)
      const definition = await load(server, file)
      const faults = createFaults()
      const stack = await startLocalStack(definition, {
        ports: ports ?? {},
        directory: dirname(file),
        faults,
      })
      running = { stack, faults, definition }
      report(server, running.stack)
      serveConfig(server, () => running?.stack)
      serveControl(server, () => running)
      const restart = async (): Promise<void> => {
        if (running) running = await replace(server, file, running)
      }
      server.watcher.on('change', (changed) => {
        // One restart after the other: two at once would compete for the ports.
        if (belongsTo(server, file, changed)) turn = turn.then(restart)
      })
    },
    async buildEnd() {
      await turn
      await running?.stack.stop()
      running = undefined
    },
  }
}

/** The stack of a dev server. */
interface RunningStack extends ControlledStack {
  readonly stack: LocalStack
}

/** Starts the stack again at the same ports. Returns the previous one if the new definition is wrong. */
async function replace(
  server: ViteDevServer,
  file: string,
  previous: RunningStack,
): Promise<RunningStack> {
  const { logger } = server.config
  try {
    // Vite may not have seen the change yet.
    server.environments['ssr'].moduleGraph.invalidateAll()
    const definition = await load(server, file)
    const ports = planPorts(listenersOf(definition), { before: portsOf(previous.stack.config) })
    const directory = dirname(file)
    const options = { ports, directory, memory: await previous.stack.remember() }
    // Checks the definition before the previous stack stops.
    const trial = await startLocalStack(definition, { memory: options.memory, directory })
    await trial.stop()
    await previous.stack.stop()
    const faults = createFaults()
    const stack = await startLocalStack(definition, { ...options, faults })
    logger.info('The local stack runs with the new definition.', { timestamp: true })
    server.hot.send({ type: 'full-reload' })
    return { stack, faults, definition }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    logger.error(`The local stack goes on with the previous definition: ${printable(reason)}`, {
      timestamp: true,
    })
    return previous
  }
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

function report(server: ViteDevServer, { config, users }: LocalStack): void {
  const apis = Object.entries(config.apis).map(([name, { url }]) => `  ${name}  ${url}`)
  const people = Object.values(users).map(
    ({ username, password }) => `  ${printable(username)}  ${password}`,
  )
  const urls = Object.entries(config.functionUrls).map(([name, { url }]) => `  ${name}  ${url}`)
  const lines = [
    'The local stack is running.',
    ' APIs',
    ...apis,
    ...(urls.length > 0 ? [' Function URLs', ...urls] : []),
    ' Users and their passwords',
    ...people,
  ]
  server.config.logger.info(lines.join('\n'))
}

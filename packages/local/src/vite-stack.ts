import { dirname } from 'node:path'
import type { ViteDevServer } from 'vite'
import { checkDefinition } from './definition/check-definition.ts'
import type { ControlledStack } from './faults/control-endpoint.ts'
import { createFaults } from './faults/faults.ts'
import { printable } from './http/printable.ts'
import { requestLine } from './http/request-log.ts'
import type { LocalStack } from './local-stack.ts'
import type { Memory } from './memory.ts'
import { listenersOf, planPorts, portsOf, type Ports } from './ports.ts'
import { startLocalStack } from './stack.ts'
import { outliveHandlers } from './terminal/outlive-handlers.ts'
import { paintFor } from './terminal/paint.ts'
import { report } from './terminal/report.ts'
import { runningOf } from './terminal/running.ts'
import { openUserSocket } from './terminal/user-socket.ts'
import { asOneSentence, load } from './vite-definition.ts'

/** A dev server with the settings of its stack. */
export interface DevServer {
  readonly server: ViteDevServer
  /** The definition, an absolute path. */
  readonly file: string
  /** Cognito's port. */
  readonly port: number | undefined
  /** Whether each request is printed. */
  readonly log: boolean
}

/**
 * By definition. When its configuration changes, Vite creates the next dev server before it closes the previous one: the stack
 * goes from one to the other, with its ports, passwords and sessions.
 */
const stacks = new Map<string, DevStack>()

/** Starts the stack of a dev server, or takes over the one that runs its definition. */
export async function startDevStack(devServer: DevServer): Promise<DevStack> {
  const stack = stacks.get(devServer.file) ?? new DevStack(devServer.file)
  stacks.set(devServer.file, stack)
  await stack.add(devServer)
  return stack
}

/** The stack of a definition, while dev servers use it. */
export class DevStack {
  readonly #file: string
  readonly #devServers = new Set<DevServer>()
  readonly #socket
  readonly #forgetHandlers = outliveHandlers()
  #current: (ControlledStack & { readonly stack: LocalStack }) | undefined
  #port: number | undefined
  #ports: Ports | undefined
  #memory: Memory | undefined
  #shown = ''
  /** One start after the other: two at once would compete for the ports. */
  #turn: Promise<void> = Promise.resolve()

  constructor(file: string) {
    this.#file = file
    this.#socket = openUserSocket({ cwd: process.cwd(), definition: file })
    process.once('SIGINT', this.#onInterrupt)
  }

  /** What runs now. */
  get current(): (ControlledStack & { readonly stack: LocalStack }) | undefined {
    return this.#current
  }

  /** @throws Error if the definition is wrong or a port is taken. */
  async add(devServer: DevServer): Promise<void> {
    this.#devServers.add(devServer)
    const started = this.#turn.then(() => this.#start(devServer))
    this.#turn = started.catch(() => {})
    try {
      await started
    } catch (error) {
      await this.remove(devServer)
      throw asOneSentence(error)
    }
  }

  /** Stops the stack if no other dev server uses it. */
  async remove(devServer: DevServer): Promise<void> {
    if (!this.#devServers.delete(devServer) || this.#devServers.size > 0) return
    stacks.delete(this.#file)
    process.off('SIGINT', this.#onInterrupt)
    this.#socket?.close()
    await this.#turn
    await this.#current?.stack.stop()
    this.#current = undefined
    this.#forgetHandlers()
  }

  /** Starts the stack again at the same ports, or reports why the previous one keeps running. */
  reload(devServer: DevServer): void {
    const { logger } = devServer.server.config
    this.#turn = this.#turn
      .then(async () => {
        // Vite may not have seen the change yet.
        devServer.server.environments['ssr'].moduleGraph.invalidateAll()
        await this.#start(devServer)
        logger.info('The local stack runs with the new definition.', { timestamp: true })
        devServer.server.hot.send({ type: 'full-reload' })
      })
      .catch((error: unknown) => {
        const reason = printable(error instanceof Error ? error.message : String(error))
        const state = this.#current ? 'goes on with the previous definition' : 'has ended'
        logger.error(`The local stack ${state}: ${reason}`, { timestamp: true })
      })
  }

  async #start(devServer: DevServer): Promise<void> {
    const { server, file, port, log } = devServer
    const { logger } = server.config
    const definition = await load(server, file, 'localStack')
    checkDefinition(definition)
    const directory = dirname(file)
    if (this.#current) {
      this.#memory = await this.#current.stack.remember()
      // Checks that the definition starts a stack before the previous one stops.
      const trial = await startLocalStack(definition, { memory: this.#memory, directory })
      await trial.stop()
      await this.#current.stack.stop()
      this.#current = undefined
    }
    const before = port === this.#port ? this.#ports : undefined
    const faults = createFaults()
    const stack = await startLocalStack(definition, {
      ports: planPorts(listenersOf(definition), { first: port, ...(before && { before }) }),
      directory,
      memory: this.#memory,
      faults,
      ...(log && { onRequest: (request) => logger.info(requestLine(request)) }),
    })
    this.#current = { stack, faults, definition }
    this.#port = port
    this.#ports = portsOf(stack.config)
    const running = runningOf(stack, definition)
    this.#socket?.show(running)
    const text = report(running, paintFor(process.stdout))
    if (text !== this.#shown) logger.info(text)
    this.#shown = text
  }

  /** Vite leaves Ctrl-C to Node, which ends the process at once and leaves the socket's file. */
  readonly #onInterrupt = (): void => {
    this.#socket?.close()
    if (process.listenerCount('SIGINT') === 0) process.kill(process.pid, 'SIGINT')
  }
}

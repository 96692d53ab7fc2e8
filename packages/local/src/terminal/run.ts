import { relative } from 'node:path'
import type { Memory } from '../memory.ts'
import { errorText, printable, printableLines } from '../http/printable.ts'
import { planPorts, portsOf, type Listeners, type Ports } from '../ports.ts'
import type { TemplateOptions } from '../templates/stack-from-template.ts'
import { CommandError } from './command-error.ts'
import { isLoopback } from '../http/host.ts'
import { paintFor } from './paint.ts'
import { report } from './report.ts'
import type { Running } from './running.ts'
import { startThread, type Thread } from './thread.ts'
import type { UserSocket } from './user-socket.ts'
import { watchFiles, type Watch } from './watch.ts'

/** How a stack runs in a terminal. */
export interface RunOptions {
  /** The absolute path of the definition. Defaults to the sample. */
  file: string | undefined
  /** How a template is read. */
  template?: TemplateOptions | undefined
  /** Cognito's port; the APIs come after it. */
  port: number | undefined
  /** Host names that the stack responds to in addition to those of this machine. */
  allowedHosts: readonly string[]
  /** The one address that the stack listens at. Defaults to 127.0.0.1 and ::1. */
  host?: string | undefined
  json: boolean
  /** Whether requests are not printed. */
  quiet: boolean
  /** Whether it starts again when the definition or what it imports changes. */
  reload: boolean
}

/**
 * Runs a stack until a signal ends it, and replaces it when its definition changes. The new stack has the ports, keys,
 * passwords and sessions of the previous one, which keeps running while the new one cannot be started.
 *
 * @throws CommandError if the first stack does not start, or if it ends with nothing to wait for.
 */
export async function run(options: RunOptions): Promise<void> {
  const runner = new Runner(options)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => runner.end())
  try {
    await runner.start()
    // Watching alone does not keep the process alive, and a thread that has ended must not end it.
    const alive = setInterval(() => {}, 2 ** 30)
    await runner.ended.finally(() => clearInterval(alive))
  } finally {
    await runner.stop()
  }
}

/** What --host exposes. */
const EXPOSED =
  'everything that reaches the ports of this stack can sign in, read config.json and call the APIs, and the handlers run on this machine. Use it in a container, and publish its ports to 127.0.0.1 alone.'

/** One stack after the other, each in a separate thread. */
class Runner {
  /** Settles when the stack is to end: by a signal, or by an error. */
  readonly ended: Promise<void>
  end: (error?: unknown) => void = () => {}

  readonly #options: RunOptions
  readonly #paint = { out: paintFor(process.stdout), err: paintFor(process.stderr) }
  #userSocket: UserSocket | undefined
  readonly #files: Watch
  #current: { thread: Thread; running: Running } | undefined
  #shown = ''
  #memory: Memory | undefined
  #ports: Ports | undefined
  #working: Promise<unknown> = Promise.resolve()

  constructor(options: RunOptions) {
    this.#options = options
    this.ended = new Promise((resolve, reject) => {
      this.end = (error) => (error === undefined ? resolve() : reject(error))
    })
    this.#files = watchFiles((path) => {
      this.#working = this.#working.then(() =>
        this.#replace(path).catch((error: unknown) => this.#explain(error, path)),
      )
    })
  }

  async start(): Promise<void> {
    const { port, host } = this.#options
    if (host !== undefined && !isLoopback(host)) {
      process.stderr.write(`${this.#paint.err('yellow', 'Open to the network')}: ${EXPOSED}\n`)
    }
    // The thread loads the stack while this one loads Node's HTTP server.
    const opening = this.#openUserSocket()
    const [loaded] = await Promise.allSettled([this.#load(), opening])
    if (loaded.status === 'rejected') throw loaded.reason
    const [thread, names] = loaded.value
    await this.#startIn(thread, planPorts(names, { first: port }))
  }

  async stop(): Promise<void> {
    this.#files.close()
    this.#userSocket?.close()
    await this.#working
    const last = this.#current
    this.#current = undefined
    await last?.thread.ask<'stop'>({ type: 'stop' }).catch(() => {})
    await last?.thread.end()
  }

  async #openUserSocket(): Promise<void> {
    const { openUserSocket } = await import('./user-socket.ts')
    const definition = this.#options.file ?? null
    this.#userSocket = openUserSocket({ cwd: process.cwd(), definition })
  }

  /** Loads the definition in a new thread. */
  async #load(): Promise<[Thread, Listeners]> {
    const { file, template, reload } = this.#options
    const thread = startThread(
      { file, template },
      {
        file: (path) => reload && this.#files.add(path),
        died: (error) => this.#died(thread, error),
      },
    )
    try {
      const { names } = await thread.ask<'load'>({ type: 'load' })
      return [thread, names]
    } catch (error) {
      await thread.end()
      throw error
    }
  }

  async #startIn(thread: Thread, ports: Ports, changed?: string): Promise<void> {
    const { allowedHosts, host, quiet } = this.#options
    const memory = this.#memory
    try {
      const { running } = await thread.ask<'start'>({
        type: 'start',
        ports,
        allowedHosts,
        ...(host !== undefined && { host }),
        quiet,
        memory,
      })
      this.#current = { thread, running }
      this.#ports = portsOf(running.told.config)
      this.#show(running, changed)
    } catch (error) {
      await thread.end()
      throw error
    }
  }

  async #replace(changed: string): Promise<void> {
    const { port } = this.#options
    const before = this.#current
    const [thread, names] = await this.#load()
    if (before) {
      try {
        this.#memory = (await before.thread.ask<'remember'>({ type: 'remember' })).memory
        await thread.ask<'rehearse'>({ type: 'rehearse', memory: this.#memory })
        this.#current = undefined
        await before.thread.ask<'stop'>({ type: 'stop' })
        await before.thread.end()
      } catch (error) {
        await thread.end()
        throw error
      }
    }
    const ports = planPorts(names, { first: port, ...(this.#ports && { before: this.#ports }) })
    await this.#startIn(thread, ports, changed)
  }

  #show(running: Running, changed?: string): void {
    const { json } = this.#options
    if (changed !== undefined && !json) {
      const name = printable(relative('.', changed))
      const text = `${name} changed; the new stack has the previous ports, passwords and sessions.`
      process.stdout.write(`\n${this.#paint.out('green', 'Reloaded')}: ${text}\n`)
    }
    this.#userSocket?.show(running)
    const next = json ? printable(JSON.stringify(running.told)) : report(running, this.#paint.out)
    if (json || next !== this.#shown) process.stdout.write(`${next}\n`)
    this.#shown = next
  }

  #explain(error: unknown, path: string): void {
    printError(error)
    const previous = this.#current
      ? 'The stack goes on as it was.'
      : 'Nothing runs until the definition is corrected.'
    const name = this.#paint.err('yellow', printable(relative('.', path)))
    process.stderr.write(`${name} changed. ${previous}\n`)
  }

  #died(thread: Thread, error: unknown): void {
    if (this.#current?.thread !== thread) return
    this.#current = undefined
    if (this.#options.file === undefined || !this.#options.reload) return this.end(error)
    printError(error)
    process.stderr.write('The stack has ended. It starts again when the definition changes.\n')
  }
}

/** Prints an error on stderr. What a definition threw keeps its stack. */
export function printError(error: unknown): void {
  const paint = paintFor(process.stderr)
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${paint('red', 'iamfetch-local')}: ${printableLines(message)}\n`)
  if (!(error instanceof CommandError) || error.cause === undefined) return
  const { cause } = error
  process.stderr.write(`${typeof cause === 'string' ? printableLines(cause) : errorText(cause)}\n`)
}

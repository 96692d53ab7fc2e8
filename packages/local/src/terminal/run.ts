import { relative } from 'node:path'
import type { Memory } from '../memory.ts'
import { errorText, printable, printableLines } from '../http/printable.ts'
import { planPorts, portsOf, type Ports } from '../ports.ts'
import { CommandError } from './command-error.ts'
import { openUserSocket } from './user-socket.ts'
import { paintFor } from './paint.ts'
import { report, type Running } from './report.ts'
import { startThread, type Thread } from './thread.ts'
import { watchFiles } from './watch.ts'

/** How a stack runs in a terminal. */
export interface RunOptions {
  /** The definition, an absolute path. Left out, the sample runs. */
  file: string | undefined
  /** Cognito's port; the APIs come after it. */
  port: number | undefined
  /** Host names that the stack answers to beside those of this machine. */
  allowedHosts: readonly string[]
  json: boolean
  /** Whether it starts again when the definition or what it imports changes. */
  reload: boolean
}

/**
 * Runs a stack until a signal ends it, and puts another in its place when its definition changes. The new one has the
 * ports, keys, passwords and sessions of the old; while it cannot be made the old one goes on.
 *
 * @throws CommandError when the first one does not start, or when it dies with nothing to wait for.
 */
export async function run({ file, port, allowedHosts, json, reload }: RunOptions): Promise<void> {
  const paint = { out: paintFor(process.stdout), err: paintFor(process.stderr) }
  const userSocket = openUserSocket({ cwd: process.cwd(), definition: file ?? null })
  let current: { thread: Thread; running: Running } | undefined
  let text = ''
  let lastMemory: Memory | undefined
  let lastPorts: Ports | undefined
  let working: Promise<unknown> = Promise.resolve()

  const files = watchFiles((path) => {
    working = working.then(() => replace(path).catch((error: unknown) => complain(error, path)))
  })

  const begin = async (): Promise<[Thread, string[]]> => {
    const thread = startThread(file, {
      file: (path) => reload && files.add(path),
      died: (error) => died(thread, error),
    })
    try {
      const { apis } = await thread.ask<'load'>({ type: 'load' })
      return [thread, apis]
    } catch (error) {
      await thread.end()
      throw error
    }
  }

  const show = (running: Running): void => {
    userSocket?.show(running)
    const next = json ? printable(JSON.stringify(running.told)) : report(running, paint.out)
    if (json || next !== text) process.stdout.write(`${next}\n`)
    text = next
  }

  const replace = async (changed: string): Promise<void> => {
    const before = current
    const [thread, apis] = await begin()
    try {
      if (before) {
        lastMemory = (await before.thread.ask<'remember'>({ type: 'remember' })).memory
        await thread.ask<'rehearse'>({ type: 'rehearse', memory: lastMemory })
        current = undefined
        await before.thread.ask<'stop'>({ type: 'stop' })
        await before.thread.end()
      }
      const ports = planPorts(apis, { first: port, ...(lastPorts && { before: lastPorts }) })
      const { running } = await thread.ask<'start'>({
        type: 'start',
        ports,
        allowedHosts,
        memory: lastMemory,
      })
      current = { thread, running }
      lastPorts = portsOf(running.told.config)
      if (!json) {
        const name = printable(relative('.', changed))
        const said = `${name} changed; the new stack has the old ports, passwords and sessions.`
        process.stdout.write(`\n${paint.out('green', 'Reloaded')}: ${said}\n`)
      }
      show(running)
    } catch (error) {
      await thread.end()
      throw error
    }
  }

  const complain = (error: unknown, path: string): void => {
    printError(error)
    const left = current ? 'The stack goes on as it was.' : 'Nothing runs until it is put right.'
    process.stderr.write(
      `${paint.err('yellow', printable(relative('.', path)))} changed. ${left}\n`,
    )
  }

  let end: (error?: unknown) => void = () => {}
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error))
  })
  const died = (thread: Thread, error: unknown): void => {
    if (current?.thread !== thread) return
    current = undefined
    if (file === undefined || !reload) return end(error)
    printError(error)
    process.stderr.write('The stack has ended. It starts again when the definition changes.\n')
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end())
  try {
    const [thread, apis] = await begin()
    try {
      const ports = planPorts(apis, { first: port })
      const { running } = await thread.ask<'start'>({ type: 'start', ports, allowedHosts })
      current = { thread, running }
      lastPorts = portsOf(running.told.config)
      show(running)
    } catch (error) {
      await thread.end()
      throw error
    }
    // Watching alone keeps no process; a thread that has died must not end it.
    const alive = setInterval(() => {}, 2 ** 30)
    await ended.finally(() => clearInterval(alive))
  } finally {
    files.close()
    userSocket?.close()
    await working
    const last = current
    current = undefined
    await last?.thread.ask<'stop'>({ type: 'stop' }).catch(() => {})
    await last?.thread.end()
  }
}

/** Says on stderr what is wrong; what a definition threw keeps its stack. */
export function printError(error: unknown): void {
  const paint = paintFor(process.stderr)
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${paint('red', 'iamfetch-local')}: ${printableLines(message)}\n`)
  if (!(error instanceof CommandError) || error.cause === undefined) return
  const { cause } = error
  process.stderr.write(`${typeof cause === 'string' ? printableLines(cause) : errorText(cause)}\n`)
}

// A thread with one definition and its stack. What the definition imported ends with it, so the next one starts afresh.
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { checkDefinition } from '../definition/check-definition.ts'
import type { StackDefinition } from '../definition/definition.ts'
import { errorText } from '../http/printable.ts'
import { requestLine } from '../http/request-log.ts'
import type { Memory } from '../memory.ts'
import { listenersOf, type Listeners, type Ports } from '../ports.ts'
import { sample } from '../definition/sample.ts'
import type { LocalStack } from '../local-stack.ts'
import { startLocalStack } from '../stack.ts'
import type { TemplateOptions } from '../templates/stack-from-template.ts'
import { CommandError } from './command-error.ts'
import { loadDefinition } from './load.ts'
import { outliveHandlers } from './outlive-handlers.ts'
import { runningOf, type Running } from './running.ts'

/** The data that a thread is started with. */
export interface ThreadData {
  /** The definition or the template. Defaults to the sample. */
  file?: string | undefined
  /** How a template is read. */
  template?: TemplateOptions | undefined
}

/** The messages that a thread receives. */
export type Order =
  | { type: 'load' }
  /** Checks that the definition starts a stack, on ports that are free. */
  | { type: 'rehearse'; memory: Memory }
  | {
      type: 'start'
      ports: Ports
      allowedHosts: readonly string[]
      /** The one address that the stack listens at. Defaults to 127.0.0.1 and ::1. */
      host?: string | undefined
      /** Whether requests are not printed. */
      quiet: boolean
      memory?: Memory | undefined
    }
  | { type: 'remember' }
  | { type: 'stop' }

/** The messages of a thread: files as it loads them, then one response to each order. */
export type Saying =
  | { type: 'file'; path: string }
  | { type: 'loaded'; names: Listeners }
  | { type: 'rehearsed' | 'stopped' }
  | { type: 'started'; running: Running }
  | { type: 'memory'; memory: Memory }
  /** `details` is the stack of what a definition threw. */
  | { type: 'failed'; message: string; details?: string }

// A thread has no origin.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const send = (saying: Saying): void => parentPort?.postMessage(saying)

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- given by run.ts
const { file, template } = workerData as ThreadData
/** Paths in a definition are relative to its file. */
const directory = file === undefined ? undefined : dirname(file)
let definition: StackDefinition = sample
let stack: LocalStack | undefined

async function execute(order: Order): Promise<Saying> {
  switch (order.type) {
    case 'load':
      if (file !== undefined) {
        definition = await loadDefinition(file, (path) => send({ type: 'file', path }), template)
      }
      checkDefinition(definition)
      return { type: 'loaded', names: listenersOf(definition) }
    case 'rehearse': {
      const trial = await startLocalStack(definition, { memory: order.memory, directory })
      await trial.stop()
      return { type: 'rehearsed' }
    }
    case 'start': {
      const { type: _, quiet, ...options } = order
      stack = await startLocalStack(definition, {
        ...options,
        directory,
        // On stderr, because stdout is for programs with --json.
        ...(!quiet && { onRequest: (request) => console.error(requestLine(request)) }),
      })
      return { type: 'started', running: runningOf(stack, definition) }
    }
    case 'remember':
      if (!stack) throw new CommandError('Nothing runs.')
      return { type: 'memory', memory: await stack.remember() }
    case 'stop':
      await stack?.stop()
  }
  return { type: 'stopped' }
}

outliveHandlers()

parentPort?.on('message', (order: Order) => {
  execute(order).then(send, (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    const cause = error instanceof CommandError ? error.cause : undefined
    const details = cause === undefined ? undefined : errorText(cause)
    send({ type: 'failed', message, ...(details !== undefined && { details }) })
  })
})

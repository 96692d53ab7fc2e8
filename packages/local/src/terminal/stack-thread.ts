// A thread with one definition and its stack. What the definition imported ends with it, so the next one starts afresh.
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { checkDefinition } from '../definition/check-definition.ts'
import type { StackDefinition } from '../definition/definition.ts'
import { currentHandler } from '../api-gateway/handler-context.ts'
import { errorText, logError, printable } from '../http/printable.ts'
import { requestLine } from '../http/request-log.ts'
import type { Memory } from '../memory.ts'
import { listenersOf, type Listeners, type Ports } from '../ports.ts'
import { sample } from '../definition/sample.ts'
import type { LocalStack } from '../local-stack.ts'
import { startLocalStack } from '../stack.ts'
import type { TemplateOptions } from '../templates/stack-from-template.ts'
import { CommandError } from './command-error.ts'
import { loadDefinition } from './load.ts'
import type { Running } from './report.ts'

/** What a thread is started with. */
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

/** What a thread says: files as it sees them, then one answer to each order. */
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
const say = (saying: Saying): void => parentPort?.postMessage(saying)

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
        definition = await loadDefinition(file, (path) => say({ type: 'file', path }), template)
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
      return { type: 'started', running: runningOf(stack) }
    }
    case 'remember':
      if (!stack) throw new CommandError('Nothing runs.')
      return { type: 'memory', memory: await stack.remember() }
    case 'stop':
      await stack?.stop()
  }
  return { type: 'stopped' }
}

/** Everything about a stack that the terminal shows, as plain data. */
function runningOf({ config, users, appClients, roles, admin, apiKeys }: LocalStack): Running {
  const routes = Object.entries(definition.apis ?? {}).map(([name, api]) => {
    const list = Object.entries(api.routes)
    return [name, list.map(([key, { auth = 'none' }]): [string, string] => [key, auth])] as const
  })
  const groups = Object.entries(definition.users ?? {}).map(([name, user]) => [
    name,
    [...(user.groups ?? [])],
  ])
  return {
    told: { config, users, appClients, roles, admin, apiKeys },
    routes: Object.fromEntries(routes),
    functionUrls: Object.fromEntries(
      Object.entries(definition.functionUrls ?? {}).map(([name, { authType }]) => [name, authType]),
    ),
    groups: Object.fromEntries(groups),
    scopes: Object.fromEntries(
      Object.entries(definition.appClients ?? {}).map(([name, { scopes }]) => [name, [...scopes]]),
    ),
  }
}

/**
 * A function on AWS that throws after its response ends nothing but itself: the stack logs the error and goes on. An
 * error outside of handlers is one of the definition, and ends the thread.
 */
function onUncaught(error: unknown): void {
  const name = currentHandler()
  if (name === undefined) throw error
  console.error(`The handler ${printable(name)} threw after its response.`)
  logError(error)
}
process.on('uncaughtException', onUncaught)
process.on('unhandledRejection', onUncaught)

parentPort?.on('message', (order: Order) => {
  execute(order).then(say, (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    const cause = error instanceof CommandError ? error.cause : undefined
    const details = cause === undefined ? undefined : errorText(cause)
    say({ type: 'failed', message, ...(details !== undefined && { details }) })
  })
})

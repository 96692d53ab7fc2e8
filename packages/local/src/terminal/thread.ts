import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { CommandError } from './command-error.ts'
import type { Order, Saying, ThreadData } from './stack-thread.ts'

/** A thread with a definition. */
export interface Thread {
  /** Sends one order and waits for the response. @throws CommandError with the message of the thread. */
  ask<Type extends Order['type']>(
    order: Extract<Order, { type: Type }>,
  ): Promise<Extract<Saying, { type: Answer[Type] }>>
  /** Ends it, whatever it does. */
  end(): Promise<void>
}

interface Answer {
  load: 'loaded'
  rehearse: 'rehearsed'
  start: 'started'
  remember: 'memory'
  stop: 'stopped'
}

/**
 * Starts a thread for a definition.
 *
 * @param on.file  Each file that is loaded with the definition.
 * @param on.died  The thread ended by itself: something in it threw outside of a handler, or called `process.exit`.
 */
export function startThread(
  data: ThreadData,
  on: { file: (path: string) => void; died: (error: unknown) => void },
): Thread {
  // Not `import.meta.resolve`, which Node has from 20.6 on.
  const file = createRequire(import.meta.url).resolve('#stack-thread')
  const worker = new Worker(file, { workerData: data })
  let waiting: { resolve: (saying: Saying) => void; reject: (error: unknown) => void } | undefined
  let ending = false
  let dead: { error: unknown } | undefined
  const fail = (error: unknown): void => {
    if (ending) return
    ending = true
    dead = { error }
    if (waiting) waiting.reject(error)
    else on.died(error)
    waiting = undefined
  }
  worker.on('error', (cause) => fail(new CommandError('The definition threw.', 1, { cause })))
  worker.on('exit', (code) => fail(new CommandError(`The definition ended its thread (${code}).`)))
  worker.on('message', (saying: Saying) => {
    if (saying.type === 'file') return on.file(saying.path)
    if (saying.type === 'failed') {
      waiting?.reject(new CommandError(saying.message, 1, { cause: saying.details }))
    } else waiting?.resolve(saying)
    waiting = undefined
  })
  return {
    ask: (order) =>
      new Promise((resolve, reject) => {
        // It may have ended between two orders and would not respond.
        if (dead) throw dead.error
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- orders and answers go by pairs
        waiting = { resolve: resolve as (saying: Saying) => void, reject }
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
        worker.postMessage(order)
      }),
    async end() {
      ending = true
      await worker.terminate()
    },
  }
}

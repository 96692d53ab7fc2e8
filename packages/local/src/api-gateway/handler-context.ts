import { AsyncLocalStorage } from 'node:async_hooks'

const running = new AsyncLocalStorage<string>()

/** Runs a handler. Whatever it starts, timers included, belongs to it, even after its response. */
export const runHandler = <T>(name: string, run: () => T): T => running.run(name, run)

/**
 * Returns the name of the handler that the current asynchronous context belongs to, in `uncaughtException` and
 * `unhandledRejection` listeners too; `undefined` outside of handlers.
 *
 * On AWS an error that a function throws after its response ends that function's process and nothing else.
 */
export const currentHandler = (): string | undefined => running.getStore()

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, resolve as resolvePath } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { startTimeout } from '../api-gateway/timeout.ts'
import type {
  HandlerFile,
  LocalContext,
  LocalHandler,
  StreamedHandler,
} from '../definition/backend.ts'
import type { Clock } from '../faults/faults.ts'
import { fail } from '../definition/place.ts'
import { logError } from '../http/printable.ts'
import { show } from '../invalid-option.ts'
import { asStreamedHandler } from '../lambda-runtime/awslambda.ts'
import type { ResponseStream } from '../lambda-runtime/response-stream.ts'
import { watchFiles } from '../terminal/watch.ts'
import type { FromThread, HandlerThreadData, ToThread } from './handler-thread.ts'

/** A handler file that was found. */
export interface LocatedHandler extends Omit<HandlerFile, 'file'> {
  /** The absolute path. */
  path: string
  exportName: string
}

/**
 * Finds the file of a handler.
 *
 * @param place  Where the definition names it, for messages.
 * @throws `TypeError` with the code `INVALID_OPTION` if there is no such file, or this Node cannot run it.
 */
export function locateHandlerFile(
  source: string | HandlerFile,
  directory: string,
  place: string,
): LocatedHandler {
  const { file, ...settings } = typeof source === 'string' ? { file: source } : source
  const hash = file.lastIndexOf('#')
  const path = resolvePath(directory, file.slice(0, hash))
  if (!existsSync(path)) {
    fail(place, `must name a file that exists, got ${show(file)}, which is ${path}`)
  }
  if (/^\.[cm]?tsx?$/.test(extname(path)) && !process.features.typescript) {
    const version = process.versions.node
    fail(place, `has a TypeScript file, which needs Node 22.18 or later; this is Node ${version}`)
  }
  return { ...settings, path, exportName: file.slice(hash + 1) }
}

/** Where a handler runs. */
export interface Surroundings {
  region: string
  clock: Clock
}

/** A handler file that can be called. */
export interface OpenHandlerFile {
  handler: LocalHandler
  /** The same file as a handler that writes to a stream. */
  streamedHandler: StreamedHandler
  /** Ends its thread. */
  stop(): Promise<void>
}

/**
 * Opens a handler file: a thread loads it at the first call, and again at the first call after it changed. A call that is
 * under way is finished with the code that it began with.
 */
export function openHandlerFile(
  located: LocatedHandler,
  surroundings: Surroundings,
): OpenHandlerFile {
  let current: HandlerThread | undefined
  const old = new Set<HandlerThread>()
  const retire = (thread: HandlerThread): void => {
    old.add(thread)
    void thread.finish().finally(() => old.delete(thread))
  }
  const files = watchFiles(() => {
    if (current) retire(current)
    current = undefined
  })
  files.add(located.path)
  const opened = (): HandlerThread => {
    if (current?.ended) current = undefined
    return (current ??= startHandlerThread(located, surroundings, (path) => files.add(path)))
  }
  return {
    handler: async (event: unknown, context: LocalContext) => opened().call(event, context),
    streamedHandler: asStreamedHandler(
      async (event: unknown, stream: ResponseStream, context: LocalContext) =>
        opened().call(event, context, stream),
    ),
    async stop() {
      files.close()
      await Promise.all([...old, ...(current ? [current] : [])].map((thread) => thread.end()))
      current = undefined
    },
  }
}

/** A thread with one handler. */
interface HandlerThread {
  /** Whether it can no longer be called. */
  readonly ended: boolean
  /** @param stream  Where a handler that streams writes its response. */
  call(event: unknown, context: LocalContext, stream?: ResponseStream): Promise<unknown>
  /** Ends it after the calls that are under way. */
  finish(): Promise<void>
  end(): Promise<void>
}

interface PendingCall {
  resolve: (result: unknown) => void
  reject: (error: Error) => void
  stream: ResponseStream | undefined
}

// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of the closure
function startHandlerThread(
  { path, exportName, environment = {}, memoryMb, timeoutSeconds }: LocatedHandler,
  { region, clock }: Surroundings,
  loaded: (path: string) => void,
): HandlerThread {
  const name = `${path}#${exportName}`
  const data: HandlerThreadData = { path, exportName, memoryMb: memoryMb ?? 128 }
  const worker = new Worker(threadFile(), {
    workerData: data,
    env: { AWS_REGION: region, AWS_DEFAULT_REGION: region, ...process.env, ...environment },
    ...(memoryMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
  })
  // A stack that is forgotten does not keep the process alive.
  worker.unref()
  const pending = new Map<string, PendingCall>()
  let ended = false
  let lastCall = (): void => {}
  const settle = (id: string): PendingCall | undefined => {
    const call = pending.get(id)
    pending.delete(id)
    if (pending.size === 0) {
      worker.unref()
      lastCall()
    }
    return call
  }
  const fall = (error: Error): void => {
    ended = true
    const calls = [...pending.keys()].map(settle)
    for (const call of calls) call?.reject(error)
  }
  const end = async (): Promise<void> => {
    ended = true
    await worker.terminate()
  }
  const send = (order: ToThread): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    worker.postMessage(order)
  }
  /** Passes a piece on. The handler waits until it was written; pieces after the end of the stream are dropped. */
  const write = ({ id, contentType, piece }: Extract<FromThread, { type: 'piece' }>): void => {
    const taken = (): void => send({ type: 'taken', id })
    const stream = pending.get(id)?.stream
    if (!stream || stream.destroyed) return taken()
    stream.setContentType(contentType)
    stream.write(piece, taken)
  }
  worker.on('message', (message: FromThread) => {
    if (message.type === 'file') return loaded(message.path)
    if (message.type === 'piece') return write(message)
    const call = settle(message.id)
    if (message.type === 'result') call?.resolve(message.result)
    else call?.reject(errorOf(message))
    // A file that could not be loaded is loaded again by the next call.
    if (message.type === 'error' && !message.isLoaded) void end()
  })
  worker.on('error', (error: Error & { code?: string }) => {
    const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    const what = outOfMemory ? `needs more than its memory of ${memoryMb} MB` : 'ended by an error'
    logError(error)
    fall(new Error(`The handler ${name} ${what}: ${error.message}`, { cause: error }))
  })
  worker.on('exit', (code) => fall(new Error(`The handler ${name} ended its thread (${code}).`)))
  return {
    get ended() {
      return ended
    },
    call(event, context, stream) {
      const result = new Promise<unknown>((resolve, reject) => {
        pending.set(context.awsRequestId, { resolve, reject, stream })
      })
      worker.ref()
      const timeoutMs = (timeoutSeconds ?? (stream ? LONGEST_FUNCTION_SECONDS : 30)) * 1_000
      send({ type: 'call', event, context, timeoutMs, isStreamed: stream !== undefined })
      if (timeoutSeconds === undefined) return result
      const timeout = startTimeout(clock, timeoutSeconds * 1_000)
      void timeout.over.then(() => {
        const seconds = timeoutSeconds.toFixed(2)
        fall(new Error(`The handler ${name} failed: Task timed out after ${seconds} seconds`))
        void end()
      })
      return result.finally(() => timeout.end())
    },
    async finish() {
      if (pending.size > 0) await new Promise<void>((resolve) => (lastCall = resolve))
      await end()
    },
    end,
  }
}

/** For how long a handler that streams may run. */
const LONGEST_FUNCTION_SECONDS = 900

/** An error as the handler threw it: its name and stack are those of the handler. */
function errorOf({ name, message, stack }: Extract<FromThread, { type: 'error' }>): Error {
  return Object.assign(new Error(message), { name, ...(stack !== undefined && { stack }) })
}

/** From the sources it is the file next to this one; a build has it where the package.json says. */
const threadFile = (): string =>
  import.meta.url.endsWith('.ts')
    ? fileURLToPath(new URL('handler-thread.ts', import.meta.url))
    : createRequire(import.meta.url).resolve('#handler-thread')

// A thread with the handler of one file. From the stack it loads only Lambda's runtime; everything else is code of the project.
import module from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { provideAwsLambda, writesToStream } from '../lambda-runtime/awslambda.ts'
import { ResponseStream } from '../lambda-runtime/response-stream.ts'

/** The data that the thread is started with. */
export interface HandlerThreadData {
  path: string
  exportName: string
  memoryMb: number
}

/** One call. */
export interface CallToThread {
  type: 'call'
  event: unknown
  context: { awsRequestId: string; functionName: string }
  timeoutMs: number
  /** Whether the handler writes its response to a stream. */
  isStreamed: boolean
}

/** What the thread receives: calls, and that a piece of a response was taken. */
export type ToThread = CallToThread | { type: 'taken'; id: string }

/** The messages of the thread: files as they are loaded, pieces of streamed responses, and the outcome of each call. */
export type FromThread =
  | { type: 'file'; path: string }
  /** The next piece follows after `taken`. */
  | { type: 'piece'; id: string; contentType: string; piece: Uint8Array }
  | { type: 'result'; id: string; result: unknown }
  | {
      type: 'error'
      id: string
      name: string
      message: string
      stack?: string | undefined
      /** Whether the file was loaded: the handler threw, and not its file. */
      isLoaded: boolean
    }

type Callback = (error: unknown, result?: unknown) => void
type Handler = (event: unknown, context: object, callback: Callback) => unknown
type StreamHandler = (event: unknown, stream: ResponseStream, context: object) => unknown

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- given by handler-file.ts
const { path, exportName, memoryMb } = workerData as HandlerThreadData

// A thread has no origin.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const report = (message: FromThread): void => parentPort?.postMessage(message)

// By name at run time: Nodes before 22.15 do not have it. There, only the file itself is watched.
if (typeof module.registerHooks === 'function') {
  module.registerHooks({
    load(url, context, next) {
      if (url.startsWith('file:') && !url.includes('/node_modules/')) {
        report({ type: 'file', path: fileURLToPath(url) })
      }
      return next(url, context)
    },
  })
}

let loading: Promise<Handler> | undefined

async function load(): Promise<Handler> {
  const loaded: Record<string, unknown> = await import(pathToFileURL(path).href)
  // The names that a CommonJS module exports are not always found.
  const whole = loaded['default']
  const inDefault = typeof whole === 'object' && whole !== null ? Object.entries(whole) : []
  const handler = loaded[exportName] ?? new Map(inDefault).get(exportName)
  if (isHandler(handler)) return handler
  const names = Object.keys(loaded).join(', ') || 'nothing'
  throw new TypeError(`${path} has no function "${exportName}"; it exports ${names}.`)
}

const isHandler = (value: unknown): value is Handler => typeof value === 'function'

/** The context that a Lambda function receives, as far as it exists here. */
function contextOf({ context, timeoutMs }: CallToThread): object {
  const end = Date.now() + timeoutMs
  return {
    ...context,
    functionVersion: '$LATEST',
    memoryLimitInMB: String(memoryMb),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, end - Date.now()),
  }
}

/** Calls the handler. One that returns no promise may return its result by the callback, as on Lambda. */
const call = (handler: Handler, order: CallToThread): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const callback: Callback = (error, result) =>
      error === null || error === undefined ? resolve(result) : reject(error)
    const returned = handler(order.event, contextOf(order), callback)
    const isPromise = typeof returned === 'object' && returned !== null && 'then' in returned
    if (isPromise || handler.length < 3) resolve(returned)
  })

/** For each streamed response: continues it when its piece was written. */
const waiting = new Map<string, () => void>()

/** Calls a handler that writes to a stream, and reports what it writes piece by piece. */
async function callStreamed(handler: StreamHandler, order: CallToThread): Promise<void> {
  const id = order.context.awsRequestId
  const stream = new ResponseStream()
  const pieces = new Writable({
    write(piece: Uint8Array, _encoding, done) {
      waiting.set(id, done)
      report({ type: 'piece', id, contentType: stream.contentType, piece: new Uint8Array(piece) })
    },
  })
  const sent = pipeline(stream, pieces)
  const work = async (): Promise<void> => {
    try {
      await handler(order.event, stream, contextOf(order))
      stream.end()
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error('The handler threw no Error.'))
      throw error
    }
  }
  try {
    // What the handler threw comes first: the stream then fails with the same error.
    await Promise.all([work(), sent])
  } finally {
    waiting.delete(id)
  }
}

/** @returns The handler, as one that writes to a stream. */
function streamHandlerOf(handler: Handler): StreamHandler {
  if (writesToStream(handler)) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- marked by awslambda.streamifyResponse
    return handler as unknown as StreamHandler
  }
  const name = `${path}#${exportName}`
  throw new TypeError(`${name} does not stream: wrap it in awslambda.streamifyResponse.`)
}

async function answer(order: CallToThread): Promise<void> {
  const id = order.context.awsRequestId
  let isLoaded = false
  try {
    const handler = await (loading ??= load())
    isLoaded = true
    if (order.isStreamed) {
      await callStreamed(streamHandlerOf(handler), order)
      report({ type: 'result', id, result: null })
      return
    }
    if (writesToStream(handler)) {
      throw new TypeError(
        `${path}#${exportName} streams: set "responseTransferMode" of the REST API's route to "stream", or "invokeMode" of the function URL to "RESPONSE_STREAM".`,
      )
    }
    const result = await call(handler, order)
    // The result of a Lambda function goes through JSON.
    report({ type: 'result', id, result: JSON.parse(JSON.stringify(result ?? null)) })
  } catch (error) {
    const { name, message, stack } =
      error instanceof Error ? error : { name: 'Error', message: String(error), stack: undefined }
    report({ type: 'error', id, name, message, stack, isLoaded })
  }
}

// Streamed handlers use it when their file is imported.
provideAwsLambda()

parentPort?.on('message', (order: ToThread) => {
  if (order.type === 'call') void answer(order)
  else waiting.get(order.id)?.()
})

// A thread with the handler of one file. It imports nothing of the stack: what it loads is the project's own.
import module from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'

/** What the thread is started with. */
export interface HandlerThreadData {
  path: string
  exportName: string
  memoryMb: number
}

/** One call. */
export interface ToThread {
  event: unknown
  context: { awsRequestId: string; functionName: string }
  timeoutMs: number
}

/** What the thread reports: files as they are loaded, and the outcome of each call. */
export type FromThread =
  | { type: 'file'; path: string }
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

/** The context that Lambda gives to a function, as far as it exists here. */
function contextOf({ context, timeoutMs }: ToThread): object {
  const end = Date.now() + timeoutMs
  return {
    ...context,
    functionVersion: '$LATEST',
    memoryLimitInMB: String(memoryMb),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, end - Date.now()),
  }
}

/** Calls the handler. One that returns no promise may answer by its callback, as on Lambda. */
const call = (handler: Handler, order: ToThread): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const callback: Callback = (error, result) =>
      error === null || error === undefined ? resolve(result) : reject(error)
    const returned = handler(order.event, contextOf(order), callback)
    const isPromise = typeof returned === 'object' && returned !== null && 'then' in returned
    if (isPromise || handler.length < 3) resolve(returned)
  })

async function answer(order: ToThread): Promise<void> {
  const id = order.context.awsRequestId
  let isLoaded = false
  try {
    const handler = await (loading ??= load())
    isLoaded = true
    const result = await call(handler, order)
    // What a Lambda function returns has been JSON.
    report({ type: 'result', id, result: JSON.parse(JSON.stringify(result ?? null)) })
  } catch (error) {
    const { name, message, stack } =
      error instanceof Error ? error : { name: 'Error', message: String(error), stack: undefined }
    report({ type: 'error', id, name, message, stack, isLoaded })
  }
}

parentPort?.on('message', (order: ToThread) => void answer(order))

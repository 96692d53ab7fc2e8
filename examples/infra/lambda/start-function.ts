import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Where a function's bundle is and how it is called. */
export interface FunctionPlace {
  /** The folder that Lambda unpacks. */
  folder: string
  /** `index.read`: the file and its export. */
  handler: string
  /** Replaces the environment of this process. */
  environment: Record<string, string>
}

/** A function in a process of its own. */
export interface RunningFunction {
  /**
   * Invokes it.
   *
   * @returns What the handler returned.
   * @throws {@link FunctionError} if the handler threw, or if the process could not load it.
   */
  call: (event: unknown) => Promise<unknown>
  stop: () => Promise<void>
}

/** What a function reported instead of a result. */
export class FunctionError extends Error {
  /** `init` if the bundle could not be loaded, `invocation` if the handler threw. */
  readonly phase: 'init' | 'invocation'

  constructor(phase: 'init' | 'invocation', message: string) {
    super(message)
    this.phase = phase
  }
}

/** The Node of this repository, which is the version of the functions. */
const node = join(import.meta.dirname, '../../../node_modules/.bin/node')
const client = join(import.meta.dirname, 'node_modules/aws-lambda-ric/index.mjs')
const native = join(import.meta.dirname, 'node_modules/aws-lambda-ric/rapid-client.node')
const standIn = join(import.meta.dirname, 'native-stand-in.cjs')

/**
 * Starts a function as Lambda does: AWS's runtime interface client in a process of its own, on a runtime API that
 * listens on loopback.
 *
 * @see [AWS: the runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html)
 */
export async function startFunction(place: FunctionPlace): Promise<RunningFunction> {
  if (!existsSync(client)) throw new Error('Run node examples/infra/lambda/install.mjs first.')
  const api = await startRuntimeApi()
  const isCompiled = existsSync(native) && statSync(native).size > 0
  const args = [...(isCompiled ? [] : ['--require', standIn]), client, place.handler]
  const child = spawn(node, args, {
    cwd: place.folder,
    env: {
      PATH: process.env['PATH'],
      LAMBDA_TASK_ROOT: place.folder,
      _HANDLER: place.handler,
      AWS_LAMBDA_FUNCTION_NAME: place.handler,
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_GROUP_NAME: 'log',
      AWS_LAMBDA_LOG_STREAM_NAME: 'log',
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${api.port}`,
      ...place.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  child.once('exit', (code) => {
    api.fail(new FunctionError('init', `The process ended with ${code}.\n${output}`))
  })
  return {
    call: api.invoke,
    async stop() {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined
      child.kill('SIGKILL')
      await ended
      await api.stop()
    },
  }
}

interface Invocation {
  id: string
  event: unknown
  resolve: (result: unknown) => void
  reject: (error: Error) => void
}

/** The part of the runtime API that a client uses. */
async function startRuntimeApi() {
  const waiting: Invocation[] = []
  const running = new Map<string, Invocation>()
  const polls: ServerResponse[] = []
  let failure: Error | undefined
  let count = 0

  const deliver = (): void => {
    while (waiting.length > 0 && polls.length > 0) {
      const invocation = waiting.shift()!
      running.set(invocation.id, invocation)
      polls.shift()!.writeHead(200, headersOf(invocation.id)).end(JSON.stringify(invocation.event))
    }
  }
  const fail = (error: Error): void => {
    failure ??= error
    for (const { reject } of [...waiting, ...running.values()]) reject(failure)
  }
  const server = createServer((request, response) => {
    void handle(request, response)
  })
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = '', what = ''] = /\/runtime\/(?:invocation\/)?([^/]+)(?:\/(\w+))?$/.exec(
      request.url ?? '',
    ) ?? ['', '', '']
    if (id === 'next') {
      polls.push(response)
      return deliver()
    }
    const body = await textOf(request)
    response.writeHead(202, { 'content-type': 'application/json' }).end('{}')
    if (id === 'init') return fail(new FunctionError('init', body))
    const invocation = running.get(id)
    running.delete(id)
    if (what === 'response') invocation?.resolve(JSON.parse(body))
    else invocation?.reject(new FunctionError('invocation', body))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    fail,
    invoke: (event: unknown): Promise<unknown> =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure)
        waiting.push({ id: `invocation-${count++}`, event: event ?? {}, resolve, reject })
        deliver()
      }),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const headersOf = (id: string): Record<string, string> => ({
  'content-type': 'application/json',
  'lambda-runtime-aws-request-id': id,
  'lambda-runtime-deadline-ms': String(Date.now() + 60_000),
  'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-central-1:123456789012:function:one',
})

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
  return text
}

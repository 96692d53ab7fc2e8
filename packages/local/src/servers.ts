import type { IncomingMessage, Server } from 'node:http'
import { listen, type Listening } from './http/listen.ts'
import { pathOf, reasonOf, type HandledRequest, type OnRequest } from './http/request-log.ts'

/** The servers of one stack. */
export interface Servers {
  /** @returns The origin. */
  start(name: string, server: Server, port?: number, end?: () => void): Promise<string>
  stop(): Promise<void>
}

/** Creates the list of the servers that a stack has started, and of what stops them. */
export function createServers({
  allowedHosts,
  host,
  onRequest,
}: {
  allowedHosts: readonly string[]
  host: string | undefined
  onRequest: OnRequest | undefined
}): Servers {
  const running: Listening[] = []
  return {
    async start(name, server, port = 0, end) {
      const onForeignHost = (incoming: IncomingMessage, reason: string): void =>
        onRequest?.({ ...requestOf(name, incoming), status: 421, reason })
      const listening = await listen(server, port, allowedHosts, onForeignHost, host)
      running.push({
        ...listening,
        stop() {
          end?.()
          return listening.stop()
        },
      })
      return listening.origin
    },
    async stop() {
      await Promise.all(running.splice(0).map((server) => server.stop()))
    },
  }
}

/** The name of the server of Cognito and Secrets Manager in reports of requests. */
export const COGNITO = 'cognito'

export type Reported = Pick<IncomingMessage, 'method' | 'url' | 'headers'>

/** Describes a request for `onRequest`. */
function requestOf(
  server: string,
  { method = 'GET', url = '/', headers }: Reported,
): Omit<HandledRequest, 'status'> {
  const target = headers['x-amz-target']
  const operation = typeof target === 'string' ? target.split('.').at(-1) : undefined
  return {
    server,
    method,
    path: pathOf(url),
    ...(server === COGNITO && operation !== undefined && { operation }),
  }
}

/** Returns what reports the requests of one server. */
export const reportOf =
  (server: string, onRequest: OnRequest) =>
  (incoming: Reported, { status, headers }: Response): void =>
    onRequest({ ...requestOf(server, incoming), status, reason: reasonOf(status, headers) })

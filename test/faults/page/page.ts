import { cognitoCredentials, followTabs } from '@iamfetch/cognito'
import { createIamFetch, signWebSocketUrl } from 'iamfetch'
import { explain, rememberRequests } from 'iamfetch/explain'

/** What a page, a worker or a service worker receives. */
export interface Setup {
  identityPoolId: string
  endpoint: string
  region: string
  apis: Record<string, string>
  idToken: string
  /** How far its clock is off, in milliseconds. */
  skewMs?: number
}

/** What it may be asked to do: a call, a WebSocket, an explanation, a sign-out in every tab. */
export type Task =
  | { kind: 'call'; api: string; method: string; path?: string }
  | { kind: 'explain'; api: string; method: string; probe?: boolean }
  | { kind: 'socket'; message: string }
  | { kind: 'status' }
  | { kind: 'clear' }

/** Does tasks one by one, with one set of credentials. The same code in a page and in workers. */
export function serve({
  identityPoolId,
  endpoint,
  region,
  apis,
  idToken,
  skewMs = 0,
}: Setup): (task: Task) => Promise<unknown> {
  const clock = { now: () => Date.now() + skewMs }
  const credentials = cognitoCredentials({
    identityPoolId,
    endpoint,
    clock,
    idToken: () => Promise.resolve(idToken),
  })
  followTabs(credentials)
  const fetch = rememberRequests()
  const call = (api: string, path: string, method: string): Promise<Response> =>
    createIamFetch({ baseUrl: apis[api], region, credentials, fetch, retry: { attempts: 1 } })(
      path,
      {
        method,
      },
    )
  return async (task) => {
    switch (task.kind) {
      case 'call':
        return (await call(task.api, task.path ?? '/test', task.method)).status
      case 'explain': {
        const answer = await call(task.api, '/test', task.method).catch((error: unknown) => error)
        const probe = task.probe ? globalThis.fetch.bind(globalThis) : undefined
        const { code, message, responsible } = await explain(answer, {
          clock: credentials.clock,
          probe,
        })
        return { code, message, responsible }
      }
      case 'socket': {
        const url = await signWebSocketUrl({ url: apis['live'] ?? '', region, credentials })
        const socket = new WebSocket(url)
        return new Promise((resolve) => {
          socket.addEventListener('open', () => socket.send(task.message))
          socket.addEventListener('message', ({ data }) => {
            resolve(data)
            socket.close()
          })
          socket.addEventListener('close', ({ code }) => resolve(code))
        })
      }
      case 'status':
        return credentials.status().state
      case 'clear':
        credentials.clear()
        return undefined
      default:
        throw new TypeError('no such task')
    }
  }
}

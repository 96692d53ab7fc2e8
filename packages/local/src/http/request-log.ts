import { printable } from './printable.ts'

/** One request that a stack has responded to. */
export interface HandledRequest {
  /** The name of the API, or `cognito` for the user pool, the identity pool and Secrets Manager. */
  server: string
  method: string
  /** Without the query, which may have signatures, codes and tokens. */
  path: string
  /** The operation of AWS's JSON protocol, such as `InitiateAuth`. */
  operation?: string | undefined
  status: number
  /** The true reason of a refusal. */
  reason?: string | undefined
}

/** Receives each request after its response was created. */
export type OnRequest = (request: HandledRequest) => void

/** Describes a request and its response in one line for a terminal. */
export function requestLine({
  server,
  method,
  path,
  operation,
  status,
  reason,
}: HandledRequest): string {
  const what = operation === undefined ? `${method} ${path}` : operation
  const why = reason === undefined ? '' : `  ${reason}`
  return printable(`${status} ${server} ${what}${why}`)
}

/** Reads from the headers of a response why it refuses. `undefined` if it does not refuse. */
export function reasonOf(status: number, headers: Headers): string | undefined {
  const local = headers.get('x-local-reason') ?? undefined
  const type = headers.get('x-amzn-errortype')?.replace(/:.*$/, '')
  const message = headers.get('x-amzn-errormessage')
  // The JSON services have the type and the message of AWS in headers, and not always a reason of ours.
  if (status < 400 || !type || !message) return local
  return local === undefined ? `${type}: ${message}` : `${type}: ${message} (${local})`
}

/** The path of a request target, without its query. */
export const pathOf = (target: string): string => target.replace(/\?.*$/s, '')

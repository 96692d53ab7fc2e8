import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StackDefinition } from '../definition/definition.ts'
import type { FaultKind } from './fault-order.ts'
import type { Faults } from './faults.ts'

/** The stack that takes the orders. */
export interface ControlledStack {
  readonly faults: Faults
  readonly definition: StackDefinition
}

/** Where a dev server takes orders, below its base. */
export const CONTROL_PATH = '__iamfetch'

const LARGEST_ORDER_BYTES = 10_000
const FAULTS: readonly string[] = ['throttle', 'fail', 'slow', 'drop', 'garbage']
const COGNITO = ['GetId', 'GetCredentialsForIdentity', 'InitiateAuth', 'RespondToAuthChallenge']

/**
 * Responds to requests of the development panel: the list of operations (GET), and orders to make the stack misbehave (POST).
 *
 * Only a page of the same origin may send orders: another page that is open in the browser is refused, whatever it sends.
 */
export async function answerControl(
  { faults, definition }: ControlledStack,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(body))
  }
  const refuse = (status: number, message: string): void => answer(status, { message })
  if (!isSameOrigin(request)) return refuse(403, 'Only the page of this dev server may do this.')
  if (request.method === 'GET') return answer(200, { operations: operationsOf(definition) })
  if (request.method !== 'POST') return refuse(405, 'The method must be GET or POST.')
  if (!request.headers['content-type']?.startsWith('application/json')) {
    return refuse(415, 'The content type must be application/json.')
  }
  const text = await read(request)
  if (text === undefined) return refuse(413, 'The order is too large.')
  try {
    carryOut(faults, JSON.parse(text))
  } catch (error) {
    return refuse(400, String(error instanceof Error ? error.message : error))
  }
  answer(200, {})
}

/** A browser says where a request comes from; a request with another `Host` was sent to a name that only points here. */
function isSameOrigin({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const { host = '', origin } = headers
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)) return false
  return origin === undefined || [`http://${host}`, `https://${host}`].includes(origin)
}

const operationsOf = ({ apis = {} }: StackDefinition): string[] => [
  ...Object.entries(apis).flatMap(([name, { routes }]) =>
    Object.keys(routes).map((route) => `${name} ${route}`),
  ),
  ...COGNITO,
]

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    bytes += chunk.length
    if (bytes > LARGEST_ORDER_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function carryOut(faults: Faults, order: unknown): void {
  const { action, accessKeyId, ms, operation, fault }: Record<string, unknown> =
    typeof order === 'object' && order !== null ? { ...order } : {}
  if (action === 'expire-session' && typeof accessKeyId === 'string') {
    return faults.expireSession(accessKeyId)
  }
  if (action === 'shift-clock' && typeof ms === 'number') return faults.shiftClock(ms)
  if (action === 'next' && typeof operation === 'string' && isFault(fault)) {
    faults.next(operation, fault)
    return
  }
  throw new TypeError(
    'The order must be {"action":"expire-session","accessKeyId":…}, {"action":"shift-clock","ms":…} or {"action":"next","operation":…,"fault":…}.',
  )
}

const isFault = (fault: unknown): fault is FaultKind =>
  typeof fault === 'string' && FAULTS.includes(fault)

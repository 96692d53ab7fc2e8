import { Hono, type Context } from 'hono'
import type { Faults } from '../faults/faults.ts'
import { readHeaders, sourceIpOf, type RawRequest } from '../http/raw-request.ts'
import { headerText, logError, printable } from '../http/printable.ts'
import { applyFault } from '../faults/apply-fault.ts'
import { drawUuid, type Random } from '../random.ts'
import { Refusal } from './service-error.ts'
import { bodyOf } from '../http/request-body.ts'

/**
 * One operation: receives the members of the request, returns the members of the response.
 *
 * @param call  The request as it came over the wire, where it did: signatures are over that.
 */
export type Operation = (input: Record<string, unknown>, call?: RawCall) => unknown

/** A request as it came, and the port that it came in at. */
export interface RawCall {
  request: RawRequest
  port: number | undefined
}

/** What the node server passes in addition to the request. */
export interface NodeBindings {
  Bindings: {
    incoming?: {
      url?: string
      rawHeaders: string[]
      socket: { destroy(): unknown; remoteAddress?: string; localPort?: number }
    }
  }
}

// As real Cognito responds (amplify-js#2443, #4346), and our reason in addition.
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date,x-local-reason',
}
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST',
  // What Amplify v6 and the AWS SDK send from a browser. A header that is not among them fails here too.
  'access-control-allow-headers':
    'content-type,x-amz-target,x-amz-user-agent,amz-sdk-invocation-id,amz-sdk-request,cache-control,x-amz-content-sha256,authorization,x-amz-date,x-amz-security-token',
  'access-control-max-age': '172800',
}

/**
 * Serves operations of AWS's JSON 1.1 protocol, `POST /` with the operation's name in `x-amz-target`, and
 * documents in addition.
 *
 * Every call is counted, and an ordered fault may apply to it. The `Date` of a response is the stack's time, for clients that
 * correct their clock by it.
 *
 * @param services   For each prefix of `x-amz-target` its operations by name.
 * @param documents  For each path the document that a `GET` of it returns. For faults a document has the name
 *   `GET /.well-known/…`, without the part of the path before it.
 * @see [AWS JSON 1.1 protocol](https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html)
 */
// oxlint-disable-next-line max-lines-per-function -- short methods that share the state of the closure
export function awsJson(
  services: Readonly<Record<string, Readonly<Record<string, Operation>>>>,
  documents: Readonly<Record<string, (url: string) => unknown>>,
  { faults, random }: { faults: Faults; random: Random },
): Hono<NodeBindings> {
  const operations = new Map<string, Called>()
  for (const [prefix, service] of Object.entries(services)) {
    for (const [name, operation] of Object.entries(service)) {
      operations.set(`${prefix}.${name}`, {
        name,
        operation,
        messageMember: messageMemberOf(prefix),
      })
    }
  }
  const call = async (
    c: Context<NodeBindings>,
    { name, messageMember }: Pick<Called, 'name' | 'messageMember'>,
    run: () => unknown,
  ): Promise<Response> => {
    const refused = (error: Refusal): Response => refusal(error, messageMember)
    const instead = await applyFault(faults.take(name), {
      clock: faults.clock,
      signal: c.req.raw.signal,
      socket: c.env?.incoming?.socket,
      throttled: () => refused(new Refusal('TooManyRequestsException', 'Rate exceeded', 'a fault')),
      refused: ({ type, message, status }) =>
        refused(new Refusal(type, message, 'a fault', status)),
      failed: () =>
        refused(new Refusal('InternalErrorException', 'Internal error', 'a fault', 500)),
    })
    if (instead) return instead
    try {
      return answer(200, await run())
    } catch (error) {
      if (error instanceof Refusal) return refused(error)
      throw error
    }
  }

  const app = new Hono<NodeBindings>()
  app.use(async (c, next) => {
    await next()
    // What a browser shows or follows by itself, scripts of other origins need not read.
    const isPage = c.res.headers.get('content-type')?.startsWith('text/html')
    if (!isPage && c.res.status !== 302) {
      for (const [name, value] of Object.entries(CORS)) c.res.headers.set(name, value)
    }
    c.res.headers.set('date', new Date(faults.clock.now()).toUTCString())
    if (!c.res.headers.has('x-amzn-requestid')) {
      c.res.headers.set('x-amzn-requestid', drawUuid(random))
    }
  })
  app.onError((error) => {
    if (error instanceof Refusal) return refusal(error)
    logError(error)
    return new Response('Internal Server Error', { status: 500 })
  })
  app.options('*', () => new Response(null, { status: 200, headers: PREFLIGHT }))
  app.post('/', async (c, next) => {
    const target = c.req.header('x-amz-target') ?? ''
    // AWS's query protocol, which STS has.
    if (target === '' && isForm(c)) return next()
    const found = operations.get(target)
    if (!found) {
      const message = unsupported(target, services)
      const member = messageMemberOf(target.split('.')[0] ?? '')
      return refusal(new Refusal('UnknownOperationException', message, `no ${target} here`), member)
    }
    const body = await bodyOf(c.req.raw)
    return call(c, found, () => found.operation(members(body), rawCallOf(c, body)))
  })
  for (const [path, document] of Object.entries(documents)) {
    const name = `GET ${path.slice(path.indexOf('/.well-known'))}`
    app.get(path, async (c) => {
      const response = await call(c, { name, messageMember: 'message' }, () => document(c.req.url))
      // OpenID Connect clients check it.
      if (response.ok) response.headers.set('content-type', 'application/json')
      return response
    })
  }
  return app
}

const isForm = ({ req }: Context): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(req.header('content-type') ?? '')

/** AWS's message is empty, but there it cannot happen to an SDK, and SDKs show nothing else. */
function unsupported(
  target: string,
  services: Readonly<Record<string, Readonly<Record<string, Operation>>>>,
): string {
  const dot = target.lastIndexOf('.')
  const [prefix, name] = [target.slice(0, Math.max(dot, 0)), target.slice(dot + 1)]
  if (!Object.hasOwn(services, prefix)) {
    const known = Object.keys(services).join(', ')
    return `The local stack does not support the service of "${printable(target).slice(0, 100)}" (header x-amz-target). It supports ${known}.`
  }
  const known = Object.keys(services[prefix] ?? {}).toSorted()
  return `The local stack does not support the operation ${printable(name).slice(0, 100)} of ${prefix}. It supports ${known.join(', ')}.`
}

/** The member of an error that has its message. */
type MessageMember = 'message' | 'Message'

/** An operation with what its errors need. */
interface Called {
  name: string
  operation: Operation
  messageMember: MessageMember
}

/** Recorded of Secrets Manager: LocalStack's snapshots; moto's tests marked `aws_verified`. */
const messageMemberOf = (prefix: string): MessageMember =>
  prefix === 'secretsmanager' ? 'Message' : 'message'

/** The request as it came over the wire; `undefined` without a server of Node. */
export function rawCallOf(
  { env, req }: Context<NodeBindings>,
  body: Uint8Array,
): RawCall | undefined {
  if (!env?.incoming) return undefined
  const { url = '/', rawHeaders, socket } = env.incoming
  const sourceIp = sourceIpOf(socket)
  return {
    request: { method: req.method, target: url, headers: readHeaders(rawHeaders), body, sourceIp },
    port: socket.localPort,
  }
}

function members(body: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof parsed === 'object' && parsed && !Array.isArray(parsed)) return { ...parsed }
  } catch {
    // Reported below, without quoting what may contain a token.
  }
  throw new Refusal('SerializationException', 'The body is not a JSON object')
}

function refusal(
  { type, message, status, reason }: Refusal,
  messageMember: MessageMember = 'message',
): Response {
  return answer(
    status,
    { __type: type, [messageMember]: message },
    {
      'x-amzn-errortype': headerText(`${type}:`),
      'x-amzn-errormessage': headerText(message),
      ...(reason !== undefined && { 'x-local-reason': headerText(reason) }),
    },
  )
}

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
  })

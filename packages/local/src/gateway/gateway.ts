import type { ApiDefinition } from '../definition.ts'
import type { Clock, Faults } from '../faults.ts'
import type { Sessions } from '../identity/sessions.ts'
import { logError } from '../printable.ts'
import { suffer } from '../suffer.ts'
import { denialOf } from './access.ts'
import { hasNoBody } from './answer.ts'
import { notSigned } from './authorization.ts'
import { createCors } from './cors.ts'
import type { Admitted, Place } from './event.ts'
import { invoke } from './invoke.ts'
import { headerOf, splitTarget, type RawRequest, type Target } from './raw-request.ts'
import { newRequestId, refuse, refuseAs, requestHeaders, type Refusal } from './refusal.ts'
import { createRouter, decodePath, METHODS, type Match } from './routes.ts'
import { verifySignature } from './signature.ts'
import { verifyToken, type TokenRules } from './token.ts'

/** What one API of the stack is made of. */
export interface GatewayOptions {
  /** Its name in the definition. */
  name: string
  api: ApiDefinition
  apiId: string
  region: string
  accountId: string
  sessions: Sessions
  tokens: Omit<TokenRules, 'clock'>
  clock: Clock
  faults?: Pick<Faults, 'take'> | undefined
  /** Called with what a handler threw. Defaults to {@link logError}. */
  log?: ((error: unknown) => void) | undefined
}

/** A client's connection. */
export interface Connection {
  /** Aborts when the client goes away. */
  signal: AbortSignal
  socket?: { destroy(): unknown } | undefined
  /** The port it came in at. */
  port?: number | undefined
}

/** One API. */
export interface Gateway {
  /** `$default` is not in the path. */
  readonly stage: string
  /** Answers one request. It never rejects. */
  handle(request: RawRequest, connection: Connection): Promise<Response>
  /** Answers a request whose body is over 10 MB and was not read to its end. */
  tooLarge(request: RawRequest): Response
}

/**
 * Makes the gateway of one API: routes, authorises, calls the handler, answers as AWS does.
 *
 * In this order: CORS preflight, stage, route, faults, authorisation, handler.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { name, api, apiId, region, accountId, sessions, clock, faults } = options
  const { log = logError } = options
  const { type } = api
  const stage = api.stage ?? (type === 'http' ? '$default' : 'prod')
  const route = createRouter(api)
  const cors = createCors(api)
  const stamp = (headers: Headers): void => headers.set('date', new Date(clock.now()).toUTCString())

  const refused = (
    request: RawRequest,
    refusal: Refusal,
    requestId: string = newRequestId(type),
    label?: string,
  ): Response => {
    const response = refuse(type, refusal, requestId, label)
    cors.onRefusal(request, response.headers)
    stamp(response.headers)
    return response
  }

  const admit = async (
    request: RawRequest,
    target: Target,
    { route: { auth, scopes } }: Match,
    place: Place,
    port: number | undefined,
  ): Promise<Admitted | Refusal> => {
    if (auth === 'none') return {}
    if (auth === 'jwt') {
      const authorization = headerOf(request, 'authorization')
      const token = await verifyToken(type, authorization, scopes, { ...options.tokens, clock })
      return 'kind' in token ? token : { ...token, scopes: scopes?.length ? token.scopes : null }
    }
    const session = await verifySignature(request, target, { sessions, region, clock, port })
    if ('kind' in session) return session
    return denialOf(request, session, { ...place, region }) ?? { session }
  }

  const answered = async (
    request: RawRequest,
    match: Match,
    place: Place,
    admitted: Admitted,
  ): Promise<Response> => {
    const { requestId } = place
    const answer = await invoke({ type, name, clock, log }, request, match, place, admitted)
    if ('kind' in answer) return refused(request, answer, requestId)
    const headers = requestHeaders(type, requestId)
    for (const [key, value] of answer.headers) headers.append(key, value)
    cors.onAnswer(request, headers)
    stamp(headers)
    const body = hasNoBody(answer.status) ? null : answer.body
    return new Response(body, { status: answer.status, headers })
  }

  const handle: Gateway['handle'] = async (request, { signal, socket, port }) => {
    const requestId = newRequestId(type)
    const target = splitTarget(request.target)
    const segments = target && decodePath(target.path)
    if (!target || !segments) {
      const reason = 'the request target is not a path and query in visible ASCII'
      return refused(request, { kind: 'BadRequest', reason }, requestId)
    }
    const inStage = withoutStage(target.path, stage)
    const notFound = (reason: string): Response => {
      const authorization = headerOf(request, 'authorization')
      const looksForSignature =
        type === 'rest' && authorization && !authorization.startsWith('AWS4-')
      const refusal = looksForSignature ? notSigned(request) : { kind: 'NoRoute' as const }
      return refused(request, { ...refusal, reason }, requestId, 'NoRoute')
    }
    const hasRoutes = (): boolean =>
      inStage !== undefined && METHODS.some((method) => route(method, inStage) !== undefined)
    const preflight = cors.preflight(request, hasRoutes)
    if (preflight) {
      for (const [key, value] of requestHeaders(type, requestId)) preflight.set(key, value)
      stamp(preflight)
      return new Response(null, { status: 204, headers: preflight })
    }
    if (inStage === undefined) {
      return notFound(`the path does not begin with the stage /${stage}`)
    }
    const match = route(request.method, inStage)
    if (!match) return notFound(`no route ${request.method} ${target.path}`)
    const fault = await suffer(faults?.take(match.key, name), {
      clock,
      signal,
      socket,
      throttled: () => refused(request, { kind: 'Throttled', reason: ORDERED }, requestId),
      refused(refusal) {
        const response = refuseAs(type, refusal, requestId)
        cors.onRefusal(request, response.headers)
        stamp(response.headers)
        return response
      },
      failed: () => refused(request, { kind: 'Failed', reason: ORDERED }, requestId),
    })
    if (fault) return fault
    const place: Place = {
      accountId,
      apiId,
      stage,
      requestId,
      now: clock.now(),
      path: `/${segments.join('/')}`,
      resourcePath: `/${(decodePath(inStage) ?? []).join('/')}`,
      sent: { path: target.path, resourcePath: inStage },
    }
    const admitted = await admit(request, target, match, place, port)
    if ('kind' in admitted) {
      const label = 'effect' in admitted ? String(admitted.effect) : admitted.kind
      return refused(request, admitted, requestId, label)
    }
    return answered(request, match, place, admitted)
  }

  return {
    stage,
    async handle(request, connection) {
      try {
        return await handle(request, connection)
      } catch (error) {
        log(error)
        return refused(request, { kind: 'Failed', reason: 'the local gateway itself failed' })
      }
    },
    tooLarge: (request) =>
      refused(request, { kind: 'BodyTooLarge', reason: 'the body is over 10 MB' }),
  }
}

const ORDERED = 'a fault that the faults port was told to make'

/** @returns The path in the stage, nothing when it is not in this stage. */
function withoutStage(path: string, stage: string): string | undefined {
  if (stage === '$default') return path
  if (path === `/${stage}`) return '/'
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : undefined
}

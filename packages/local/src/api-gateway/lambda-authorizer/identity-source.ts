import { headerOf, type RawRequest } from '../../http/raw-request.ts'
import { domainOf, parametersOf, type Place } from '../event.ts'

/** Where a part of a caller's identity is. */
export interface IdentitySource {
  /** As it is written in the definition. */
  expression: string
  from: 'header' | 'query' | 'context'
  name: string
}

const FORMS = {
  rest: /^(?:method\.request\.(header|querystring)|(context))\.([^\s,]+)$/,
  http: /^\$(?:request\.(header|querystring)|(context))\.([^\s,]+)$/,
}

/** Examples for messages. */
const EXAMPLES = {
  rest: 'method.request.header.Authorization, method.request.querystring.key or context.path',
  http: '$request.header.Authorization, $request.querystring.key or $context.routeKey',
}

/**
 * Reads an identity source. Stage variables are not supported, because stages have none here.
 *
 * @throws Error that says what it must be.
 * @see [AWS: identity sources of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.identity-sources)
 */
export function readIdentitySource(expression: string, type: 'http' | 'rest'): IdentitySource {
  const [, part, context, name = ''] = FORMS[type].exec(expression) ?? []
  if (part !== undefined) {
    return { expression, from: part === 'header' ? 'header' : 'query', name }
  }
  if (context === undefined) throw new Error(`must be ${EXAMPLES[type]}`)
  const known = Object.keys(contextVariables(type))
  if (known.includes(name)) return { expression, from: 'context', name }
  throw new Error(`must be one of the context variables ${known.join(', ')}`)
}

/** @returns The values in the order of the sources; the first source without a value, if there is one. */
export function identityOf(
  sources: readonly IdentitySource[],
  request: RawRequest,
  place: Place,
  { type, routeKey }: { type: 'http' | 'rest'; routeKey: string },
): { values: string[]; missing: string | undefined } {
  const query = parametersOf(type, request)
  const values = sources.map(({ from, name }) => {
    if (from === 'header') return headerOf(request, name.toLowerCase()) ?? ''
    // As in the event: the last of several values in a REST API, all of them in an HTTP API.
    if (from === 'query') {
      const all = query.getAll(name)
      return (type === 'rest' ? all.at(-1) : all.join(',')) ?? ''
    }
    return contextVariables(type)[name]?.(request, place, routeKey) ?? ''
  })
  const missing = sources.find((_, index) => values[index] === '')
  return { values, missing: missing?.expression }
}

type ContextVariable = (request: RawRequest, place: Place, routeKey: string) => string | undefined

const COMMON: Readonly<Record<string, ContextVariable>> = {
  accountId: (_, { accountId }) => accountId,
  apiId: (_, { apiId }) => apiId,
  domainName: (request) => domainOf(request),
  httpMethod: ({ method }) => method,
  'identity.sourceIp': ({ sourceIp }) => sourceIp,
  'identity.userAgent': (request) => headerOf(request, 'user-agent'),
  protocol: () => 'HTTP/1.1',
  requestId: (_, { requestId }) => requestId,
  stage: (_, { stage }) => stage,
}

const OF_REST: Readonly<Record<string, ContextVariable>> = {
  ...COMMON,
  path: (_, { sent }) => sent.path,
  resourcePath: (_request, _place, routeKey) => routeKey.slice(routeKey.indexOf(' ') + 1),
}

const OF_HTTP: Readonly<Record<string, ContextVariable>> = {
  ...COMMON,
  path: (_, { path }) => path,
  routeKey: (_request, _place, routeKey) => routeKey,
}

const contextVariables = (type: 'http' | 'rest'): Readonly<Record<string, ContextVariable>> =>
  type === 'rest' ? OF_REST : OF_HTTP

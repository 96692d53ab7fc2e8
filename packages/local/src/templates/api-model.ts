import type { HttpProxy } from '../definition/backend.ts'
import type { StackDefinition } from '../definition/definition.ts'
import type {
  ApiDefinition,
  CorsDefinition,
  LambdaAuthorizerDefinition,
  RouteDefinition,
} from '../definition/api.ts'
import { handlerOf, readFunction, sourceOf } from './functions.ts'
import type { Reading } from './reading.ts'
import { validCors } from './valid-cors.ts'
import type { ReadUserPool } from './user-pool.ts'
import { textIn, unknownMember } from './values.ts'

/** What reading the APIs of a template needs. */
export interface ApiReading extends Reading {
  userPool: ReadUserPool | undefined
  /** The app clients of the user pool that get tokens for themselves. */
  appClients: StackDefinition['appClients']
}

/** Who may call a route, as far as the local stack can decide it. */
export type ReadAuth =
  | { kind: 'none' | 'iam' }
  | { kind: 'jwt'; audience?: readonly string[] | undefined; scopes: readonly string[] }
  | { kind: 'lambda'; authorizer: string }
  /** What cannot be decided here: the route is not served, and the template is refused. */
  | { kind: 'unknown'; reason: string }

/** One authorizer of an API. */
export type ReadAuthorizer =
  | { kind: 'jwt'; audience?: readonly string[] | undefined; scopes: readonly string[] }
  | { kind: 'lambda'; definition: LambdaAuthorizerDefinition }
  | { kind: 'unknown'; reason: string }

/** What is behind a route. */
export type ReadBackend = Pick<RouteDefinition, 'handler' | 'proxy'>

/** One API while it is read. */
export interface ReadApi {
  logicalId: string
  type: 'http' | 'rest'
  stage: string
  cors: CorsDefinition | undefined
  authorizers: Map<string, ReadAuthorizer>
  routes: Map<string, RouteDefinition>
  more: Partial<ApiDefinition>
}

/** An authorizer of which a value is known on AWS only. */
export function unknownAuthorizer(
  value: unknown,
  names: readonly string[],
): ReadAuthorizer | undefined {
  const reason = unknownMember(value, names)
  return reason === undefined ? undefined : { kind: 'unknown', reason }
}

/** The auth of a route that names one of the API's authorizers. */
export function authBy(
  authorizers: ReadonlyMap<string, ReadAuthorizer>,
  name: string,
  scopes: readonly string[] | undefined,
): ReadAuth {
  const authorizer = authorizers.get(name)
  if (!authorizer)
    return { kind: 'unknown', reason: `its authorizer ${name} is not in the template` }
  if (authorizer.kind === 'unknown') {
    return { kind: 'unknown', reason: `its authorizer ${name} is not known: ${authorizer.reason}` }
  }
  if (authorizer.kind === 'lambda') return { kind: 'lambda', authorizer: name }
  return { ...authorizer, scopes: scopes ?? authorizer.scopes }
}

/** Adds a route, or the problem that it is. */
export function addRoute(
  reading: ApiReading,
  api: ReadApi,
  key: string,
  {
    auth,
    backend,
    usedBy,
    apiKeyRequired = false,
  }: {
    auth: ReadAuth
    backend: ReadBackend
    usedBy: string
    apiKeyRequired?: boolean | undefined
  },
): void {
  const { problems } = reading
  if (auth.kind === 'unknown') {
    problems.refuse(
      usedBy,
      `the route ${key} of ${api.logicalId} cannot be decided: ${auth.reason}`,
    )
    return
  }
  const scopes = auth.kind === 'jwt' ? auth.scopes : []
  // A REST API ignores a slash at the end.
  const normalized = api.type === 'rest' ? key.replace(/(?<=.)(?<! )\/+$/, '') : key
  const route = {
    auth: auth.kind,
    ...backend,
    ...(scopes.length > 0 && { scopes }),
    ...(auth.kind === 'jwt' && auth.audience && { audience: auth.audience }),
    ...(auth.kind === 'lambda' && { authorizer: auth.authorizer }),
    ...(apiKeyRequired && { apiKeyRequired }),
  }
  const before = api.routes.get(normalized)
  if (before && protectionOf(before) !== protectionOf(route)) {
    problems.refuse(
      usedBy,
      `the route ${key} of ${api.logicalId} is there twice, with different auth`,
    )
    return
  }
  api.routes.set(normalized, route)
}

/** Who may call a route, as text. */
const protectionOf = ({
  auth,
  scopes,
  audience,
  authorizer,
  apiKeyRequired,
}: RouteDefinition): string => JSON.stringify([auth, scopes, audience, authorizer, apiKeyRequired])

/** The definition of an API; `undefined` if it has no route. */
export function definitionOf(
  { problems }: Reading,
  { logicalId, type, stage, cors, authorizers, routes, more }: ReadApi,
): ApiDefinition | undefined {
  if (routes.size === 0) return undefined
  const sound = cors && validCors(cors, logicalId, problems)
  const byLambda = [...authorizers].flatMap(([name, authorizer]) =>
    authorizer.kind === 'lambda' ? [[name, authorizer.definition] as const] : [],
  )
  return {
    type,
    stage,
    ...(sound && { cors: sound }),
    ...(byLambda.length > 0 && { authorizers: Object.fromEntries(byLambda) }),
    ...more,
    routes: Object.fromEntries(routes),
  }
}

/** Whether the user pool of the template issues the tokens; else why not. */
export function jwtAuthorizer(
  { userPool, appClients = {} }: ApiReading,
  {
    issuer,
    audience,
    scopes,
  }: { issuer: unknown; audience: readonly unknown[]; scopes: readonly string[] },
): ReadAuthorizer {
  const poolIssuer = `https://${userPool?.provider}`
  if (typeof issuer !== 'string' || !userPool || issuer.replace(/\/$/, '') !== poolIssuer) {
    const shown = typeof issuer === 'string' ? issuer : 'not known here'
    return {
      kind: 'unknown',
      reason: `the issuer is ${shown}, which is not the user pool of the template`,
    }
  }
  const machines = Object.values(appClients).flatMap(({ clientId }) => clientId ?? [])
  const known = [...userPool.peopleClients, ...machines]
  const other = audience.find((entry) => typeof entry !== 'string' || !known.includes(entry))
  if (other !== undefined) {
    const shown = typeof other === 'string' ? other : '(unknown)'
    return { kind: 'unknown', reason: `the audience ${shown} is not an app client of the template` }
  }
  return { kind: 'jwt', audience: audience.map(String), scopes }
}

/** A Cognito authorizer of a REST API: every client of the user pool may call. */
export function cognitoAuthorizer(
  { userPool }: ApiReading,
  arns: readonly unknown[],
  scopes: readonly string[],
): ReadAuthorizer {
  if (userPool && arns.length === 1 && arns[0] === userPool.arn) return { kind: 'jwt', scopes }
  const shown =
    arns.map((arn) => (typeof arn === 'string' ? arn : '(unknown)')).join(', ') || 'none'
  return {
    kind: 'unknown',
    reason: `its user pool is ${shown}, which is not the one of the template`,
  }
}

/** An authorizer function. One that cannot be run decides nothing. */
export function lambdaAuthorizer(
  reading: ApiReading,
  target: unknown,
  settings: Omit<LambdaAuthorizerDefinition, 'handler'>,
): ReadAuthorizer {
  const found = readFunction(reading, target)
  if (!found) return { kind: 'unknown', reason: 'its function is not in the template' }
  const source = sourceOf(reading, found)
  if ('missing' in source) {
    return {
      kind: 'unknown',
      reason: `the function ${found.logicalId} is not run: ${source.missing}`,
    }
  }
  return { kind: 'lambda', definition: { ...settings, handler: source.handler } }
}

/** What is behind a route, from the properties of its integration. */
export function backendOf(
  reading: ApiReading,
  integration: {
    type: string | undefined
    uri: unknown
    connection?: unknown
    payloadVersion?: string | undefined
    requestParameters?: Readonly<Record<string, unknown>>
  },
  { type, usedBy }: { type: 'http' | 'rest'; usedBy: string },
): ReadBackend {
  const { uri, connection, payloadVersion, requestParameters = {} } = integration
  const kind = (integration.type ?? '').toUpperCase()
  const cannot = (reason: string): ReadBackend => {
    reading.problems.note(usedBy, reason)
    return {
      handler: () => {
        throw new Error(`${usedBy}: ${reason}`)
      },
    }
  }
  if (kind === 'AWS_PROXY' && type === 'http' && payloadVersion === '1.0') {
    return cannot(
      'the payload format 1.0 of an HTTP API is not sent; calls fail after authorization',
    )
  }
  if (kind === 'AWS_PROXY') return { handler: handlerOf(reading, uri, usedBy) }
  if (kind === 'HTTP_PROXY' && connection === undefined && typeof uri === 'string') {
    if (!URL.canParse(uri) || !/^https?:/.test(uri) || /\$\{?stageVariables/.test(uri)) {
      return cannot(
        `its integration ${uri} cannot be called from here; calls fail after authorization`,
      )
    }
    const proxy: HttpProxy = { url: uri, requestParameters: mappingOf(requestParameters) }
    return { proxy }
  }
  const shown = kind === '' ? 'is missing' : `of type ${kind} is not run`
  return cannot(`its integration ${shown}; calls fail after authorization`)
}

/** REST APIs write `integration.request.header.X: context.identity.userArn`, HTTP APIs as the definition does. */
function mappingOf(parameters: Readonly<Record<string, unknown>>): Record<string, string> {
  const mapping: Record<string, string> = {}
  for (const key of Object.keys(parameters)) {
    const value = textIn(parameters, key) ?? ''
    const [, part, name] = /^integration\.request\.(header|querystring)\.(.+)$/.exec(key) ?? []
    if (part === undefined) {
      if (/^(append|overwrite|remove):/.test(key)) mapping[key] = value
      continue
    }
    const [, fixed] = /^'(.*)'$/.exec(value) ?? []
    const variable = `$${value.replace(/^method\./, '')}`
    mapping[`overwrite:${part}.${name}`] = fixed ?? variable
  }
  return mapping
}

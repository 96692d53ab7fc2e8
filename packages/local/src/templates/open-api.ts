import type { LambdaAuthorizerDefinition } from '../definition/api.ts'
import {
  addRoute,
  authBy,
  backendOf,
  cognitoAuthorizer,
  jwtAuthorizer,
  lambdaAuthorizer,
  type ApiReading,
  type ReadApi,
  type ReadAuth,
  type ReadAuthorizer,
  unknownAuthorizer,
} from './api-model.ts'
import { ANY, BY_EXTENSION, operationsOf, securityFault } from './open-api-shape.ts'
import { readPolicy } from './policies.ts'
import { addPreflight, unquoted } from './rest-cors.ts'
import {
  dictionaryIn,
  isDictionary,
  listIn,
  memberOf,
  textIn,
  textsIn,
  unknownMember,
  Unresolved,
  type Dictionary,
} from './values.ts'

/**
 * Reads the routes of an OpenAPI document with API Gateway's extensions.
 *
 * @param byDefault  What SAM adds to operations.
 * @see [AWS: OpenAPI extensions](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html)
 */
export function readOpenApi(
  reading: ApiReading,
  api: ReadApi,
  document: unknown,
  byDefault?: SecurityByDefault,
): void {
  if (document instanceof Unresolved) {
    reading.problems.refuse(api.logicalId, `its OpenAPI document is not known: ${document.reason}`)
  }
  if (!isDictionary(document)) return
  const schemes = {
    ...dictionaryIn(document, 'securityDefinitions'),
    ...dictionaryIn(memberOf(document, 'components'), 'securitySchemes'),
  }
  for (const [name, scheme] of Object.entries(schemes)) {
    const authorizer = authorizerOf(reading, api, scheme)
    if (authorizer) api.authorizers.set(name, authorizer)
  }
  readCors(api, document)
  readRestMembers(reading, api, document)
  for (const { path, method, operation } of operationsOf(reading, api, document)) {
    readOperation(reading, api, { document, schemes, path, method, operation, byDefault })
  }
}

/** The defaults that the `Auth` of a SAM API sets for the operations of its document. */
export interface SecurityByDefault {
  /** Who may call an operation if neither it nor the document says so; `undefined` without a default. */
  auth: ReadAuth | undefined
  apiKeyRequired: boolean
}

interface Operation {
  document: Dictionary
  schemes: Dictionary
  path: string
  method: string
  operation: unknown
  byDefault: SecurityByDefault | undefined
}

function readOperation(reading: ApiReading, api: ReadApi, source: Operation): void {
  const { path, method, operation } = source
  const integration = memberOf(operation, 'x-amazon-apigateway-integration')
  const type = textIn(integration, 'type')
  if (method === 'options' && type?.toUpperCase() === 'MOCK') {
    for (const response of Object.values(dictionaryIn(integration, 'responses'))) {
      const parameters = dictionaryIn(response, 'responseParameters')
      const headers = Object.keys(parameters).map((key) => [
        key.replace(/^method\.response\.header\./, '').toLowerCase(),
        unquoted(textIn(parameters, key) ?? ''),
      ])
      addPreflight(api, Object.fromEntries(headers))
    }
    return
  }
  const usedBy = api.logicalId
  const backend = backendOf(
    reading,
    {
      type,
      uri: memberOf(integration, 'uri'),
      connection: memberOf(integration, 'connectionId'),
      payloadVersion: textIn(integration, 'payloadFormatVersion'),
      requestParameters: dictionaryIn(integration, 'requestParameters'),
    },
    { type: api.type, usedBy },
  )
  const isDefault = path === '/$default' || path === '$default'
  const verb = method === ANY ? 'ANY' : method.toUpperCase()
  const key = isDefault ? '$default' : `${verb} ${path}`
  addRoute(reading, api, key, { ...securityOf(api, source), backend, usedBy })
}

/** Who may call an operation, and whether with an API key. */
function securityOf(
  api: ReadApi,
  operation: Operation,
): { auth: ReadAuth; apiKeyRequired: boolean } {
  const { schemes, byDefault } = operation
  const unknown =
    unknownMember(operation.operation, ['security', BY_EXTENSION]) ??
    unknownMember(operation.document, ['security']) ??
    securityFault(operation.operation) ??
    securityFault(operation.document)
  if (unknown !== undefined) {
    return { auth: { kind: 'unknown', reason: unknown }, apiKeyRequired: false }
  }
  const names = securityNames(operation)
  const isApiKey = (name: string): boolean =>
    textIn(schemes[name], 'type') === 'apiKey' &&
    textIn(schemes[name], 'name')?.toLowerCase() === 'x-api-key' &&
    !api.authorizers.has(name)
  const apiKeyRequired = names.some(isApiKey) || byDefault?.apiKeyRequired === true
  const others = names.filter((name) => !isApiKey(name))
  const byExtension = dictionaryIn(operation.operation, BY_EXTENSION)
  const type = textIn(byExtension, 'type')?.toUpperCase()
  if (type === 'AWS_IAM') return { auth: { kind: 'iam' }, apiKeyRequired }
  const auth = authFor(api, operation, others)
  if (type === undefined || (type === 'NONE') === (auth.kind === 'none')) {
    return { auth, apiKeyRequired }
  }
  const reason = `its ${BY_EXTENSION} is ${type}, and its security says something else`
  return { auth: { kind: 'unknown', reason }, apiKeyRequired }
}

/** What the operation names; without a default authorizer of SAM, else what the document names. */
function securityNames({ document, operation, byDefault }: Operation): string[] {
  const ownSecurity = memberOf(operation, 'security')
  const isOwn = Array.isArray(ownSecurity) || byDefault?.auth !== undefined
  const security = listIn(isOwn ? operation : document, 'security')
  return security.flatMap((requirement: unknown) =>
    Object.keys(isDictionary(requirement) ? requirement : {}),
  )
}

/**
 * SAM adds its default authorizer to an operation that names no authorizer of the API, unless it names `NONE`; and not to
 * `OPTIONS` of an HTTP API, for preflights.
 */
function authFor(
  { type, authorizers }: ReadApi,
  { document, schemes, method, operation, byDefault }: Operation,
  names: readonly string[],
): ReadAuth {
  const isNone = names.some((name) => name === 'NONE' && schemes[name] === undefined)
  const named = names.filter((name) => name !== 'NONE' || schemes[name] !== undefined)
  const known = named.filter((name) => authorizers.has(name) || name === 'AWS_IAM')
  const isPreflight = type === 'http' && method === 'options'
  if (byDefault?.auth && known.length === 0 && !isNone && !isPreflight) {
    const other = named.find((name) => memberOf(schemes[name], AUTH_TYPE) !== undefined)
    if (other === undefined) return byDefault.auth
    const reason = `its security is ${other}, and the API has a DefaultAuthorizer`
    return { kind: 'unknown', reason }
  }
  const [name, ...more] = known.length > 0 ? known : named
  if (name === undefined) return { kind: 'none' }
  if (more.length > 0) {
    const reason = `it has several kinds of security: ${[name, ...more].join(', ')}`
    return { kind: 'unknown', reason }
  }
  const isSigned = textIn(schemes[name], AUTH_TYPE)?.toLowerCase() === 'awssigv4'
  if (isSigned || (name === 'AWS_IAM' && !authorizers.has(name))) return { kind: 'iam' }
  const security = [...listIn(operation, 'security'), ...listIn(document, 'security')]
  const scopes = security.flatMap((requirement: unknown) => textsIn(requirement, name))
  return authBy(authorizers, name, scopes.length > 0 ? scopes : undefined)
}

const AUTH_TYPE = 'x-amazon-apigateway-authtype'

function authorizerOf(
  reading: ApiReading,
  api: ReadApi,
  scheme: unknown,
): ReadAuthorizer | undefined {
  const authorizer = memberOf(scheme, 'x-amazon-apigateway-authorizer')
  if (authorizer === undefined) return undefined
  const type = textIn(authorizer, 'type')?.toLowerCase()
  const source = textIn(authorizer, 'identitySource')
  const sources = source?.split(',').map((expression) => expression.trim())
  const unknown = unknownAuthorizer(authorizer, SETTINGS_OF_AUTHORIZER)
  if (unknown) return unknown
  const elsewhere = tokenElsewhere(scheme, type, sources)
  if (elsewhere !== undefined) {
    return { kind: 'unknown', reason: `the token is in ${elsewhere}` }
  }
  if (type === 'cognito_user_pools') {
    return cognitoAuthorizer(reading, listIn(authorizer, 'providerARNs'), [])
  }
  if (type === 'jwt') {
    const jwt = memberOf(authorizer, 'jwtConfiguration')
    const audience = listIn(jwt, 'audience')
    return jwtAuthorizer(reading, { issuer: memberOf(jwt, 'issuer'), audience, scopes: [] })
  }
  const ttl = textIn(authorizer, 'authorizerResultTtlInSeconds')
  const tokenPattern = textIn(authorizer, 'identityValidationExpression')
  const header = textIn(scheme, 'name')
  const byToken =
    type === 'token' && header !== undefined ? [`method.request.header.${header}`] : undefined
  const identitySources = sources ?? byToken
  const settings: Omit<LambdaAuthorizerDefinition, 'handler'> = {
    ...(identitySources && { identitySources }),
    ...(ttl !== undefined && { resultTtlSeconds: Number(ttl) }),
    ...(api.type === 'rest' && { type: type === 'token' ? 'token' : 'request' }),
    ...(api.type === 'rest' && tokenPattern !== undefined && { tokenPattern }),
    ...(api.type === 'http' && {
      payloadVersion:
        textIn(authorizer, 'authorizerPayloadFormatVersion') === '1.0' ? '1.0' : '2.0',
      simpleResponses: textIn(authorizer, 'enableSimpleResponses') === 'true',
    }),
  }
  return lambdaAuthorizer(reading, memberOf(authorizer, 'authorizerUri'), settings)
}

/** Without its function, its user pools and its issuer: those are read by themselves. */
const SETTINGS_OF_AUTHORIZER = [
  'type',
  'identitySource',
  'identityValidationExpression',
  'authorizerPayloadFormatVersion',
  'authorizerResultTtlInSeconds',
  'enableSimpleResponses',
]

/** Where an authorizer of tokens of a user pool reads them, if that is not the header Authorization. */
function tokenElsewhere(
  scheme: unknown,
  type: string | undefined,
  sources: readonly string[] = [],
): string | undefined {
  if (type === 'cognito_user_pools') {
    const name = textIn(scheme, 'name')
    return name === undefined || name.toLowerCase() === 'authorization' ? undefined : name
  }
  if (type !== 'jwt') return undefined
  return sources.find((source) => source.toLowerCase() !== '$request.header.authorization')
}

function readCors(api: ReadApi, document: Dictionary): void {
  const cors = document['x-amazon-apigateway-cors']
  const allowOrigins = textsIn(cors, 'allowOrigins')
  if (allowOrigins.length === 0) return
  const age = textIn(cors, 'maxAge')
  api.cors ??= {
    allowOrigins,
    allowMethods: textsIn(cors, 'allowMethods'),
    allowHeaders: textsIn(cors, 'allowHeaders'),
    exposeHeaders: textsIn(cors, 'exposeHeaders'),
    allowCredentials: textIn(cors, 'allowCredentials') === 'true',
    ...(age !== undefined && { maxAgeSeconds: Number(age) }),
  }
}

function readRestMembers(reading: ApiReading, api: ReadApi, document: Dictionary): void {
  if (api.type !== 'rest') return
  const policy = document['x-amazon-apigateway-policy']
  const { logicalId } = api
  const placed = { logicalId, what: 'the resource policy', document: policy }
  const resourcePolicy =
    policy === undefined ? undefined : readPolicy(placed, 'resource', reading.problems)
  const binaryMediaTypes = textsIn(document, 'x-amazon-apigateway-binary-media-types')
  const source = textIn(document, 'x-amazon-apigateway-api-key-source')
  api.more = {
    ...api.more,
    ...(resourcePolicy && { resourcePolicy }),
    ...(binaryMediaTypes.length > 0 && { binaryMediaTypes }),
    ...(source?.toUpperCase() === 'AUTHORIZER' && { apiKeySource: 'authorizer' as const }),
  }
}

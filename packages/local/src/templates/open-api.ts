import type { LambdaAuthorizerDefinition } from '../definition/definition.ts'
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
} from './api-model.ts'
import { readPolicy } from './policies.ts'
import { addPreflight, unquoted } from './rest-cors.ts'
import {
  dictionaryIn,
  isDictionary,
  listIn,
  memberOf,
  textIn,
  textsIn,
  type Dictionary,
} from './values.ts'

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']
const ANY = 'x-amazon-apigateway-any-method'

/**
 * Reads the routes of an OpenAPI document with API Gateway's extensions.
 *
 * @param byDefault  Who may call an operation if neither it nor the document says so.
 * @see [AWS: OpenAPI extensions](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html)
 */
export function readOpenApi(
  reading: ApiReading,
  api: ReadApi,
  document: unknown,
  byDefault: (() => ReadAuth) | undefined = undefined,
): void {
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
  for (const [path, item] of Object.entries(dictionaryIn(document, 'paths'))) {
    for (const [method, operation] of Object.entries(isDictionary(item) ? item : {})) {
      if (method !== ANY && !METHODS.includes(method)) continue
      readOperation(reading, api, { document, schemes, path, method, operation, byDefault })
    }
  }
}

interface Operation {
  document: Dictionary
  schemes: Dictionary
  path: string
  method: string
  operation: unknown
  byDefault: (() => ReadAuth) | undefined
}

function readOperation(reading: ApiReading, api: ReadApi, one: Operation): void {
  const { path, method, operation } = one
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
  addRoute(reading, api, key, { ...securityOf(api, one), backend, usedBy })
}

/** Who may call an operation. What it does not say, the document says. */
function securityOf(
  { authorizers }: ReadApi,
  { document, schemes, operation, byDefault }: Operation,
): { auth: ReadAuth; apiKeyRequired: boolean } {
  const own = memberOf(operation, 'security')
  const security = Array.isArray(own) ? own : listIn(document, 'security')
  const auth = dictionaryIn(operation, 'x-amazon-apigateway-auth')
  const names = security.flatMap((one: unknown) => Object.keys(isDictionary(one) ? one : {}))
  const isApiKey = (name: string): boolean =>
    textIn(schemes[name], 'type') === 'apiKey' &&
    textIn(schemes[name], 'name')?.toLowerCase() === 'x-api-key' &&
    !authorizers.has(name)
  const apiKeyRequired = names.some(isApiKey)
  const [name, ...more] = names.filter((one) => !isApiKey(one))
  if (textIn(auth, 'type')?.toUpperCase() === 'AWS_IAM')
    return { auth: { kind: 'iam' }, apiKeyRequired }
  if (name === undefined) {
    const isSaid = own !== undefined || memberOf(document, 'security') !== undefined
    return { auth: (isSaid ? undefined : byDefault?.()) ?? { kind: 'none' }, apiKeyRequired }
  }
  if (more.length > 0) {
    const reason = `it has several kinds of security: ${[name, ...more].join(', ')}`
    return { auth: { kind: 'unknown', reason }, apiKeyRequired }
  }
  const scheme = schemes[name]
  if (textIn(scheme, 'x-amazon-apigateway-authtype')?.toLowerCase() === 'awssigv4') {
    return { auth: { kind: 'iam' }, apiKeyRequired }
  }
  const scopes = security.flatMap((one: unknown) => textsIn(one, name))
  return { auth: authBy(authorizers, name, scopes), apiKeyRequired }
}

function authorizerOf(
  reading: ApiReading,
  api: ReadApi,
  scheme: unknown,
): ReadAuthorizer | undefined {
  const authorizer = memberOf(scheme, 'x-amazon-apigateway-authorizer')
  if (authorizer === undefined) return undefined
  const type = textIn(authorizer, 'type')?.toLowerCase()
  const source = textIn(authorizer, 'identitySource')
  const sources = source?.split(',').map((one) => one.trim())
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

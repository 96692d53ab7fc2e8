import type { CorsDefinition } from '../definition/api.ts'
import {
  addRoute,
  authBy,
  backendOf,
  jwtAuthorizer,
  lambdaAuthorizer,
  type ApiReading,
  type ReadApi,
  type ReadAuth,
  type ReadAuthorizer,
  unknownAuthorizer,
} from './api-model.ts'
import { memberFault, ROUTE } from './member-rules.ts'
import { refuseElsewhere } from './open-api-shape.ts'
import { readOpenApi } from './open-api.ts'
import { idOf, resourcesOf, type Resource } from './reading.ts'
import {
  dictionaryIn,
  isTrueIn,
  listIn,
  memberOf,
  textIn,
  textsIn,
  type Dictionary,
} from './values.ts'

/** Reads an `AWS::ApiGatewayV2::Api` of the protocol HTTP, with its routes, integrations and authorizers. */
export function readHttpApi(reading: ApiReading, resource: Resource): ReadApi {
  const { logicalId, properties } = resource
  const id = idOf(reading, resource)
  const resourcesOfApi = (type: string): Resource[] =>
    resourcesOf(reading, `AWS::ApiGatewayV2::${type}`).filter(
      (part) => textIn(part.properties, 'ApiId') === id,
    )
  const [stage] = resourcesOfApi('Stage')
  const api: ReadApi = {
    logicalId,
    type: 'http',
    stage: textIn(stage?.properties, 'StageName') ?? '$default',
    cors: corsOfHttpApi(properties['CorsConfiguration']),
    authorizers: new Map(
      resourcesOfApi('Authorizer').map((part) => [part.logicalId, authorizerOf(reading, part)]),
    ),
    routes: new Map(),
    more: {},
  }
  refuseElsewhere(reading, resource)
  readOpenApi(reading, api, properties['Body'])
  const integrations = new Map(
    resourcesOfApi('Integration').map((part) => [part.logicalId, part.properties]),
  )
  for (const { logicalId: usedBy, properties: route } of resourcesOfApi('Route')) {
    const target = textIn(route, 'Target')?.replace(/^integrations\//, '') ?? ''
    const integration = integrations.get(target)
    const backend = backendOf(
      reading,
      {
        type: textIn(integration, 'IntegrationType'),
        uri: memberOf(integration, 'IntegrationUri'),
        connection: memberOf(integration, 'ConnectionId'),
        payloadVersion: textIn(integration, 'PayloadFormatVersion'),
        requestParameters: dictionaryIn(integration, 'RequestParameters'),
      },
      { type: 'http', usedBy },
    )
    const key = textIn(route, 'RouteKey') ?? '$default'
    addRoute(reading, api, key, { auth: authOf(api, route), backend, usedBy })
  }
  quickCreate(reading, api, properties)
  return api
}

/** An API with a `Target` has one open route. */
function quickCreate(reading: ApiReading, api: ReadApi, properties: Dictionary): void {
  const target = textIn(properties, 'Target')
  if (target === undefined) return
  const type = target.startsWith('arn:') ? 'AWS_PROXY' : 'HTTP_PROXY'
  const usedBy = api.logicalId
  const backend = backendOf(reading, { type, uri: target }, { type: 'http', usedBy })
  const key = textIn(properties, 'RouteKey') ?? '$default'
  addRoute(reading, api, key, { auth: { kind: 'none' }, backend, usedBy })
}

function authOf({ authorizers }: ReadApi, route: Dictionary): ReadAuth {
  const fault = memberFault(route, ROUTE, 'its resource')
  if (fault !== undefined) return { kind: 'unknown', reason: fault }
  const type = textIn(route, 'AuthorizationType') ?? 'NONE'
  if (type === 'NONE') return { kind: 'none' }
  if (type === 'AWS_IAM') return { kind: 'iam' }
  if (type !== 'JWT' && type !== 'CUSTOM') {
    return { kind: 'unknown', reason: `the AuthorizationType ${type} is not known` }
  }
  const scopes = textsIn(route, 'AuthorizationScopes')
  return authBy(authorizers, textIn(route, 'AuthorizerId') ?? '(none)', scopes)
}

function authorizerOf(reading: ApiReading, { properties }: Resource): ReadAuthorizer {
  const unknown = unknownAuthorizer(properties, SETTINGS_OF_AUTHORIZER)
  if (unknown) return unknown
  if (textIn(properties, 'AuthorizerType') === 'JWT') {
    const source = textsIn(properties, 'IdentitySource')
    if (source.some((expression) => expression.toLowerCase() !== '$request.header.authorization')) {
      return { kind: 'unknown', reason: `the token is in ${source.join(', ')}` }
    }
    const jwt = memberOf(properties, 'JwtConfiguration')
    const audience = listIn(jwt, 'Audience')
    return jwtAuthorizer(reading, { issuer: memberOf(jwt, 'Issuer'), audience, scopes: [] })
  }
  const version = textIn(properties, 'AuthorizerPayloadFormatVersion')
  const ttl = textIn(properties, 'AuthorizerResultTtlInSeconds')
  return lambdaAuthorizer(reading, properties['AuthorizerUri'], {
    identitySources: textsIn(properties, 'IdentitySource'),
    payloadVersion: version === '1.0' ? '1.0' : '2.0',
    simpleResponses: isTrueIn(properties, 'EnableSimpleResponses'),
    ...(ttl !== undefined && { resultTtlSeconds: Number(ttl) }),
  })
}

/** Without its function and its issuer: those are read by themselves. */
const SETTINGS_OF_AUTHORIZER = [
  'AuthorizerType',
  'IdentitySource',
  'AuthorizerPayloadFormatVersion',
  'AuthorizerResultTtlInSeconds',
  'EnableSimpleResponses',
]

/** CORS of an HTTP API; `true` is SAM's short form for every origin. */
export function corsOfHttpApi(cors: unknown): CorsDefinition | undefined {
  if (cors === true || cors === 'true') return { allowOrigins: ['*'] }
  const allowOrigins = textsIn(cors, 'AllowOrigins')
  if (allowOrigins.length === 0) return undefined
  const age = textIn(cors, 'MaxAge')
  return {
    allowOrigins,
    allowMethods: textsIn(cors, 'AllowMethods'),
    allowHeaders: textsIn(cors, 'AllowHeaders'),
    exposeHeaders: textsIn(cors, 'ExposeHeaders'),
    allowCredentials: isTrueIn(cors, 'AllowCredentials'),
    ...(age !== undefined && { maxAgeSeconds: Number(age) }),
  }
}

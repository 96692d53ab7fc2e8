import {
  addRoute,
  authBy,
  backendOf,
  cognitoAuthorizer,
  lambdaAuthorizer,
  type ApiReading,
  type ReadApi,
  type ReadAuth,
  type ReadAuthorizer,
  unknownAuthorizer,
} from './api-model.ts'
import { memberFault, METHOD } from './member-rules.ts'
import { refuseElsewhere } from './open-api-shape.ts'
import { readOpenApi } from './open-api.ts'
import { readPolicy } from './policies.ts'
import { idOf, resourcesOf, type Resource } from './reading.ts'
import { addPreflight, showsRefusals, unquoted } from './rest-cors.ts'
import {
  dictionaryIn,
  isTrueIn,
  listIn,
  memberOf,
  textIn,
  textsIn,
  unknownMember,
  type Dictionary,
} from './values.ts'

/** Reads an `AWS::ApiGateway::RestApi` with its resources, methods and authorizers. */
export function readRestApi(reading: ApiReading, resource: Resource): ReadApi {
  const { logicalId, properties } = resource
  const id = idOf(reading, resource)
  const resourcesOfApi = (...types: string[]): Resource[] =>
    resourcesOf(reading, ...types.map((type) => `AWS::ApiGateway::${type}`)).filter(
      (entry) => textIn(entry.properties, 'RestApiId') === id,
    )
  const stages = resourcesOfApi('Stage', 'Deployment').flatMap(
    (entry) => textIn(entry.properties, 'StageName') ?? [],
  )
  const api: ReadApi = {
    logicalId,
    type: 'rest',
    stage: stages[0] ?? 'prod',
    cors: undefined,
    authorizers: new Map(
      resourcesOfApi('Authorizer').map((entry) => [entry.logicalId, authorizerOf(reading, entry)]),
    ),
    routes: new Map(),
    more: restMembers(reading, logicalId, properties),
  }
  refuseElsewhere(reading, resource)
  readOpenApi(reading, api, properties['Body'])
  const resources = resourcesOfApi('Resource')
  refuseUnknownMembers(reading, resources)
  const paths = pathsOf(resources, `${id}/root`)
  for (const { logicalId: usedBy, properties: method } of resourcesOfApi('Method')) {
    const path = paths(textIn(method, 'ResourceId') ?? '')
    const verb = textIn(method, 'HttpMethod') ?? 'ANY'
    const integration = memberOf(method, 'Integration')
    if (verb === 'OPTIONS' && textIn(integration, 'Type') === 'MOCK') {
      addPreflight(api, responseParameters(integration))
      continue
    }
    const backend = backendOf(
      reading,
      {
        type: textIn(integration, 'Type'),
        uri: memberOf(integration, 'Uri'),
        connection: memberOf(integration, 'ConnectionId'),
        requestParameters: dictionaryIn(integration, 'RequestParameters'),
      },
      { type: 'rest', usedBy },
    )
    if (memberOf(method, 'RequestValidatorId') !== undefined) {
      reading.problems.note(usedBy, 'requests are not validated')
    }
    addRoute(reading, api, `${verb} ${path}`, {
      auth: authOf(api, method),
      backend,
      usedBy,
      apiKeyRequired: isTrueIn(method, 'ApiKeyRequired'),
    })
  }
  const responses = resourcesOfApi('GatewayResponse').map((entry) => entry.properties)
  if (api.cors) api.cors = { ...api.cors, onErrors: showsRefusals(responses) }
  return api
}

function refuseUnknownMembers({ problems }: ApiReading, resources: readonly Resource[]): void {
  for (const { logicalId, properties } of resources) {
    const unknown = unknownMember(properties, ['ParentId', 'PathPart'])
    if (unknown !== undefined) problems.refuse(logicalId, unknown)
  }
}

/** The members of REST APIs apart from their methods. */
export function restMembers(
  reading: ApiReading,
  logicalId: string,
  properties: Dictionary,
): ReadApi['more'] {
  const { problems } = reading
  if (properties['MutualTlsAuthentication'] !== undefined) {
    problems.refuse(logicalId, 'it asks for client certificates (MutualTlsAuthentication)')
  }
  const document = properties['Policy']
  const placed = { logicalId, what: 'the resource policy', document }
  const resourcePolicy =
    document === undefined ? undefined : readPolicy(placed, 'resource', problems)
  const binaryMediaTypes = textsIn(properties, 'BinaryMediaTypes').map((mediaType) =>
    mediaType.replaceAll('~1', '/'),
  )
  return {
    ...(resourcePolicy && { resourcePolicy }),
    ...(binaryMediaTypes.length > 0 && { binaryMediaTypes }),
    ...(textIn(properties, 'ApiKeySourceType') === 'AUTHORIZER' && {
      apiKeySource: 'authorizer' as const,
    }),
  }
}

/** Returns the path of a resource by its ID. */
function pathsOf(resources: readonly Resource[], root: string): (id: string) => string {
  const parts = new Map(
    resources.map(({ logicalId, properties }) => [
      logicalId,
      {
        parent: textIn(properties, 'ParentId') ?? root,
        part: textIn(properties, 'PathPart') ?? '',
      },
    ]),
  )
  const path = (id: string, depth = 0): string => {
    const parent = parts.get(id)
    // A resource cannot be its own parent; a template that says so must not lead to an endless loop.
    if (!parent || depth > 50) return ''
    return `${path(parent.parent, depth + 1)}/${parent.part}`
  }
  return (id) => path(id) || '/'
}

function authOf({ authorizers }: ReadApi, method: Dictionary): ReadAuth {
  const fault = memberFault(method, METHOD, 'its resource')
  if (fault !== undefined) return { kind: 'unknown', reason: fault }
  const type = textIn(method, 'AuthorizationType') ?? 'NONE'
  if (type === 'NONE') return { kind: 'none' }
  if (type === 'AWS_IAM') return { kind: 'iam' }
  if (type !== 'COGNITO_USER_POOLS' && type !== 'CUSTOM') {
    return { kind: 'unknown', reason: `the AuthorizationType ${type} is not known` }
  }
  const scopes = textsIn(method, 'AuthorizationScopes')
  return authBy(authorizers, textIn(method, 'AuthorizerId') ?? '(none)', scopes)
}

/** Without its function and its user pools: those are read by themselves. */
const SETTINGS_OF_AUTHORIZER = [
  'Type',
  'IdentitySource',
  'IdentityValidationExpression',
  'AuthorizerResultTtlInSeconds',
]

function authorizerOf(reading: ApiReading, { properties }: Resource): ReadAuthorizer {
  const unknown = unknownAuthorizer(properties, SETTINGS_OF_AUTHORIZER)
  if (unknown) return unknown
  const type = textIn(properties, 'Type')
  const source = textIn(properties, 'IdentitySource')
  if (type === 'COGNITO_USER_POOLS') {
    if (source !== undefined && source.toLowerCase() !== 'method.request.header.authorization') {
      return { kind: 'unknown', reason: `the token is in ${source}` }
    }
    return cognitoAuthorizer(reading, listIn(properties, 'ProviderARNs'), [])
  }
  const ttl = textIn(properties, 'AuthorizerResultTtlInSeconds')
  const tokenPattern = textIn(properties, 'IdentityValidationExpression')
  return lambdaAuthorizer(reading, properties['AuthorizerUri'], {
    type: type === 'REQUEST' ? 'request' : 'token',
    ...(source !== undefined && {
      identitySources: source.split(',').map((expression) => expression.trim()),
    }),
    ...(ttl !== undefined && { resultTtlSeconds: Number(ttl) }),
    ...(tokenPattern !== undefined && { tokenPattern }),
  })
}

/** The headers of a mock preflight, without the quotes around their values. */
function responseParameters(integration: unknown): Record<string, string> {
  const headers: Record<string, string> = {}
  const list = memberOf(integration, 'IntegrationResponses')
  for (const response of Array.isArray(list) ? list : []) {
    const parameters = dictionaryIn(response, 'ResponseParameters')
    for (const key of Object.keys(parameters)) {
      const name = key.replace(/^method\.response\.header\./, '').toLowerCase()
      headers[name] = unquoted(textIn(parameters, key) ?? '')
    }
  }
  return headers
}

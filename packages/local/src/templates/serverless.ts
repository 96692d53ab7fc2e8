import type { LambdaAuthorizerDefinition, RouteDefinition } from '../definition/definition.ts'
import {
  addRoute,
  authBy,
  backendOf,
  cognitoAuthorizer,
  jwtAuthorizer,
  lambdaAuthorizer,
  unknownAuthorizer,
  type ApiReading,
  type ReadApi,
  type ReadAuth,
  type ReadAuthorizer,
  type ReadBackend,
} from './api-model.ts'
import { sourceOf } from './functions.ts'
import { corsOfHttpApi } from './http-api.ts'
import { memberFault, SERVERLESS } from './member-rules.ts'
import { readOpenApi } from './open-api.ts'
import { readPolicy } from './policies.ts'
import { idOf, resourcesOf, type Resource } from './reading.ts'
import { restMembers } from './rest-api.ts'
import { corsOfServerlessApi, showsRefusals } from './rest-cors.ts'
import { readOpenApiFile } from './template-files.ts'
import {
  dictionaryIn,
  isDictionary,
  isTrueIn,
  listIn,
  memberOf,
  textIn,
  textsIn,
  unknownMember,
  type Dictionary,
} from './values.ts'

/** The two kinds of APIs of SAM. */
interface Kind {
  type: 'http' | 'rest'
  /** Of the resource, and of the event without its prefix. */
  resource: string
  event: 'HttpApi' | 'Api'
  /** The API of events that name none. */
  implicit: string
  /** The member of an event that names its API. */
  reference: 'ApiId' | 'RestApiId'
}

const KINDS: readonly Kind[] = [
  {
    type: 'http',
    resource: 'AWS::Serverless::HttpApi',
    event: 'HttpApi',
    implicit: 'ServerlessHttpApi',
    reference: 'ApiId',
  },
  {
    type: 'rest',
    resource: 'AWS::Serverless::Api',
    event: 'Api',
    implicit: 'ServerlessRestApi',
    reference: 'RestApiId',
  },
]

/**
 * Reads the APIs of a SAM template: those that it has, and those that SAM adds for the events of functions.
 *
 * @see [AWS: SAM specification](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html)
 */
export const readServerlessApis = (reading: ApiReading): ReadApi[] =>
  KINDS.flatMap((kind) => readKind(reading, kind))

function readKind(reading: ApiReading, kind: Kind): ReadApi[] {
  const resources = resourcesOf(reading, kind.resource)
  const byId = new Map<string, ReadServerlessApi>()
  for (const resource of resources) {
    byId.set(idOf(reading, resource), readApi(reading, resource, kind))
  }
  for (const event of eventsOf(reading, kind)) {
    const target = memberOf(event.properties, kind.reference) ?? kind.implicit
    const id = target === idOf(reading, implicitApi(kind)) ? kind.implicit : target
    const known = [...byId].find(([own, { api }]) => own === id || api.logicalId === id)?.[1]
    if (typeof id !== 'string' || (!known && id !== kind.implicit)) {
      // Not a route of an API that SAM would add: that one has no authorizer.
      const key = routeKeyOf(event.properties)
      const reason = `its route ${key} is left out: its API is not in the template, or is skipped`
      reading.problems.note(event.owner.logicalId, reason)
      continue
    }
    const api = known ?? readApi(reading, implicitApi(kind), kind)
    if (!known) byId.set(id, api)
    addEvent(reading, kind, api, event)
  }
  return [...byId.values()].map(({ api }) => api)
}

const implicitApi = ({ implicit, resource, type }: Kind): Resource => ({
  logicalId: implicit,
  type: resource,
  properties: type === 'rest' ? { StageName: 'Prod' } : {},
})

/** An API with what its events need. */
interface ReadServerlessApi {
  api: ReadApi
  auth: Dictionary
  /**
   * Whether events of functions make routes. If a REST API has an OpenAPI document, SAM gives their functions the permission to
   * be called and nothing more, unless `MergeDefinitions` is set.
   */
  hasEvents: boolean
}

function readApi(reading: ApiReading, resource: Resource, kind: Kind): ReadServerlessApi {
  const { logicalId } = resource
  const globals = dictionaryIn(reading.globals, kind.event)
  const properties = mergeDictionaries(globals, resource.properties)
  const auth = dictionaryIn(properties, 'Auth')
  const given = memberOf(properties, 'Auth')
  const { apiAuth } = SERVERLESS[kind.type]
  const fault = given === undefined ? undefined : memberFault(given, apiAuth, 'its "Auth"')
  const problem = fault ?? unknownMember(auth, ['ResourcePolicy'])
  if (problem !== undefined) reading.problems.refuse(logicalId, problem)
  const isHttp = kind.type === 'http'
  const api: ReadApi = {
    logicalId,
    type: kind.type,
    stage: textIn(properties, 'StageName') ?? (isHttp ? '$default' : 'Prod'),
    cors: isHttp
      ? corsOfHttpApi(properties['CorsConfiguration'])
      : corsOfServerlessApi(properties['Cors']),
    authorizers: authorizersOf(reading, kind, auth),
    routes: new Map(),
    more: isHttp
      ? {}
      : {
          ...restMembers(reading, logicalId, properties),
          ...resourcePolicyOf(reading, logicalId, auth),
        },
  }
  if (api.cors && !isHttp) {
    const responses = dictionaryIn(properties, 'GatewayResponses')
    const named = Object.keys(responses).map((name) => ({
      ResponseType: name,
      ResponseParameters: Object.fromEntries(
        Object.keys(dictionaryIn(memberOf(responses[name], 'ResponseParameters'), 'Headers')).map(
          (one) => [one, ''],
        ),
      ),
    }))
    api.cors = { ...api.cors, onErrors: showsRefusals(named) }
  }
  const uri = memberOf(properties, 'DefinitionUri')
  const body = memberOf(properties, 'DefinitionBody') ?? readOpenApiFile(reading, logicalId, uri)
  const name = textIn(auth, 'DefaultAuthorizer') ?? 'NONE'
  readOpenApi(reading, api, body, {
    auth: name === 'NONE' ? undefined : authNamed(api, name, { auth }),
    apiKeyRequired: !isHttp && isTrueIn(auth, 'ApiKeyRequired'),
  })
  const isManaged = uri === undefined && (isHttp || body === undefined)
  return { api, auth, hasEvents: isManaged || isTrueIn(properties, 'MergeDefinitions') }
}

/** Values of a resource win over those of `Globals`; objects are merged, as SAM does it. */
function mergeDictionaries(globals: Dictionary, own: Dictionary): Dictionary {
  const merged: Record<string, unknown> = { ...globals }
  for (const [name, value] of Object.entries(own)) {
    const before = merged[name]
    merged[name] =
      isDictionary(before) && isDictionary(value) ? mergeDictionaries(before, value) : value
  }
  return merged
}

interface Event {
  /** The function that has it. */
  owner: Resource
  properties: Dictionary
}

function eventsOf(reading: ApiReading, { event: type }: Kind): Event[] {
  return resourcesOf(reading, 'AWS::Serverless::Function').flatMap((owner) =>
    Object.entries(dictionaryIn(owner.properties, 'Events'))
      .filter(([name, event]) => {
        const own = textIn(event, 'Type')
        // It may be a route, and another one would take its calls.
        if (own === undefined) {
          reading.problems.refuse(owner.logicalId, `the type of its event ${name} is not known`)
        }
        return own === type
      })
      .map(([, event]) => ({ owner, properties: dictionaryIn(event, 'Properties') })),
  )
}

function addEvent(
  reading: ApiReading,
  kind: Kind,
  { api, auth: ofApi, hasEvents }: ReadServerlessApi,
  { owner, properties }: Event,
): void {
  const key = routeKeyOf(properties)
  const own = dictionaryIn(properties, 'Auth')
  const usedBy = owner.logicalId
  const { event, eventAuth } = SERVERLESS[kind.type]
  const given = memberOf(properties, 'Auth')
  const unknown =
    memberFault(properties, event, 'its event') ??
    (given === undefined ? undefined : memberFault(given, eventAuth, 'its "Auth"'))
  if (unknown !== undefined) {
    reading.problems.refuse(usedBy, `the route ${key} cannot be decided: ${unknown}`)
  }
  if (memberOf(own, 'ResourcePolicy') !== undefined) {
    reading.problems.refuse(usedBy, `the route ${key} has a resource policy of its own`)
  }
  const known = api.routes.get(key)
  const named = textIn(own, 'Authorizer')
  if (!hasEvents && (!known || !isTrueIn(own, 'OverrideApiAuth'))) return
  const isPreflight = kind.type === 'http' && key.startsWith('OPTIONS ')
  const byDefault = isPreflight ? undefined : textIn(ofApi, 'DefaultAuthorizer')
  const hasScopes = memberOf(own, 'AuthorizationScopes') !== undefined
  const required = textIn(own, 'ApiKeyRequired') ?? textIn(ofApi, 'ApiKeyRequired')
  if (!hasEvents) api.routes.delete(key)
  addRoute(reading, api, key, {
    auth: authNamed(api, named ?? byDefault ?? 'NONE', {
      auth: ofApi,
      ...(hasScopes && { scopes: textsIn(own, 'AuthorizationScopes') }),
    }),
    backend: hasEvents ? ownBackend(reading, kind, owner, properties) : backendIn(known),
    usedBy,
    apiKeyRequired: kind.type === 'rest' && required?.toLowerCase() === 'true',
  })
}

/** What is behind a route that is there already. */
const backendIn = (route: RouteDefinition | undefined): ReadBackend => ({
  ...(route?.handler !== undefined && { handler: route.handler }),
  ...(route?.proxy !== undefined && { proxy: route.proxy }),
})

function routeKeyOf(event: Dictionary): string {
  const path = textIn(event, 'Path')
  if (path === undefined || path === '$default') return '$default'
  const method = textIn(event, 'Method')?.toUpperCase() ?? 'ANY'
  return `${method === 'X-AMAZON-APIGATEWAY-ANY-METHOD' ? 'ANY' : method} ${path}`
}

function ownBackend(reading: ApiReading, { type }: Kind, owner: Resource, properties: Dictionary) {
  const usedBy = owner.logicalId
  const payloadVersion = textIn(properties, 'PayloadFormatVersion')
  const source = sourceOf(reading, owner)
  if ('handler' in source && payloadVersion !== '1.0') return { handler: source.handler }
  return backendOf(
    reading,
    { type: 'AWS_PROXY', uri: idOf(reading, owner), payloadVersion },
    { type, usedBy },
  )
}

/** The auth of the name that an event or an API gives. An authorizer of the name AWS_IAM comes before IAM itself. */
function authNamed(
  { type, authorizers }: ReadApi,
  name: string,
  { auth, scopes }: { auth: Dictionary; scopes?: readonly string[] | undefined },
): ReadAuth {
  if (name === 'NONE') return { kind: 'none' }
  if (name !== 'AWS_IAM' || authorizers.has(name)) return authBy(authorizers, name, scopes)
  if (type === 'rest' || isTrueIn(auth, 'EnableIamAuthorizer')) return { kind: 'iam' }
  return { kind: 'unknown', reason: 'its API does not set EnableIamAuthorizer' }
}

function authorizersOf(
  reading: ApiReading,
  { type }: Kind,
  auth: Dictionary,
): Map<string, ReadAuthorizer> {
  const read = type === 'http' ? httpAuthorizer : restAuthorizer
  return new Map(
    Object.entries(dictionaryIn(auth, 'Authorizers')).map(([name, one]) => [
      name,
      read(reading, one),
    ]),
  )
}

/** Without its function, its user pool and its issuer: those are read by themselves. */
const SETTINGS_OF_AUTHORIZER = [
  'Identity',
  'IdentitySource',
  'AuthorizationScopes',
  'FunctionPayloadType',
  'AuthorizerPayloadFormatVersion',
  'EnableSimpleResponses',
]

function restAuthorizer(reading: ApiReading, authorizer: unknown): ReadAuthorizer {
  const reason = memberFault(authorizer, SERVERLESS.rest.authorizer, 'it')
  if (reason !== undefined) return { kind: 'unknown', reason }
  const unknown = unknownAuthorizer(authorizer, SETTINGS_OF_AUTHORIZER)
  if (unknown) return unknown
  const identity = dictionaryIn(authorizer, 'Identity')
  const header = textIn(identity, 'Header') ?? 'Authorization'
  const scopes = textsIn(authorizer, 'AuthorizationScopes')
  const userPool = memberOf(authorizer, 'UserPoolArn')
  if (userPool !== undefined) {
    if (header.toLowerCase() !== 'authorization') {
      return { kind: 'unknown', reason: `the token is in the header ${header}` }
    }
    return cognitoAuthorizer(reading, [userPool].flat(), scopes)
  }
  const isRequest = textIn(authorizer, 'FunctionPayloadType') === 'REQUEST'
  const tokenPattern = textIn(identity, 'ValidationExpression')
  return lambdaAuthorizer(reading, memberOf(authorizer, 'FunctionArn'), {
    type: isRequest ? 'request' : 'token',
    identitySources: isRequest
      ? sourcesOf(identity, 'method.request.')
      : [`method.request.header.${header}`],
    ...resultTtl(identity),
    ...(tokenPattern !== undefined && { tokenPattern }),
  })
}

function httpAuthorizer(reading: ApiReading, authorizer: unknown): ReadAuthorizer {
  const reason = memberFault(authorizer, SERVERLESS.http.authorizer, 'it')
  if (reason !== undefined) return { kind: 'unknown', reason }
  const unknown = unknownAuthorizer(authorizer, SETTINGS_OF_AUTHORIZER)
  if (unknown) return unknown
  const scopes = textsIn(authorizer, 'AuthorizationScopes')
  const jwt = memberOf(authorizer, 'JwtConfiguration')
  if (jwt !== undefined) {
    const source = textIn(authorizer, 'IdentitySource')
    if (source !== undefined && source.toLowerCase() !== '$request.header.authorization') {
      return { kind: 'unknown', reason: `the token is in ${source}` }
    }
    const audience = listIn(jwt, 'audience')
    return jwtAuthorizer(reading, { issuer: memberOf(jwt, 'issuer'), audience, scopes })
  }
  const identity = dictionaryIn(authorizer, 'Identity')
  return lambdaAuthorizer(reading, memberOf(authorizer, 'FunctionArn'), {
    identitySources: sourcesOf(identity, '$request.'),
    payloadVersion: textIn(authorizer, 'AuthorizerPayloadFormatVersion') === '1.0' ? '1.0' : '2.0',
    simpleResponses: isTrueIn(authorizer, 'EnableSimpleResponses'),
    ...resultTtl(identity),
  })
}

const sourcesOf = (identity: Dictionary, prefix: string): string[] => [
  ...textsIn(identity, 'Headers').map((name) => `${prefix}header.${name}`),
  ...textsIn(identity, 'QueryStrings').map((name) => `${prefix}querystring.${name}`),
  ...textsIn(identity, 'StageVariables').map((name) => `stageVariables.${name}`),
  ...textsIn(identity, 'Context').map((name) =>
    prefix.startsWith('$') ? `$context.${name}` : `context.${name}`,
  ),
]

function resultTtl(identity: Dictionary): Pick<LambdaAuthorizerDefinition, 'resultTtlSeconds'> {
  const seconds = textIn(identity, 'ReauthorizeEvery')
  return seconds === undefined ? {} : { resultTtlSeconds: Number(seconds) }
}

/** SAM's `ResourcePolicy`. Its lists of accounts, addresses and VPCs are refused: they would have to be expanded as SAM does it. */
function resourcePolicyOf(
  reading: ApiReading,
  logicalId: string,
  auth: Dictionary,
): ReadApi['more'] {
  const policy = dictionaryIn(auth, 'ResourcePolicy')
  const list = Object.keys(policy).find((name) => name !== 'CustomStatements')
  if (list !== undefined) {
    reading.problems.refuse(logicalId, `its ResourcePolicy has ${list}; write CustomStatements`)
  }
  const Statement = listIn(policy, 'CustomStatements')
  if (Statement.length === 0) return {}
  const document = { Version: '2012-10-17', Statement }
  const placed = { logicalId, what: 'the resource policy', document }
  const resourcePolicy = readPolicy(placed, 'resource', reading.problems)
  return resourcePolicy ? { resourcePolicy } : {}
}

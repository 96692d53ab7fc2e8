import type { ApiReading, ReadApi } from './api-model.ts'
import { corsOfHttpApi } from './http-api.ts'
import { memberFault, SERVERLESS } from './member-rules.ts'
import { readOpenApi } from './open-api.ts'
import { readPolicy } from './policies.ts'
import { idOf, resourcesOf, type Resource } from './reading.ts'
import { restMembers } from './rest-api.ts'
import { corsOfServerlessApi, showsRefusals } from './rest-cors.ts'
import { authNamed, authorizersOf } from './serverless-authorizers.ts'
import { eventsOf, addEvent, routeKeyOf } from './serverless-events.ts'
import { type ServerlessKind, KINDS, type ReadServerlessApi } from './serverless-kinds.ts'
import { readOpenApiFile } from './template-files.ts'
import {
  dictionaryIn,
  isDictionary,
  isTrueIn,
  listIn,
  memberOf,
  textIn,
  unknownMember,
  type Dictionary,
} from './values.ts'

/**
 * Reads the APIs of a SAM template: those that it has, and those that SAM adds for the events of functions.
 *
 * @see [AWS: SAM specification](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html)
 */
export const readServerlessApis = (reading: ApiReading): ReadApi[] =>
  KINDS.flatMap((kind) => readKind(reading, kind))

function readKind(reading: ApiReading, kind: ServerlessKind): ReadApi[] {
  const resources = resourcesOf(reading, kind.resource)
  const byId = new Map<string, ReadServerlessApi>()
  for (const resource of resources) {
    byId.set(idOf(reading, resource), readApi(reading, resource, kind))
  }
  for (const event of eventsOf(reading, kind)) {
    const target = memberOf(event.properties, kind.reference) ?? kind.implicit
    const id = target === idOf(reading, implicitApi(kind)) ? kind.implicit : target
    const known = [...byId].find(([apiId, { api }]) => apiId === id || api.logicalId === id)?.[1]
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

const implicitApi = ({ implicit, resource, type }: ServerlessKind): Resource => ({
  logicalId: implicit,
  type: resource,
  properties: type === 'rest' ? { StageName: 'Prod' } : {},
})

function readApi(reading: ApiReading, resource: Resource, kind: ServerlessKind): ReadServerlessApi {
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
          (path) => [path, ''],
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
function mergeDictionaries(globals: Dictionary, settings: Dictionary): Dictionary {
  const merged: Record<string, unknown> = { ...globals }
  for (const [name, value] of Object.entries(settings)) {
    const before = merged[name]
    merged[name] =
      isDictionary(before) && isDictionary(value) ? mergeDictionaries(before, value) : value
  }
  return merged
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

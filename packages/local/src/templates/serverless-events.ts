import type { RouteDefinition } from '../definition/api.ts'
import { addRoute, backendOf, type ApiReading, type ReadBackend } from './api-model.ts'
import { sourceOf } from './functions.ts'
import { memberFault, SERVERLESS } from './member-rules.ts'
import { idOf, resourcesOf, type Resource } from './reading.ts'
import { authNamed } from './serverless-authorizers.ts'
import type { ServerlessKind, ReadServerlessApi } from './serverless-kinds.ts'
import { dictionaryIn, isTrueIn, memberOf, textIn, textsIn, type Dictionary } from './values.ts'

/** An event of a function that is a route. */
export interface ServerlessEvent {
  /** The function that has it. */
  owner: Resource
  properties: Dictionary
}

/** The events of a kind of APIs, of all functions. */
export function eventsOf(reading: ApiReading, { event: type }: ServerlessKind): ServerlessEvent[] {
  return resourcesOf(reading, 'AWS::Serverless::Function').flatMap((owner) =>
    Object.entries(dictionaryIn(owner.properties, 'Events'))
      .filter(([name, event]) => {
        const ownType = textIn(event, 'Type')
        // It may be a route, and another one would take its calls.
        if (ownType === undefined) {
          reading.problems.refuse(owner.logicalId, `the type of its event ${name} is not known`)
        }
        return ownType === type
      })
      .map(([, event]) => ({ owner, properties: dictionaryIn(event, 'Properties') })),
  )
}

/** Adds the route of an event to its API. */
export function addEvent(
  reading: ApiReading,
  kind: ServerlessKind,
  { api, auth: ofApi, hasEvents }: ReadServerlessApi,
  { owner, properties }: ServerlessEvent,
): void {
  const key = routeKeyOf(properties)
  const auth = dictionaryIn(properties, 'Auth')
  const usedBy = owner.logicalId
  const { event, eventAuth } = SERVERLESS[kind.type]
  const given = memberOf(properties, 'Auth')
  const unknown =
    memberFault(properties, event, 'its event') ??
    (given === undefined ? undefined : memberFault(given, eventAuth, 'its "Auth"'))
  if (unknown !== undefined) {
    reading.problems.refuse(usedBy, `the route ${key} cannot be decided: ${unknown}`)
  }
  if (memberOf(auth, 'ResourcePolicy') !== undefined) {
    reading.problems.refuse(usedBy, `the route ${key} has a resource policy of its own`)
  }
  const known = api.routes.get(key)
  const named = textIn(auth, 'Authorizer')
  if (!hasEvents && (!known || !isTrueIn(auth, 'OverrideApiAuth'))) return
  const isPreflight = kind.type === 'http' && key.startsWith('OPTIONS ')
  const byDefault = isPreflight ? undefined : textIn(ofApi, 'DefaultAuthorizer')
  const hasScopes = memberOf(auth, 'AuthorizationScopes') !== undefined
  const required = textIn(auth, 'ApiKeyRequired') ?? textIn(ofApi, 'ApiKeyRequired')
  if (!hasEvents) api.routes.delete(key)
  addRoute(reading, api, key, {
    auth: authNamed(api, named ?? byDefault ?? 'NONE', {
      auth: ofApi,
      ...(hasScopes && { scopes: textsIn(auth, 'AuthorizationScopes') }),
    }),
    backend: hasEvents ? ownBackend(reading, kind, owner, properties) : backendIn(known),
    usedBy,
    apiKeyRequired: kind.type === 'rest' && required?.toLowerCase() === 'true',
  })
}

/** The backend of a route that exists already. */
const backendIn = (route: RouteDefinition | undefined): ReadBackend => ({
  ...(route?.handler !== undefined && { handler: route.handler }),
  ...(route?.proxy !== undefined && { proxy: route.proxy }),
})

/** The key of an event's route, such as `GET /notes`. */
export function routeKeyOf(event: Dictionary): string {
  const path = textIn(event, 'Path')
  if (path === undefined || path === '$default') return '$default'
  const method = textIn(event, 'Method')?.toUpperCase() ?? 'ANY'
  return `${method === 'X-AMAZON-APIGATEWAY-ANY-METHOD' ? 'ANY' : method} ${path}`
}

function ownBackend(
  reading: ApiReading,
  { type }: ServerlessKind,
  owner: Resource,
  properties: Dictionary,
) {
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

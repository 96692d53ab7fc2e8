import { checkPolicy } from '@iamfetch/policy'
import { checkAuthorizers } from './check-authorizer.ts'
import { checkBackend } from './check-backend.ts'
import { checkPlaceholders, checkSetPrefixes } from './check-role.ts'
import { fail, isText, objectAt, onlyKeys, OWNER, textsAt } from './place.ts'
import { checkWebSocketApi } from './check-websocket-api.ts'
import { show } from '../invalid-option.ts'
import { parseRouteKey } from '../api-gateway/routes.ts'

/**
 * Checks one API of a definition.
 *
 * @param known  The name of the API, and the scopes that the resource servers have.
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkApi(
  value: unknown,
  path: string,
  { name, scopes }: { name: string; scopes: readonly string[] },
): void {
  const api = objectAt(value, path, "an API: { type: 'http', routes: { 'GET /test': … } }")
  if (api['type'] === 'websocket') return checkWebSocketApi(api, path)
  const { type, stage, cors } = api
  if (type !== 'http' && type !== 'rest') {
    fail(`${path}.type`, `must be "http", "rest" or "websocket", got ${show(type)}`)
  }
  onlyKeys(api, path, ['type', 'stage', 'cors', 'routes', 'authorizers', ...OF_REST])
  const authorizers = checkAuthorizers(api['authorizers'], `${path}.authorizers`, type)
  checkRestMembers(api, path, name, type)
  const mayBeDefault = type === 'http' && stage === '$default'
  if (stage !== undefined && !mayBeDefault && !isText(stage, /^[A-Za-z0-9_-]{1,128}$/)) {
    const or = type === 'http' ? `, or be "$default" for none in the path` : ''
    fail(`${path}.stage`, `must have letters, digits, - and _ only${or}, got ${show(stage)}`)
  }
  if (cors !== undefined) checkCors(cors, `${path}.cors`, type)
  const routes = objectAt(api['routes'], `${path}.routes`, "an object: { 'GET /test': … }")
  if (Object.keys(routes).length === 0) {
    fail(`${path}.routes`, 'must have a route such as "GET /test"')
  }
  const taken = new Map<string, string>()
  for (const [key, route] of Object.entries(routes)) {
    const at = `${path}.routes['${key}']`
    const place = placeOf(key, at, type)
    const other = taken.get(place)
    if (other !== undefined) {
      fail(at, `must not take the same requests as "${other}"`)
    }
    taken.set(place, key)
    checkRoute(route, at, { type, scopes, authorizers, apiKeySource: api['apiKeySource'] })
  }
}

/** Two routes with the same place would take the same requests. */
function placeOf(key: string, path: string, type: 'http' | 'rest'): string {
  if (key === '$default') {
    if (type === 'http') return key
    return fail(path, 'is for HTTP APIs; a REST API has "ANY /{proxy+}" and "ANY /"')
  }
  try {
    const { method, rank } = parseRouteKey(key)
    return `${method} ${rank}`
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'cannot be read'
    return fail(
      path,
      `must be "METHOD /path/{name}", "ANY /path/{proxy+}" or "$default"; it ${problem}`,
    )
  }
}

/** What every user pool can put into an access token. */
const OWN_SCOPES = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin']

/** The names that a route may refer to, and the API that it belongs to. */
interface RouteSurroundings {
  type: 'http' | 'rest'
  scopes: readonly string[]
  authorizers: readonly string[]
  apiKeySource: unknown
}

function checkRoute(value: unknown, path: string, api: RouteSurroundings): void {
  const { scopes: known } = api
  const route = objectAt(value, path, `a route: { auth: 'iam', handler }`)
  onlyKeys(route, path, [
    'auth',
    'scopes',
    'audience',
    'authorizer',
    'apiKeyRequired',
    'handler',
    'lambda',
    'proxy',
    'responseTransferMode',
  ])
  const { auth, scopes } = route
  if (typeof auth !== 'string' || !['iam', 'jwt', 'lambda', 'none'].includes(auth)) {
    fail(`${path}.auth`, `must be "iam", "jwt", "lambda" or "none", got ${show(auth)}`)
  }
  checkAuthorizerOf(route, path, api)
  checkApiKeyOf(route, path, api)
  checkBackend(route, path)
  checkTransferMode(route, path, api.type)
  checkAudience(route, path, api.type)
  if (scopes === undefined) return
  if (auth !== 'jwt') fail(`${path}.scopes`, `needs auth "jwt", and this route has ${show(auth)}`)
  for (const [at, scope] of textsAt(scopes, `${path}.scopes`)) {
    if (known.includes(scope) || OWN_SCOPES.includes(scope)) continue
    const knownNames = known.join(', ') || '(none is defined)'
    fail(at, `must be a scope of resourceServers, one of ${knownNames}, got ${show(scope)}`)
  }
}

function checkAuthorizerOf(
  { auth, authorizer }: Record<string, unknown>,
  path: string,
  { authorizers }: RouteSurroundings,
): void {
  const at = `${path}.authorizer`
  if (auth !== 'lambda') {
    if (authorizer === undefined) return
    fail(at, `needs auth "lambda", and this route has ${show(auth)}`)
  }
  if (authorizer === undefined && authorizers.length === 1) return
  if (typeof authorizer === 'string' && authorizers.includes(authorizer)) return
  const knownNames = authorizers.join(', ') || '(none is defined)'
  fail(at, `must be one of the API's authorizers, ${knownNames}, got ${show(authorizer)}`)
}

function checkApiKeyOf(
  { auth, apiKeyRequired }: Record<string, unknown>,
  path: string,
  { type, apiKeySource }: RouteSurroundings,
): void {
  if (apiKeyRequired === undefined) return
  const at = `${path}.apiKeyRequired`
  if (typeof apiKeyRequired !== 'boolean') {
    fail(at, `must be true or false, got ${show(apiKeyRequired)}`)
  }
  if (type === 'http') fail(at, 'is for REST APIs; HTTP APIs have no API keys')
  if (apiKeyRequired && apiKeySource === 'authorizer' && auth !== 'lambda') {
    fail(at, `needs auth "lambda", because the API's apiKeySource is "authorizer"`)
  }
}

/** Members that REST APIs alone have. */
const OF_REST = ['resourcePolicy', 'apiKeySource', 'binaryMediaTypes']

function checkRestMembers(
  api: Record<string, unknown>,
  path: string,
  name: string,
  type: 'http' | 'rest',
): void {
  const given = OF_REST.find((member) => api[member] !== undefined)
  if (type === 'http' && given !== undefined) fail(`${path}.${given}`, 'is for REST APIs')
  const { resourcePolicy, apiKeySource, binaryMediaTypes } = api
  if (resourcePolicy !== undefined) {
    const at = `${path}.resourcePolicy`
    checkPolicy(resourcePolicy, { owner: OWNER, path: at, kind: 'resource' })
    checkPlaceholders(resourcePolicy, at, [name])
    checkSetPrefixes(resourcePolicy, at)
  }
  if (apiKeySource !== undefined && apiKeySource !== 'header' && apiKeySource !== 'authorizer') {
    fail(`${path}.apiKeySource`, `must be "header" or "authorizer", got ${show(apiKeySource)}`)
  }
  if (binaryMediaTypes === undefined) return
  for (const [at, text] of textsAt(binaryMediaTypes, `${path}.binaryMediaTypes`)) {
    if (/^(\*\/\*|[\w.+-]+\/(\*|[\w.+-]+))$/.test(text)) continue
    fail(at, `must be a media type such as "image/png", "image/*" or "*/*", got ${show(text)}`)
  }
}

/** Whether a handler may write to a stream: one that something else runs may not. */
export const canStream = (handler: unknown): boolean =>
  typeof handler === 'function' ||
  typeof handler === 'string' ||
  (typeof handler === 'object' && handler !== null && 'file' in handler)

function checkTransferMode(
  { responseTransferMode: mode, handler }: Record<string, unknown>,
  path: string,
  type: 'http' | 'rest',
): void {
  const at = `${path}.responseTransferMode`
  if (mode === undefined || mode === 'buffered') return
  if (mode !== 'stream') fail(at, `must be "buffered" or "stream", got ${show(mode)}`)
  if (type !== 'rest') fail(at, 'must not be "stream" for an HTTP API, which cannot stream')
  if (!canStream(handler)) fail(at, 'needs a "handler" that is a function or a file')
}

function checkAudience(
  { auth, audience }: Record<string, unknown>,
  path: string,
  type: 'http' | 'rest',
): void {
  if (audience === undefined) return
  if (auth !== 'jwt' || type === 'rest') {
    fail(`${path}.audience`, 'is for routes of an HTTP API with auth "jwt"')
  }
  textsAt(audience, `${path}.audience`)
}

export function checkCors(value: unknown, path: string, type: 'http' | 'rest'): void {
  const cors = objectAt(value, path, `an object: { allowOrigins: ['*'] }`)
  const lists = ['allowMethods', 'allowHeaders', 'exposeHeaders']
  const switches = ['allowCredentials', 'onErrors']
  onlyKeys(cors, path, ['allowOrigins', 'maxAgeSeconds', ...lists, ...switches])
  const origins = textsAt(cors['allowOrigins'], `${path}.allowOrigins`)
  for (const [at, origin] of origins) checkOrigin(origin, at, type)
  for (const key of lists) {
    if (cors[key] === undefined || (Array.isArray(cors[key]) && cors[key].length === 0)) continue
    for (const [at, text] of textsAt(cors[key], `${path}.${key}`)) {
      if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(text)) {
        fail(at, `must be one method or header name, got ${show(text)}`)
      }
    }
  }
  for (const key of switches) {
    if (cors[key] !== undefined && typeof cors[key] !== 'boolean') {
      fail(`${path}.${key}`, `must be true or false, got ${show(cors[key])}`)
    }
  }
  if (cors['allowCredentials'] === true && origins.some(([, origin]) => origin === '*')) {
    const why = 'must not be true together with the origin "*", which no browser accepts'
    fail(`${path}.allowCredentials`, why)
  }
  const age = cors['maxAgeSeconds']
  if (age !== undefined && !(Number.isInteger(age) && Number(age) >= -1 && Number(age) <= 86_400)) {
    fail(`${path}.maxAgeSeconds`, `must be -1 to 86400 seconds, got ${show(age)}`)
  }
}

function checkOrigin(origin: string, path: string, type: 'http' | 'rest'): void {
  if (origin === '*') return
  if (type === 'http' && (origin === 'https://*' || origin === 'http://*')) return
  if (URL.canParse(origin) && new URL(origin).origin === origin) return
  fail(
    path,
    `must be "*" or an origin without a path such as "https://app.example.com", got ${show(origin)}`,
  )
}

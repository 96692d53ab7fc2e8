import { checkDefinition } from '../definition/check-definition.ts'
import type { StackDefinition } from '../definition/definition.ts'
import type {
  AnyRouteDefinition,
  ApiDefinition,
  LambdaAuthorizerDefinition,
} from '../definition/api.ts'
import { checkOptions, invalidOption, type OptionNames } from '../invalid-option.ts'

/** What {@link openApiDocument} writes in addition to the routes. */
export interface OpenApiOptions {
  /** The API of the definition. Defaults to the only one. */
  api?: string | undefined
  /** Defaults to the name of the API. */
  title?: string | undefined
  /** The version of the API's contract. @default '1.0.0' */
  version?: string | undefined
  /** The URL of the API with its stage. Defaults to none, which a client is given. */
  url?: string | undefined
}

/** An OpenAPI 3.1 document, as JSON. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string }
  readonly servers?: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: { readonly securitySchemes: Readonly<Record<string, object>> }
}

const OPTIONS: OptionNames<OpenApiOptions> = { api: true, title: true, version: true, url: true }

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']

/**
 * Writes the routes of an API as OpenAPI 3.1, for clients such as `openapi-fetch` and for other generators. A definition does not know
 * the types of bodies and results, so they are JSON of any shape.
 *
 * A route with `ANY` becomes one operation for each method. `$default` has no path and is not included.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for a wrong definition, and for an API that it does not have.
 * @see [OpenAPI 3.1](https://spec.openapis.org/oas/v3.1.0)
 */
export function openApiDocument(
  definition: StackDefinition,
  options: OpenApiOptions = {},
): OpenApiDocument {
  checkOptions('openApiDocument', options, OPTIONS)
  checkDefinition(definition)
  const name = apiNameOf(definition, options.api)
  const api = definition.apis?.[name]
  if (!api || api.type === 'websocket') {
    throw invalidOption('openApiDocument', `"api" must not be a WebSocket API, got "${name}"`)
  }
  const { title = name, version = '1.0.0', url } = options
  const { region = 'eu-central-1' } = definition
  return {
    openapi: '3.1.0',
    info: { title, version },
    ...(url !== undefined && { servers: [{ url }] }),
    paths: pathsOf(api),
    components: { securitySchemes: schemesOf(api, region) },
  }
}

function apiNameOf({ apis = {} }: StackDefinition, given: string | undefined): string {
  const names = Object.entries(apis)
    .filter(([, { type }]) => type !== 'websocket')
    .map(([name]) => name)
  const [only] = names
  if (given === undefined && only !== undefined && names.length === 1) return only
  if (given !== undefined && Object.hasOwn(apis, given)) return given
  const problem = given === undefined ? 'is missing' : `must be an API, got "${given}"`
  throw invalidOption(
    'openApiDocument',
    `"api" ${problem}; the APIs are ${names.join(', ') || '(none is defined)'}`,
  )
}

function pathsOf(api: ApiDefinition): OpenApiDocument['paths'] {
  const paths: Record<string, Record<string, object>> = {}
  for (const [key, route] of Object.entries(api.routes)) {
    if (key === '$default') continue
    const [method = '', template = ''] = key.split(' ')
    // A template of OpenAPI has no greedy parameters.
    const path = template.replace('+}', '}')
    const operations = (paths[path] ??= {})
    const methods = method === 'ANY' ? METHODS : [method.toLowerCase()]
    for (const httpMethod of methods) {
      // A route with its own method takes the request.
      if (method === 'ANY' && Object.hasOwn(operations, httpMethod)) continue
      operations[httpMethod] = operationOf(httpMethod, path, route, api)
    }
  }
  return paths
}

function operationOf(
  method: string,
  path: string,
  route: AnyRouteDefinition,
  api: ApiDefinition,
): object {
  const { auth } = route
  const names = path.match(/\{[^}]+\}/g) ?? []
  const parameters = names.map((name) => ({
    name: name.slice(1, -1),
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const hasBody = ['post', 'put', 'patch'].includes(method)
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(hasBody && { requestBody: { content: ANY_JSON } }),
    responses: {
      '2XX': { description: 'The result of the handler.', content: ANY_JSON },
      ...(auth === 'iam' && { '403': { description: 'The role may not make this call.' } }),
      ...(auth === 'jwt' && { '401': { description: 'The token was not accepted.' } }),
    },
    security: securityOf(route, api),
  }
}

/** What a call needs, all of it together. */
function securityOf(
  { auth, scopes = [], authorizer, apiKeyRequired }: AnyRouteDefinition,
  { authorizers = {}, apiKeySource = 'header' }: ApiDefinition,
): object[] {
  // A route that names no authorizer has the only one.
  const [only = ''] = Object.keys(authorizers)
  const needed = {
    ...(auth === 'iam' && { iam: [] }),
    ...(auth === 'jwt' && { jwt: [...scopes] }),
    ...(auth === 'lambda' && { [schemeOfAuthorizer(authorizer ?? only)]: [] }),
    // A key that the authorizer finds is not sent by the client.
    ...(apiKeyRequired && apiKeySource === 'header' && { apiKey: [] }),
  }
  return Object.keys(needed).length > 0 ? [needed] : []
}

const schemeOfAuthorizer = (name: string): string => `authorizer-${name}`

const ANY_JSON = { 'application/json': { schema: {} } }

/** @see [AWS: x-amazon-apigateway-authtype](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html) */
function schemesOf(api: ApiDefinition, region: string): Record<string, object> {
  const used = new Set(
    Object.values(api.routes)
      .flatMap((route) => securityOf(route, api))
      .flatMap((needed) => Object.keys(needed)),
  )
  const all: Record<string, object> = {
    iam: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      'x-amazon-apigateway-authtype': 'awsSigv4',
      description: `AWS Signature Version 4 for execute-api in ${region}.`,
    },
    jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
  }
  for (const [name, authorizer] of Object.entries(api.authorizers ?? {})) {
    all[schemeOfAuthorizer(name)] = schemeOf(authorizer)
  }
  return Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)))
}

/** What a client sends to an authorizer: the first header or query parameter that identifies it. */
function schemeOf({ identitySources = [] }: LambdaAuthorizerDefinition): object {
  const [, place = 'header', name = 'Authorization'] =
    identitySources
      .map((source) => /^(?:method\.|\$)request\.(header|querystring)\.(.+)$/.exec(source))
      .find((match) => match !== null) ?? []
  return {
    type: 'apiKey',
    in: place === 'header' ? 'header' : 'query',
    name,
    'x-amazon-apigateway-authtype': 'custom',
  }
}

import { headerOf, splitTarget, type RawRequest } from '../http/raw-request.ts'

/** One change of the request, taken apart. */
interface Mapping {
  action: 'append' | 'overwrite' | 'remove'
  part: 'header' | 'querystring' | 'path'
  /** Of the header or the parameter; headers in lower case. */
  name: string
  value: string
}

/** The source of the values of a mapping. */
export interface MappingSource {
  request: RawRequest
  /** `$context`, as nested objects. */
  context: unknown
  /** Path parameters. */
  parameters: Readonly<Record<string, string>>
  /** `$request.path`. */
  path: string
}

/** The request that a proxy sends, as far as a mapping changes it. */
export interface MappedRequest {
  headers: Map<string, string[]>
  /** Path and query, encoded. */
  path: string
  query: string
}

/**
 * Headers that an HTTP API does not allow to be mapped.
 *
 * @see [AWS: transforming API requests](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html#http-api-mapping-reserved-headers)
 */
const RESERVED =
  /^(access-control-.*|apigw-.*|authorization|connection|content-(encoding|length|location)|forwarded|keep-alive|origin|proxy-(authenticate|authorization)|te|trailers|transfer-encoding|upgrade|x-amz-.*|x-amzn-.*|x-forwarded-(for|host|proto)|via)$/

/** A variable, alone or in braces: `$context.identity.userArn`, `${request.header.x}`. */
const VARIABLE = /\$(?:\{([\w.:@/-]+)\}|((?:context|request|stageVariables)\.[\w.:@/-]+))/g

/** @returns What is wrong with a mapping, or `undefined`. */
export function mappingFault(key: string, value: string): string | undefined {
  const mapping = readMapping(key, value)
  if (!mapping) {
    return 'must be append:header.NAME, overwrite:header.NAME, remove:header.NAME, the same with querystring.NAME, or overwrite:path'
  }
  const { part, name } = mapping
  if (part === 'header' && RESERVED.test(name)) {
    return `must not name the header "${name}", which is reserved on AWS`
  }
  for (const variable of variablesOf(value)) {
    if (/^context\.[\w.:@/-]+$/.test(variable)) continue
    if (/^request\.((header|querystring|path)\.[\w.:@/-]+|path)$/.test(variable)) continue
    return `has the variable "${variable}"; the variables are $context.…, $request.header.…, $request.querystring.…, $request.path and $request.path.…`
  }
  return undefined
}

const variablesOf = (value: string): string[] =>
  [...value.matchAll(VARIABLE)].map(([, braced, plain]) => braced ?? plain ?? '')

function readMapping(key: string, value: string): Mapping | undefined {
  if (key === 'overwrite:path') return { action: 'overwrite', part: 'path', name: '', value }
  const [, action, part, name = ''] =
    /^(append|overwrite|remove):(header|querystring)\.(.+)$/.exec(key) ?? []
  if (action !== 'append' && action !== 'overwrite' && action !== 'remove') return undefined
  if (part === 'querystring') return { action, part, name, value }
  // A header name is a token.
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return undefined
  return { action, part: 'header', name: name.toLowerCase(), value }
}

/**
 * Changes a request as the parameter mapping says.
 *
 * A variable without a value becomes an empty text. A value that consists of such a variable alone is not appended, and
 * `overwrite` then removes what the client sent (unverified on AWS, and the safe choice for headers that name the caller).
 */
export function applyMapping(
  mapping: Readonly<Record<string, string>>,
  request: MappedRequest,
  source: MappingSource,
): MappedRequest {
  const headers = new Map(request.headers)
  const query = new URLSearchParams(request.query)
  let { path } = request
  let isQueryChanged = false
  for (const [key, text] of Object.entries(mapping)) {
    const parameter = readMapping(key, text)
    if (!parameter) continue
    const { action, part, name } = parameter
    const value = action === 'remove' ? undefined : valueOf(text, source)
    if (part === 'path') path = value === undefined ? path : encodePath(value)
    else if (part === 'header') {
      const before = action === 'append' ? (headers.get(name) ?? []) : []
      const next = value === undefined ? before : [...before, headerValue(value)]
      if (next.length > 0) headers.set(name, next)
      else headers.delete(name)
    } else {
      isQueryChanged = true
      if (action !== 'append') query.delete(name)
      if (value !== undefined) query.append(name, value)
    }
  }
  return { headers, path, query: isQueryChanged ? query.toString() : request.query }
}

/** A header value is bytes: text of claims is sent as UTF-8 and cannot add another header. */
const headerValue = (value: string): string =>
  Buffer.from(value.replace(/[\r\n\0]+/g, ' ')).toString('latin1')

const encodePath = (path: string): string =>
  (path.startsWith('/') ? path : `/${path}`).replace(/[^!$-;=@-Z_a-z~]/g, encodeURIComponent)

function valueOf(text: string, source: MappingSource): string | undefined {
  let found = false
  const filled = text.replace(VARIABLE, (_, braced: string | undefined, plain: string) => {
    const value = valueOfVariable(braced ?? plain, source)
    found ||= value !== undefined
    return value ?? ''
  })
  return filled === '' && !found ? undefined : filled
}

function valueOfVariable(name: string, source: MappingSource): string | undefined {
  const { request, context, parameters, path } = source
  const [root = '', part = '', ...rest] = name.split('.')
  if (root === 'context') return textAt(context, [part, ...rest])
  const key = rest.join('.')
  if (name === 'request.path') return path
  if (part === 'header') return headerOf(request, key.toLowerCase())
  if (part === 'path') return Object.hasOwn(parameters, key) ? parameters[key] : undefined
  if (part !== 'querystring') return undefined
  const { query = '' } = splitTarget(request.target) ?? {}
  return new URLSearchParams(query).getAll(key).join(',') || undefined
}

/** A member of `$context`. The names of claims may contain dots. */
function textAt(value: unknown, keys: readonly string[]): string | undefined {
  if (typeof value === 'string') return keys.length === 0 ? value : undefined
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'object' || value === null) return undefined
  const members = new Map(Object.entries(value))
  for (let count = keys.length; count > 0; count--) {
    const name = keys.slice(0, count).join('.')
    if (members.has(name)) return textAt(members.get(name), keys.slice(count))
  }
  return undefined
}

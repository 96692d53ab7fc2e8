import { mappingFault } from '../backends/parameter-mapping.ts'
import { show } from '../invalid-option.ts'
import { fail, objectAt, onlyKeys } from './place.ts'

const BACKENDS = ['handler', 'lambda', 'proxy']

/**
 * Checks what is behind a route: one of `handler`, `lambda` and `proxy`.
 *
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkBackend(route: Record<string, unknown>, path: string): void {
  const given = BACKENDS.filter((name) => route[name] !== undefined)
  const [first, second] = given
  if (first === undefined) {
    fail(`${path}.handler`, 'is missing; a route needs "handler", "lambda" or "proxy"')
  }
  if (second !== undefined) fail(`${path}.${second}`, `must not be given together with "${first}"`)
  const { handler, lambda, proxy } = route
  if (handler !== undefined) checkHandler(handler, `${path}.handler`)
  if (lambda !== undefined) checkEndpoint(lambda, `${path}.lambda`)
  if (proxy !== undefined) checkProxy(proxy, `${path}.proxy`)
}

/** Checks a function: here, in a file, or somewhere else. */
export function checkHandler(handler: unknown, path: string): void {
  if (typeof handler === 'function') return
  if (typeof handler === 'string') return checkFile(handler, path)
  const what =
    'a function (event, context) => result, a file such as "./src/notes.ts#handler", or an object'
  const source = objectAt(handler, path, what)
  if (source['url'] !== undefined) return checkEndpoint(source, path)
  onlyKeys(source, path, ['file', 'environment', 'timeoutSeconds', 'memoryMb'])
  const { file, environment, timeoutSeconds, memoryMb } = source
  checkFile(file, `${path}.file`)
  checkNumber(timeoutSeconds, `${path}.timeoutSeconds`, [1, 900], 'seconds')
  checkNumber(memoryMb, `${path}.memoryMb`, [128, 10_240], 'MB')
  if (environment === undefined) return
  const variables = objectAt(environment, `${path}.environment`, 'an object: { NAME: "value" }')
  for (const [name, value] of Object.entries(variables)) {
    // A value may be a secret.
    if (typeof value !== 'string') fail(`${path}.environment.${name}`, 'must be a string')
  }
}

function checkFile(file: unknown, path: string): void {
  if (typeof file === 'string' && /^[^#].*#[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(file)) return
  const what = 'must be a file and the name of its export such as "./src/notes.ts#handler"'
  fail(path, `${what}, got ${show(file)}`)
}

function checkEndpoint(value: unknown, path: string): void {
  const example = 'such as "http://127.0.0.1:9000/2015-03-31/functions/function/invocations"'
  if (typeof value === 'string') return checkUrl(value, path, example)
  const endpoint = objectAt(value, path, `an address ${example}`)
  onlyKeys(endpoint, path, ['url', 'timeoutSeconds'])
  checkUrl(endpoint['url'], `${path}.url`, example)
  checkNumber(endpoint['timeoutSeconds'], `${path}.timeoutSeconds`, [1, 900], 'seconds')
}

function checkProxy(value: unknown, path: string): void {
  const example = 'such as "http://127.0.0.1:3001"'
  if (typeof value === 'string') return checkUrl(value, path, example)
  const proxy = objectAt(value, path, `an address ${example}`)
  onlyKeys(proxy, path, ['url', 'requestParameters', 'timeoutMs'])
  checkUrl(proxy['url'], `${path}.url`, example)
  checkNumber(proxy['timeoutMs'], `${path}.timeoutMs`, [50, 30_000], 'milliseconds')
  if (proxy['requestParameters'] === undefined) return
  const at = `${path}.requestParameters`
  const parameters = objectAt(proxy['requestParameters'], at, 'an object of strings')
  for (const [key, text] of Object.entries(parameters)) {
    if (typeof text !== 'string') fail(`${at}['${key}']`, `must be a string, got ${show(text)}`)
    const fault = mappingFault(key, text)
    if (fault !== undefined) fail(`${at}['${key}']`, fault)
  }
}

function checkUrl(value: unknown, path: string, example: string): void {
  const isUrl = typeof value === 'string' && URL.canParse(value)
  const url = isUrl ? new URL(value) : undefined
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (!url || !isHttp || url.hash !== '') {
    fail(path, `must be an address ${example}, got ${show(value)}`)
  }
  if (url.username !== '' || url.password !== '') {
    fail(path, 'must not contain a user name or a password')
  }
}

function checkNumber(
  value: unknown,
  path: string,
  [minimum, maximum]: readonly [number, number],
  unit: string,
): void {
  if (value === undefined) return
  if (Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum) return
  fail(path, `must be a whole number of ${unit} from ${minimum} to ${maximum}, got ${show(value)}`)
}

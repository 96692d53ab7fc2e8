import { readIdentitySource } from '../api-gateway/lambda-authorizer/identity-source.ts'
import { DEFAULT_TTL_SECONDS } from '../api-gateway/lambda-authorizer/authorizer.ts'
import { checkHandler } from './check-backend.ts'
import { show } from '../invalid-option.ts'
import { fail, objectAt, onlyKeys, textsAt } from './place.ts'

const COMMON = ['handler', 'identitySources', 'resultTtlSeconds']
const MEMBERS = {
  rest: ['type', ...COMMON, 'tokenPattern'],
  http: ['type', ...COMMON, 'payloadVersion', 'simpleResponses'],
}

/**
 * Checks the `authorizers` of an API.
 *
 * @returns Their names.
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkAuthorizers(value: unknown, path: string, type: 'http' | 'rest'): string[] {
  if (value === undefined) return []
  const authorizers = objectAt(value, path, 'an object: { byToken: { handler } }')
  for (const [name, authorizer] of Object.entries(authorizers)) {
    checkAuthorizer(authorizer, `${path}.${name}`, type)
  }
  return Object.keys(authorizers)
}

function checkAuthorizer(value: unknown, path: string, type: 'http' | 'rest'): void {
  const authorizer = objectAt(value, path, 'an authorizer: { handler }')
  onlyKeys(authorizer, path, MEMBERS[type])
  const { handler, tokenPattern, payloadVersion, simpleResponses } = authorizer
  const kinds = type === 'rest' ? ['token', 'request'] : ['request']
  const { type: kind = kinds[0] } = authorizer
  if (typeof kind !== 'string' || !kinds.includes(kind)) {
    const choice = kinds.map(show).join(' or ')
    fail(
      `${path}.type`,
      `must be ${choice} for ${type === 'rest' ? 'a REST' : 'an HTTP'} API, got ${show(kind)}`,
    )
  }
  checkHandler(handler, `${path}.handler`)
  if (payloadVersion !== undefined && payloadVersion !== '1.0' && payloadVersion !== '2.0') {
    fail(`${path}.payloadVersion`, `must be "1.0" or "2.0", got ${show(payloadVersion)}`)
  }
  if (simpleResponses !== undefined && typeof simpleResponses !== 'boolean') {
    fail(`${path}.simpleResponses`, `must be true or false, got ${show(simpleResponses)}`)
  }
  if (simpleResponses === true && payloadVersion === '1.0') {
    fail(
      `${path}.simpleResponses`,
      'must not be true with payloadVersion "1.0", which has policies',
    )
  }
  checkPattern(tokenPattern, `${path}.tokenPattern`, kind)
  checkSources(authorizer, path, type, kind)
}

function checkPattern(value: unknown, path: string, kind: string): void {
  if (value === undefined) return
  if (kind !== 'token') fail(path, `needs the type "token", and this authorizer has ${show(kind)}`)
  if (typeof value === 'string' && value !== '' && isPattern(value)) return
  fail(path, `must be a regular expression as a string, got ${show(value)}`)
}

function isPattern(text: string): boolean {
  try {
    return RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

function checkSources(
  authorizer: Record<string, unknown>,
  path: string,
  type: 'http' | 'rest',
  kind: string,
): void {
  const { identitySources, resultTtlSeconds: ttl = DEFAULT_TTL_SECONDS[type] } = authorizer
  const at = `${path}.identitySources`
  const isList = Array.isArray(identitySources) && identitySources.length > 0
  if (identitySources !== undefined && !Array.isArray(identitySources)) {
    fail(at, `must be a list of strings, got ${show(identitySources)}`)
  }
  for (const [place, source] of isList ? textsAt(identitySources, at) : []) {
    const problem = problemOf(source, type)
    if (problem !== undefined) fail(place, `${problem}, got ${show(source)}`)
  }
  if (kind === 'token' && identitySources !== undefined) {
    const isHeader = String(identitySources).startsWith('method.request.header.')
    if (!isList || identitySources.length !== 1 || !isHeader) {
      fail(at, 'must have one header, such as method.request.header.Authorization, for a token')
    }
  }
  if (!(Number.isInteger(ttl) && Number(ttl) >= 0 && Number(ttl) <= 3_600)) {
    fail(`${path}.resultTtlSeconds`, `must be 0 to 3600 seconds, got ${show(ttl)}`)
  }
  if (kind === 'request' && ttl !== 0 && !isList) {
    const why = `must have a source, because results are used again for ${show(ttl)} seconds`
    fail(at, `${why}; or set resultTtlSeconds to 0`)
  }
}

function problemOf(source: string, type: 'http' | 'rest'): string | undefined {
  try {
    readIdentitySource(source, type)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'cannot be read'
  }
}

import type { ConditionContext } from './condition.ts'
import { fail, memberOf, objectAt, onlyMembers, show, textsAt, type Place } from './invalid.ts'
import type { AccessRequest } from './request.ts'

/** Checks the request of `evaluate`. A misspelt member would change the decision. */
export function checkRequest(request: AccessRequest, owner: string): void {
  const place = { owner, path: 'request' }
  onlyMembers(objectAt(request, place, 'an object: { action, resource }'), place, REQUEST)
  if (typeof request.action !== 'string' || request.action === '') {
    fail(memberOf(place, 'action'), `must be a string, got ${show(request.action)}`)
  }
  const { principal, resource, context } = request
  if (resource !== undefined && typeof resource !== 'string') {
    fail(memberOf(place, 'resource'), `must be a string, got ${show(resource)}`)
  }
  if (context !== undefined) checkContext(context, memberOf(place, 'context'))
  if (principal === undefined || principal === 'anonymous') return
  const at = memberOf(place, 'principal')
  onlyMembers(objectAt(principal, at, '"anonymous" or { type, name }'), at, ['type', 'name'])
  if (!TYPES.includes(principal.type)) {
    fail(memberOf(at, 'type'), `must be one of ${TYPES.join(', ')}, got ${show(principal.type)}`)
  }
  textsAt(principal.name, memberOf(at, 'name'))
}

const REQUEST = ['action', 'resource', 'principal', 'context']
const TYPES: readonly unknown[] = ['AWS', 'Federated', 'Service']

/** A key that is not read would make a condition on it decide as if the request did not have the key. */
function checkContext(context: ConditionContext, place: Place): void {
  const known = new Map<string, string>()
  if (Symbol.iterator in objectAt(context, place, 'an object: { key: value }')) {
    fail(place, 'must be an object: { key: value }, got a Map or another list of entries')
  }
  for (const [key, value] of Object.entries(context)) {
    const isText = value === undefined || typeof value === 'string'
    if (!isText && !(Array.isArray(value) && value.every((text) => typeof text === 'string'))) {
      const at = { ...place, path: `${place.path}['${key}']` }
      fail(at, `must be a string or a list of strings, got ${show(value)}`)
    }
    const name = key.toLowerCase()
    const other = known.get(name)
    if (other !== undefined) {
      const at = { ...place, path: `${place.path}['${key}']` }
      fail(at, `is the same key as "${other}": the case of a condition key does not count`)
    }
    known.set(name, key)
  }
}

import { factsOf, firstUnmet, readConditions, type Facts, type ReadCondition } from './condition.ts'
import type { PolicyKind } from './check-policy.ts'
import type { PolicyStatement } from './document.ts'
import {
  compilePattern,
  matches,
  missingVariable,
  withoutVariables,
  type Lookup,
  type Matcher,
} from './pattern.ts'
import { principalMatch } from './principal.ts'
import type { AccessRequest } from './request.ts'
import { SHORT_FORM } from './short-form.ts'

/** A statement, read once to be compared with many requests. */
export interface ReadStatement {
  effect: 'Allow' | 'Deny'
  sid: string | undefined
  action: Listed
  /** `undefined` in a trust policy. */
  resource: Listed | undefined
  principal: PolicyStatement['Principal']
  conditions: readonly ReadCondition[]
  /** Whether policy variables count. */
  variables: boolean
}

/** The patterns of an element or of its opposite. */
interface Listed {
  /** Whether it is `NotAction` or `NotResource`. */
  negated: boolean
  patterns: readonly { text: string; matcher: Matcher }[]
}

/** Reads a statement that was checked. */
export function readStatement(
  statement: PolicyStatement,
  kind: PolicyKind,
  variables: boolean,
): ReadStatement {
  const { Effect, Sid, Action, NotAction, Resource, NotResource, Principal, Condition } = statement
  const resources = (text: string): Matcher => resourceMatcher(text, kind, variables)
  return {
    effect: Effect,
    sid: Sid === '' ? undefined : Sid,
    action: read(Action, NotAction, (text) => compilePattern(text.toLowerCase(), 'text', false)),
    resource: kind === 'trust' ? undefined : read(Resource, NotResource, resources),
    principal: kind === 'identity' ? undefined : Principal,
    conditions: Condition ? readConditions(Condition) : [],
    variables,
  }
}

function read(
  positive: string | readonly string[] | undefined,
  negative: string | readonly string[] | undefined,
  compile: (text: string) => Matcher,
): Listed {
  const patterns = [positive ?? negative ?? []].flat()
  return {
    negated: positive === undefined,
    patterns: patterns.map((text) => ({ text, matcher: compile(text) })),
  }
}

/** In a resource policy `execute-api:/stage/METHOD/path` is short for the ARN of the API that the policy belongs to. */
function resourceMatcher(text: string, kind: PolicyKind, variables: boolean): Matcher {
  if (kind !== 'resource' || !text.startsWith(SHORT_FORM)) {
    return compilePattern(text, 'resource', variables)
  }
  const matcher = compilePattern(text, 'text', variables)
  return (arn, lookup) => {
    const path = arn.split(':').slice(5).join(':')
    return matcher(`execute-api:${path.slice(path.indexOf('/'))}`, lookup)
  }
}

/** A request with what its statements share. */
export interface ReadRequest extends AccessRequest {
  /** In lower case. */
  action: string
  facts: Facts
}

export const readRequest = (request: AccessRequest): ReadRequest => ({
  ...request,
  action: request.action.toLowerCase(),
  facts: factsOf(request.context ?? {}),
})

/** Why a statement does not apply to a request. */
export type Mismatch =
  | { element: 'Action' }
  | {
      /** The first element that does not match. */
      element: 'Principal' | 'Resource' | 'NotResource' | 'Condition'
      key?: string
      variable?: string
      reason: string
      /** Orders mismatches: a condition is nearer than a principal, then a policy variable, then another resource. */
      nearness: number
    }

/** Nearer than any resource that does not match; those count the characters that they share with the resource. */
const NEARNESS = { condition: 1e9, principal: 5e8, variable: 1e8 }

/** @returns `undefined` if the statement applies. */
export function mismatchOf(
  statement: ReadStatement,
  request: ReadRequest,
  kind: PolicyKind,
): Mismatch | undefined {
  const { action, conditions, variables } = statement
  if (has(action, request.action, undefined) === action.negated) return { element: 'Action' }
  if (statement.resource) {
    const lookup = variables ? request.facts.lookup : undefined
    const mismatch = resourceMismatch(statement.resource, request.resource ?? '', lookup)
    if (mismatch) return mismatch
  }
  const stranger = principalMismatch(statement, request, kind)
  if (stranger) return stranger
  const unmet = conditions.length > 0 && firstUnmet(conditions, request.facts, variables)
  if (!unmet) return undefined
  const reason = `its condition is not met: ${unmet.reason}`
  return { element: 'Condition', nearness: NEARNESS.condition, key: unmet.key, reason }
}

function principalMismatch(
  { effect, principal }: ReadStatement,
  { principal: caller }: ReadRequest,
  kind: PolicyKind,
): Mismatch | undefined {
  if (caller === undefined) return undefined
  const match = principalMatch(principal, caller)
  if (match === 'named') return undefined
  if (match === 'account' && kind === 'resource') {
    if (effect === 'Deny') return undefined
    const why = 'which leaves the decision to the policy of the role'
    const reason = `its Principal is the account, ${why}`
    return { element: 'Principal', nearness: NEARNESS.principal, reason }
  }
  const who =
    caller === 'anonymous'
      ? 'anonymous callers'
      : `the ${caller.type} principal "${[caller.name].flat().join('" or "')}"`
  const reason = `its Principal does not have ${who}`
  return { element: 'Principal', nearness: NEARNESS.principal, reason }
}

function resourceMismatch(
  { negated, patterns }: Listed,
  resource: string,
  lookup: Lookup | undefined,
): Mismatch | undefined {
  const isListed = patterns.some(({ matcher }) => matcher(resource, lookup))
  if (negated) {
    if (!isListed) return undefined
    return { element: 'NotResource', nearness: 0, reason: 'its NotResource has the resource' }
  }
  if (isListed) return undefined
  if (lookup) {
    for (const { text } of patterns) {
      if (!text.includes('${')) continue
      if (!matches(withoutVariables(text, '*'), resource, 'resource')) continue
      const variable = missingVariable(text, lookup)
      const why =
        variable === undefined
          ? `a policy variable of its Resource has another value, or is before the fifth colon of the ARN, where AWS does not replace it`
          : `the policy variable ${variable} of its Resource has no value in the request`
      const nearness = NEARNESS.variable
      return { element: 'Resource', nearness, ...(variable && { variable }), reason: why }
    }
  }
  const [first] = patterns
    .map(({ text }) => ({ text, nearness: sharedStart(text, resource) }))
    .toSorted((a, b) => b.nearness - a.nearness)
  const { text = '', nearness = 0 } = first ?? {}
  return { element: 'Resource', nearness, reason: `its Resource ${text} does not match` }
}

/** How many characters two texts begin with together. */
function sharedStart(first: string, second: string): number {
  let length = 0
  while (length < first.length && first[length] === second[length]) length++
  return length
}

const has = ({ patterns }: Listed, value: string, lookup: Lookup | undefined): boolean =>
  patterns.some(({ matcher }) => matcher(value, lookup))

import { checkPolicy, checkRequest } from './check-policy.ts'
import { lookupIn, unmetCondition } from './condition.ts'
import type { PolicyDocument, PolicyStatement } from './document.ts'
import { matches, missingVariable, withoutVariables, type Lookup } from './pattern.ts'
import type { AccessRequest } from './request.ts'

/** Which statement of which document. Both count from 0. */
export interface StatementPosition {
  document: number
  statement: number
  sid?: string
}

/** The statement that comes nearest to allowing a request, and why it does not. */
export interface NearestStatement extends StatementPosition {
  /** The first element that does not match. The action does: a statement on other actions is not near. */
  element: 'Principal' | 'Resource' | 'NotResource' | 'Condition'
  /** The condition key, if a condition is not met. */
  key?: string
  /** The policy variable without a value, as it is written, if that is why. */
  variable?: string
  /** A part of a sentence: `its condition is not met: the request has no value for the key "aws:PrincipalTag/team"`. */
  reason: string
}

/** What the policies say, and which statement decided. */
export interface Decision {
  effect: 'Allow' | 'ExplicitDeny' | 'ImplicitDeny'
  /** The statement that decided; `undefined` for `ImplicitDeny`. */
  decidedBy?: StatementPosition
  /** For `ImplicitDeny`: the nearest statement that allows the action; `undefined` if there is none. */
  nearest?: NearestStatement
}

/**
 * Evaluates IAM policies: an explicit deny wins over an allow, and what no statement allows is denied.
 *
 * It evaluates the policies it is given and nothing else: permissions boundaries, service control policies, session
 * policies and resource policies are not combined with them.
 *
 * @param documents  One policy, or several that are attached together. Identity policies, or trust policies if the request
 *   has a `principal`.
 * @throws `TypeError` with the code `INVALID_OPTION` for anything in a document or in the request that is not
 *   understood. Nothing is skipped.
 * @see [AWS: policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html)
 * @example
 * ```ts
 * const { effect, nearest } = evaluate(policy, {
 *   action: 'execute-api:Invoke',
 *   resource: 'arn:aws:execute-api:eu-central-1:123456789012:abc/prod/GET/notes',
 *   context: { 'aws:SourceIp': '203.0.113.7' },
 * })
 * if (effect === 'ImplicitDeny') console.log(nearest?.reason ?? 'no statement allows the action')
 * ```
 */
export function evaluate(
  documents: PolicyDocument | readonly PolicyDocument[],
  request: AccessRequest,
): Decision {
  checkRequest(request, 'evaluate')
  const kind = request.principal ? 'trust' : 'identity'
  const all = isList(documents) ? documents : [documents]
  let allowed: StatementPosition | undefined
  let denied: StatementPosition | undefined
  let nearest: Near | undefined
  all.forEach((policy, document) => {
    const path = isList(documents) ? `documents[${document}]` : 'policy'
    checkPolicy(policy, { kind, path, owner: 'evaluate' })
    const variables = policy.Version === '2012-10-17'
    const statements = isList(policy.Statement) ? policy.Statement : [policy.Statement]
    statements.forEach((one, statement) => {
      const position = { document, statement, ...(one.Sid ? { sid: one.Sid } : {}) }
      const mismatch = mismatchOf(one, request, variables)
      if (!mismatch) {
        if (one.Effect === 'Deny') denied ??= position
        else allowed ??= position
      } else if (one.Effect === 'Allow' && mismatch.element !== 'Action') {
        const { element, nearness, ...rest } = mismatch
        if (!nearest || nearness > nearest.nearness) {
          nearest = { nearness, statement: { ...position, element, ...rest } }
        }
      }
    })
  })
  if (denied) return { effect: 'ExplicitDeny', decidedBy: denied }
  if (allowed) return { effect: 'Allow', decidedBy: allowed }
  return { effect: 'ImplicitDeny', ...(nearest && { nearest: nearest.statement }) }
}

/** A statement and how near it comes. */
interface Near {
  nearness: number
  statement: NearestStatement
}

/** Why a statement does not apply to a request. */
type Mismatch =
  | { element: 'Action' }
  | (Pick<NearestStatement, 'element' | 'key' | 'variable' | 'reason'> & {
      /** Orders mismatches: a condition is nearer than a variable, and that is nearer than another resource. */
      nearness: number
    })

/** Nearer than any resource that does not match; those count the characters that they share with the resource. */
const NEARNESS = { condition: 1e9, variable: 1e8 }

/** @returns `undefined` if the statement applies. */
function mismatchOf(
  statement: PolicyStatement,
  request: AccessRequest,
  variables: boolean,
): Mismatch | undefined {
  const { Action, NotAction, Principal, Condition } = statement
  const { action, principal, context = {} } = request
  const isAction = (pattern: string): boolean =>
    matches(pattern.toLowerCase(), action.toLowerCase(), 'text')
  if (Action === undefined ? listed(NotAction, isAction) : !listed(Action, isAction)) {
    return { element: 'Action' }
  }
  if (principal && !isPrincipal(Principal, principal)) {
    const reason = `its Principal does not have the ${principal.type} principal "${principal.name}"`
    return { element: 'Principal', nearness: 0, reason }
  }
  if (!principal) {
    const lookup = variables ? lookupIn(context) : undefined
    const mismatch = resourceMismatch(statement, request.resource ?? '', lookup)
    if (mismatch) return mismatch
  }
  const unmet = Condition && unmetCondition(Condition, context, variables)
  if (!unmet) return undefined
  const reason = `its condition is not met: ${unmet.reason}`
  return { element: 'Condition', nearness: NEARNESS.condition, key: unmet.key, reason }
}

function resourceMismatch(
  { Resource, NotResource }: PolicyStatement,
  resource: string,
  lookup: Lookup | undefined,
): Mismatch | undefined {
  const isResource = (pattern: string): boolean => matches(pattern, resource, 'resource', lookup)
  if (Resource === undefined) {
    if (!listed(NotResource, isResource)) return undefined
    return { element: 'NotResource', nearness: 0, reason: 'its NotResource has the resource' }
  }
  if (listed(Resource, isResource)) return undefined
  const patterns = [Resource].flat()
  if (lookup) {
    for (const pattern of patterns) {
      if (!pattern.includes('${')) continue
      if (!matches(withoutVariables(pattern, '*'), resource, 'resource')) continue
      const variable = missingVariable(pattern, lookup)
      const why =
        variable === undefined
          ? `a policy variable of its Resource has another value, or is before the fifth colon of the ARN, where AWS does not replace it`
          : `the policy variable ${variable} of its Resource has no value in the request`
      const nearness = NEARNESS.variable
      return { element: 'Resource', nearness, ...(variable && { variable }), reason: why }
    }
  }
  const [first] = patterns
    .map((pattern) => ({ pattern, nearness: sharedStart(pattern, resource) }))
    .toSorted((a, b) => b.nearness - a.nearness)
  const { pattern = '', nearness = 0 } = first ?? {}
  return { element: 'Resource', nearness, reason: `its Resource ${pattern} does not match` }
}

/** How many characters two texts begin with together. */
function sharedStart(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}

const listed = (
  patterns: string | readonly string[] | undefined,
  isMatch: (pattern: string) => boolean,
): boolean => [patterns ?? []].flat().some(isMatch)

/** `*` and `{ AWS: '*' }` mean every principal; anything else is compared as it is written. */
function isPrincipal(
  principal: PolicyStatement['Principal'],
  { type, name }: NonNullable<AccessRequest['principal']>,
): boolean {
  if (principal === undefined) return false
  if (principal === '*') return true
  const isEverybody = listed(principal['AWS'], (one) => one === '*')
  return isEverybody || listed(principal[type], (one) => one === name)
}

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value)

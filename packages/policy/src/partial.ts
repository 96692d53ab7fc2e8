import { checkPolicy } from './check-policy.ts'
import { checkRequest } from './check-request.ts'
import {
  lookupIn,
  unmetCondition,
  type ConditionBlock,
  type ConditionContext,
} from './condition.ts'
import { coverageOf, parametersOf, type Coverage } from './coverage.ts'
import type { PolicyDocument, PolicyStatement } from './document.ts'
import type { StatementPosition } from './evaluate.ts'
import { matches, readPattern, unknownVariables, type Lookup } from './pattern.ts'
import type { AccessRequest } from './request.ts'

/** The decision about a request that is not known as a whole. */
export interface PartialDecision {
  /** `Depends`: what is not known decides. The others hold for every such request. */
  effect: 'Allow' | 'ExplicitDeny' | 'ImplicitDeny' | 'Depends'
  /** The statement that decides; for `Depends` the first one that may. `undefined` for `ImplicitDeny`. */
  decidedBy?: StatementPosition
  /**
   * For `Depends`: condition keys (`aws:SourceIp`) and path parameters (`{id}`) that the decision depends on, each once.
   */
  dependsOn?: readonly string[]
}

/**
 * Evaluates IAM policies for a request of which only a part is known, for example for every call of a route.
 *
 * - A condition key that is not in `context` is not known, and a condition on it may hold or not. A key whose value is `undefined` is
 *   known to be missing.
 * - `{id}` in `resource` is any segment of a path without a slash, `{proxy+}` any rest of it. Whether IAM sees a slash
 *   that is escaped in the URL (`%2F`) as one is unverified; the local stack does.
 *
 * The result is `Depends` only if some of these requests are allowed and others may be denied. It errs to `Depends` if several
 * statements allow all requests together and none of them alone.
 *
 * @param documents  One policy, or several that are attached together.
 * @param request    Without a `principal`: trust policies are not evaluated.
 * @throws `TypeError` with the code `INVALID_OPTION`, as `evaluate` does.
 * @example
 * ```ts
 * const { effect, dependsOn } = evaluatePartially(policy, {
 *   action: 'execute-api:Invoke',
 *   resource: 'arn:aws:execute-api:eu-central-1:123456789012:abc/prod/GET/notes/{id}',
 * })
 * ```
 */
export function evaluatePartially(
  documents: PolicyDocument | readonly PolicyDocument[],
  request: Omit<AccessRequest, 'principal'>,
): PartialDecision {
  checkRequest(request, 'evaluatePartially')
  const all = [documents].flat()
  const found: Record<PolicyStatement['Effect'], Found> = { Allow: {}, Deny: {} }
  const dependsOn = new Set<string>()
  all.forEach((policy, document) => {
    const path = Array.isArray(documents) ? `documents[${document}]` : 'policy'
    checkPolicy(policy, { path, owner: 'evaluatePartially' })
    const variables = policy.Version === '2012-10-17'
    ;[policy.Statement].flat().forEach((entry, statement) => {
      const { truth, unknown } = applies(entry, request, variables)
      if (truth === 'no') return
      const position = { document, statement, ...(entry.Sid ? { sid: entry.Sid } : {}) }
      found[entry.Effect][truth] ??= position
      if (truth === 'maybe') for (const name of unknown) dependsOn.add(name)
    })
  })
  const { Allow, Deny } = found
  if (Deny.yes) return { effect: 'ExplicitDeny', decidedBy: Deny.yes }
  if (!Allow.yes && !Allow.maybe) return { effect: 'ImplicitDeny' }
  if (Allow.yes && !Deny.maybe) return { effect: 'Allow', decidedBy: Allow.yes }
  const decidedBy = Deny.maybe ?? Allow.maybe
  return { effect: 'Depends', ...(decidedBy && { decidedBy }), dependsOn: [...dependsOn] }
}

/** Whether something holds for every request, for none, or for some. */
type Truth = 'yes' | 'no' | 'maybe'

/** The first statement that applies to every request, and the first that applies to some. */
type Found = Partial<Record<'yes' | 'maybe', StatementPosition>>

interface Applies {
  truth: Truth
  /** For `maybe`: what it depends on. */
  unknown: readonly string[]
}

const NO: Applies = { truth: 'no', unknown: [] }
const YES: Applies = { truth: 'yes', unknown: [] }

function applies(
  statement: PolicyStatement,
  { action, resource = '', context = {} }: AccessRequest,
  variables: boolean,
): Applies {
  const { Action, NotAction, Condition = {} } = statement
  const isAction = (pattern: string): boolean =>
    matches(pattern.toLowerCase(), action.toLowerCase(), 'text')
  const isListed = [Action ?? NotAction ?? []].flat().some(isAction)
  if (isListed !== (Action !== undefined)) return NO
  const lookup = variables ? lookupIn(context) : undefined
  const parts = [
    onResource(statement, resource, lookup),
    ...Object.entries(Condition).map((condition) => onCondition(condition, context, lookup)),
  ]
  if (parts.some(({ truth }) => truth === 'no')) return NO
  const unknown = parts.flatMap((part) => part.unknown)
  return parts.every(({ truth }) => truth === 'yes') ? YES : { truth: 'maybe', unknown }
}

function onResource(
  { Resource, NotResource }: PolicyStatement,
  resource: string,
  lookup: Lookup | undefined,
): Applies {
  const patterns = [Resource ?? NotResource ?? []].flat()
  const covered = patterns.map((pattern) => ({
    pattern,
    coverage: covers(pattern, resource, lookup),
  }))
  const isAll = covered.some(({ coverage }) => coverage === 'all')
  const some = covered.filter(({ coverage }) => coverage === 'some')
  if (isAll) return Resource === undefined ? NO : YES
  if (some.length === 0) return Resource === undefined ? YES : NO
  const unknown = some.flatMap(({ pattern }) => {
    const missing = lookup ? unknownVariables(pattern, lookup) : []
    return missing.length > 0 ? missing : parametersOf(resource)
  })
  return { truth: 'maybe', unknown }
}

/** The value of a policy variable that is not known may be any text, so its pattern covers some resources at most. */
function covers(pattern: string, resource: string, lookup: Lookup | undefined): Coverage {
  const tokens = readPattern(pattern, 'resource', lookup, 'any')
  if (!tokens) return 'none'
  const coverage = coverageOf(tokens, resource)
  const isUnknown = lookup !== undefined && unknownVariables(pattern, lookup).length > 0
  return isUnknown && coverage === 'all' ? 'some' : coverage
}

/** All keys of one operator have to be met. */
function onCondition(
  [operator, keys]: [string, ConditionBlock[string]],
  context: ConditionContext,
  lookup: Lookup | undefined,
): Applies {
  const known = new Set(Object.keys(context).map((key) => key.toLowerCase()))
  const unknown: string[] = []
  for (const [key, values] of Object.entries(keys)) {
    const missing = lookup
      ? [values].flat().flatMap((value) => unknownVariables(String(value), lookup))
      : []
    if (!known.has(key.toLowerCase())) unknown.push(key)
    else if (missing.length > 0) unknown.push(...missing)
    else if (unmetCondition({ [operator]: { [key]: values } }, context, lookup !== undefined)) {
      return NO
    }
  }
  return unknown.length > 0 ? { truth: 'maybe', unknown } : YES
}

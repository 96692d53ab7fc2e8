import type { PolicyDocument, PolicyStatement } from '../definition.ts'
import { checkPolicy } from './check-policy.ts'
import { conditionsHold, lookupIn, type ConditionContext } from './condition.ts'
import { matches } from './pattern.ts'

/** What somebody wants to do. */
export interface AccessRequest {
  /** As `execute-api:Invoke`. */
  action: string
  /** The ARN. Trust policies have none. */
  resource?: string
  /** Who asks to assume a role; makes the documents trust policies. */
  principal?: { type: 'Federated' | 'AWS' | 'Service'; name: string }
  /** The condition keys of the request. */
  context?: ConditionContext
}

/** What the policies say, and which statement said it. */
export interface Decision {
  effect: 'Allow' | 'ExplicitDeny' | 'ImplicitDeny'
  /** Which statement of which document decided; nothing for `ImplicitDeny`. Both count from 0. */
  decidedBy?: { document: number; statement: number; sid?: string }
}

/**
 * Evaluates IAM policies: an explicit deny beats an allow, and what nobody allows is denied.
 *
 * @param documents  One policy or several that hold together. Identity policies, or trust policies when
 *   the request has a `principal`.
 * @throws TypeError for anything in a document that is not understood; nothing is skipped.
 * @see [AWS: policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html)
 */
export function evaluate(
  documents: PolicyDocument | readonly PolicyDocument[],
  request: AccessRequest,
): Decision {
  let allowed: Decision | undefined
  let denied: Decision | undefined
  const kind = request.principal ? 'trust' : 'identity'
  const all = isMany(documents) ? documents : [documents]
  all.forEach((policy, document) => {
    checkPolicy(policy, 'policy', kind)
    const variables = policy.Version === '2012-10-17'
    const statements = isMany(policy.Statement) ? policy.Statement : [policy.Statement]
    statements.forEach((one, statement) => {
      if (!applies(one, request, variables)) return
      const sid = one.Sid ? { sid: one.Sid } : {}
      const decidedBy = { document, statement, ...sid }
      if (one.Effect === 'Deny') denied ??= { effect: 'ExplicitDeny', decidedBy }
      else allowed ??= { effect: 'Allow', decidedBy }
    })
  })
  return denied ?? allowed ?? { effect: 'ImplicitDeny' }
}

function applies(statement: PolicyStatement, request: AccessRequest, variables: boolean): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, Condition } = statement
  const { action, resource = '', principal, context = {} } = request
  const sameAction = (pattern: string): boolean =>
    matches(pattern.toLowerCase(), action.toLowerCase(), 'text')
  if (Action !== undefined ? !listed(Action, sameAction) : listed(NotAction, sameAction))
    return false

  if (principal) {
    if (!isPrincipal(Principal, principal)) return false
  } else {
    const lookup = variables ? lookupIn(context) : undefined
    const sameResource = (pattern: string): boolean =>
      matches(pattern, resource, 'resource', lookup)
    if (
      Resource !== undefined ? !listed(Resource, sameResource) : listed(NotResource, sameResource)
    ) {
      return false
    }
  }
  return Condition === undefined || conditionsHold(Condition, context, variables)
}

const listed = (
  patterns: string | readonly string[] | undefined,
  matching: (pattern: string) => boolean,
): boolean => [patterns ?? []].flat().some(matching)

/** `*` and `{ AWS: '*' }` mean everybody; anything else is compared as it stands. */
function isPrincipal(
  principal: PolicyStatement['Principal'],
  { type, name }: NonNullable<AccessRequest['principal']>,
): boolean {
  if (principal === undefined) return false
  if (principal === '*') return true
  const everybody = listed(principal['AWS'], (one) => one === '*')
  return everybody || listed(principal[type], (one) => one === name)
}

const isMany = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value)

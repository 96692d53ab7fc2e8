import { checkPolicy, type PolicyKind } from './check-policy.ts'
import { checkRequest } from './check-request.ts'
import type { PolicyDocument } from './document.ts'
import { fail, memberOf, onlyMembers } from './invalid.ts'
import type { AccessRequest } from './request.ts'
import { mismatchOf, readRequest, readStatement, type ReadStatement } from './statement.ts'

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
 * It evaluates the policies it is given and nothing else: permissions boundaries, service control policies and session
 * policies are not known, and a resource policy is not combined with identity policies.
 *
 * @param documents  One policy, or several that are attached together. Identity policies; trust policies if the request has a
 *   `principal` and no `resource`; resource policies if it has both.
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
  return decide(readPolicies(documents, kindOf(request), 'evaluate'), request)
}

/** Evaluates requests against policies that were read before. Created with {@link createEvaluator}. */
export type Evaluator = (request: AccessRequest) => Decision

/**
 * Reads policies once, to evaluate many requests: {@link evaluate} checks and reads them each time, which takes most of its time.
 * Later changes of the documents have no effect.
 *
 * @param options.kind  The kind of the documents. Defaults to `identity`. Requests without a `principal` need identity policies;
 *   with one, trust policies if they have no `resource`, and resource policies if they have.
 * @throws `TypeError` with the code `INVALID_OPTION`, as {@link evaluate}; for documents at once, for a request when it is
 *   evaluated.
 */
export function createEvaluator(
  documents: PolicyDocument | readonly PolicyDocument[],
  options: { kind?: PolicyKind } = {},
): Evaluator {
  const owner = 'createEvaluator'
  onlyMembers(options, { owner, path: 'options' }, ['kind'])
  const { kind = 'identity' } = options
  const policies = readPolicies(documents, kind, owner)
  return (request) => {
    checkRequest(request, owner)
    const place = { owner, path: 'request' }
    const wanted = kindOf(request)
    if (wanted !== kind) {
      fail(memberOf(place, 'principal'), `must be that of a request to ${kind} policies`)
    }
    return decide(policies, request)
  }
}

function kindOf({ principal, resource }: AccessRequest): PolicyKind {
  if (principal === undefined) return 'identity'
  return resource === undefined ? 'trust' : 'resource'
}

/** Policies that were checked and read. */
interface ReadPolicies {
  kind: PolicyKind
  statements: readonly { position: StatementPosition; statement: ReadStatement }[]
}

function readPolicies(
  documents: PolicyDocument | readonly PolicyDocument[],
  kind: PolicyKind,
  owner: string,
): ReadPolicies {
  const all = isList(documents) ? documents : [documents]
  const statements = all.flatMap((policy, document) => {
    const path = isList(documents) ? `documents[${document}]` : 'policy'
    checkPolicy(policy, { kind, path, owner })
    const variables = policy.Version === '2012-10-17'
    const list = isList(policy.Statement) ? policy.Statement : [policy.Statement]
    return list.map((entry, index) => {
      const statement = readStatement(entry, kind, variables)
      const { sid } = statement
      return { statement, position: { document, statement: index, ...(sid && { sid }) } }
    })
  })
  return { kind, statements }
}

function decide({ kind, statements }: ReadPolicies, given: AccessRequest): Decision {
  const request = readRequest(given)
  let allowed: StatementPosition | undefined
  let denied: StatementPosition | undefined
  let nearest: { nearness: number; statement: NearestStatement } | undefined
  for (const { statement, position } of statements) {
    const mismatch = mismatchOf(statement, request, kind)
    if (!mismatch) {
      if (statement.effect === 'Deny') denied ??= position
      else allowed ??= position
    } else if (statement.effect === 'Allow' && mismatch.element !== 'Action') {
      const { element, nearness, ...rest } = mismatch
      if (!nearest || nearness > nearest.nearness) {
        nearest = { nearness, statement: { ...position, element, ...rest } }
      }
    }
  }
  if (denied) return { effect: 'ExplicitDeny', decidedBy: denied }
  if (allowed) return { effect: 'Allow', decidedBy: allowed }
  return { effect: 'ImplicitDeny', ...(nearest && { nearest: nearest.statement }) }
}

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value)

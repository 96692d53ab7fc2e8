import { createEvaluator, type Evaluator } from '@iamfetch/policy'
import { accepted, refused, type Result } from '../../result.ts'

/** What an authorizer function returned, read. */
export interface AuthorizerResult {
  /** A policy, or one decision for every route. */
  decides: { policy: Evaluator } | { isAuthorized: boolean }
  /** `undefined` with a simple response. */
  principalId?: string
  /** As the function behind the route receives it. */
  context: Readonly<Record<string, unknown>> | null
  /** The API key that the call counts for. */
  usageIdentifierKey?: string
}

/**
 * Reads the result of an authorizer that returns a policy. In a REST API the values of `context` become strings.
 *
 * @returns A refusal that says what is wrong with it.
 * @see [AWS: output from a Lambda authorizer](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html)
 */
export function readPolicyResult(
  value: unknown,
  type: 'http' | 'rest',
): Result<AuthorizerResult, string> {
  if (!isObject(value)) return refused('it returned no { principalId, policyDocument }')
  const { principalId, policyDocument, context, usageIdentifierKey } = value
  if (typeof principalId !== 'string' || principalId === '') {
    return refused('it returned a "principalId" that is not a string')
  }
  const policy = policyFrom(policyDocument)
  if (!policy.ok) return policy
  if (context !== undefined && !isObject(context)) {
    return refused('it returned a "context" that is not an object')
  }
  if (usageIdentifierKey !== undefined && typeof usageIdentifierKey !== 'string') {
    return refused('it returned a "usageIdentifierKey" that is not a string')
  }
  const passed = type === 'rest' ? stringContext(context ?? {}) : accepted(context ?? null)
  if (!passed.ok) return passed
  return accepted({
    decides: { policy: policy.value },
    principalId,
    context: passed.value,
    ...(usageIdentifierKey !== undefined && { usageIdentifierKey }),
  })
}

/** Reads a simple response: `{ isAuthorized, context }`. */
export function readSimpleResult(value: unknown): Result<AuthorizerResult, string> {
  if (!isObject(value)) return refused('it returned no { isAuthorized }')
  const { isAuthorized, context } = value
  if (typeof isAuthorized !== 'boolean') {
    return refused('it returned an "isAuthorized" that is not true or false')
  }
  if (context !== undefined && !isObject(context)) {
    return refused('it returned a "context" that is not an object')
  }
  return accepted({ decides: { isAuthorized }, context: context ?? null })
}

function policyFrom(value: unknown): Result<Evaluator, string> {
  if (!isObject(value)) return refused('it returned no "policyDocument"')
  try {
    // The document is checked there.
    return accepted(createEvaluator(JSON.parse(JSON.stringify(value))))
  } catch (error) {
    const problem = String(error instanceof Error ? error.message : error)
    return refused(
      `it returned a wrong "policyDocument": ${problem.replace(/^createEvaluator: /, '')}`,
    )
  }
}

/** unverified: that `null` is refused, as an object and a list are by AWS's page. */
function stringContext(
  context: Readonly<Record<string, unknown>>,
): Result<Record<string, string>, string> {
  for (const [name, value] of Object.entries(context)) {
    if (['string', 'number', 'boolean'].includes(typeof value)) continue
    return refused(
      `it returned a "context" whose member ${JSON.stringify(name)} is not a string, a number, true or false`,
    )
  }
  return accepted(
    Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)])),
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

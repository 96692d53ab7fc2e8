import { createEvaluator, type Evaluator } from '@iamfetch/policy'
import type { FunctionUrlDefinition } from '../definition/function-url.ts'
import { fillPlaceholders } from '../definition/placeholders.ts'
import type { RawRequest } from '../http/raw-request.ts'
import { denialReason, type Voice } from '../iam/denial-reason.ts'
import { evaluatorOf } from '../iam/evaluator.ts'
import { requestContext, type Arrival } from '../iam/request-context.ts'
import { sessionArn } from '../iam/session-names.ts'
import type { Session } from '../iam/sessions.ts'
import type { Refusal } from '../api-gateway/refusal.ts'

/** A function with its URL, as policies see it. */
export interface CalledFunction {
  /** `arn:aws:lambda:REGION:ACCOUNT:function:NAME` */
  arn: string
  authType: FunctionUrlDefinition['authType']
  resourcePolicy: Evaluator | undefined
}

/**
 * Both permissions that a function URL created since October 2025 needs.
 *
 * @see [AWS: access to function URLs](https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html)
 */
const ACTIONS = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']

/** Describes the function behind a URL for {@link functionDenialOf}. */
export function calledFunction(
  name: string,
  { authType, functionName = name, resourcePolicy }: FunctionUrlDefinition,
  { region, accountId }: { region: string; accountId: string },
): CalledFunction {
  const where = `functionUrls.${name}.resourcePolicy`
  const filled =
    resourcePolicy && fillPlaceholders(resourcePolicy, { region, accountId, apiIds: {} }, where)
  return {
    arn: `arn:aws:lambda:${region}:${accountId}:function:${functionName}`,
    authType,
    resourcePolicy: filled && createEvaluator(filled, { kind: 'resource' }),
  }
}

/**
 * Evaluates the policy of the session's role and the resource-based policy of the function to decide whether a call is allowed. One of them has
 * to allow each action, and neither may deny it: the caller and the function belong to one account.
 *
 * @param session  Who signed; `undefined` for a URL without authorization.
 * @returns `undefined` if the call is allowed.
 */
export function functionDenialOf(
  request: RawRequest,
  session: Session | undefined,
  { arn, authType, resourcePolicy }: CalledFunction,
  arrival: Arrival,
): Refusal | undefined {
  // The permission for every caller, which the console and SAM add to a URL without authorization.
  if (!session && !resourcePolicy) return undefined
  const context = {
    ...requestContext(request, arrival, session),
    'lambda:FunctionUrlAuthType': authType,
    'lambda:InvokedViaFunctionUrl': 'true',
  }
  for (const action of ACTIONS) {
    const question = { action, resource: arn, context }
    const voices: Voice[] = []
    if (session) {
      const { role } = session
      voices.push({ of: `the role ${role.name}`, decision: evaluatorOf(role.policy)(question) })
    }
    if (resourcePolicy) {
      const principal = session
        ? { type: 'AWS' as const, name: [sessionArn(arrival.accountId, session), session.role.arn] }
        : ('anonymous' as const)
      const decision = resourcePolicy({ ...question, principal })
      voices.push({ of: 'the resource-based policy of the function', decision })
    }
    const denial = denialReason(voices, action, arn)
    if (denial) return { kind: 'AccessDenied', ...denial }
  }
  return undefined
}

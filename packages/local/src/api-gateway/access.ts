import type { Decision, Evaluator, PolicyPrincipal } from '@iamfetch/policy'
import type { RawRequest } from '../http/raw-request.ts'
import { denialReason, type DenialReason, type Voice } from '../iam/denial-reason.ts'
import { evaluatorOf } from '../iam/evaluator.ts'
import { requestContext, type Arrival } from '../iam/request-context.ts'
import { sessionArn } from '../iam/session-names.ts'
import type { Session } from '../iam/sessions.ts'
import type { Refusal } from './refusal.ts'

/** The request that policies are evaluated for: one path of one stage. */
export interface Invocation extends Arrival {
  apiId: string
  stage: string
  /** Decoded, without the stage (unverified for escapes and a slash at the end: AWS's pages show paths without). */
  resourcePath: string
}

const ACTION = 'execute-api:Invoke'

/** The ARN that policies are evaluated for. */
export const methodArn = (method: string, invocation: Invocation): string =>
  arnFor(method, invocation, invocation.accountId)

function arnFor(method: string, invocation: Invocation, accountId: string): string {
  const { region, apiId, stage, resourcePath } = invocation
  return `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/${method}${resourcePath}`
}

/**
 * Evaluates the policy of the session's role, and the API's resource policy if it has one, whether a call is allowed. One of them
 * has to allow it, and neither may deny it: the caller and the API belong to one account.
 *
 * @returns `undefined` if it is.
 * @see [AWS: IAM policies for invoking an API](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html),
 *   [resource policies and the authorization flow, table A](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html)
 */
export function denialOf(
  request: RawRequest,
  session: Session,
  invocation: Invocation,
  resourcePolicy?: Evaluator,
): Refusal | undefined {
  const { accountId } = invocation
  const question = questionOf(request, invocation, session)
  const voices: Voice[] = [
    { of: `the role ${session.role.name}`, decision: evaluatorOf(session.role.policy)(question) },
  ]
  if (resourcePolicy) {
    const name = [sessionArn(accountId, session), session.role.arn]
    voices.push(voiceOfApi(resourcePolicy({ ...question, principal: { type: 'AWS', name } })))
  }
  const reason = denialReason(voices, ACTION, question.resource)
  return reason && refusalFor(sessionArn(accountId, session), request, invocation, reason)
}

/**
 * Evaluates the resource policy of a REST API alone, which has to allow the call: on a route without authorization, and after the
 * token of a user pool was accepted.
 *
 * @returns `undefined` if the call is allowed.
 */
export function resourceDenialOf(
  request: RawRequest,
  invocation: Invocation,
  resourcePolicy: Evaluator,
): Refusal | undefined {
  const question = questionOf(request, invocation)
  const voices = [voiceOfApi(resourcePolicy({ ...question, principal: ANONYMOUS }))]
  const reason = denialReason(voices, ACTION, question.resource)
  return reason && refusalFor(ANONYMOUS, request, invocation, reason)
}

/** Evaluates the resource policy of a REST API for an explicit deny, before a Lambda authorizer is called. */
export function explicitDenialOf(
  request: RawRequest,
  invocation: Invocation,
  resourcePolicy: Evaluator,
): Refusal | undefined {
  const denial = resourceDenialOf(request, invocation, resourcePolicy)
  return denial?.label === 'ExplicitDeny' ? denial : undefined
}

/**
 * Evaluates the policy that a Lambda authorizer returned, and the API's resource policy if it has one. One of them has to allow the
 * call, and neither may deny it.
 *
 * @param name  The name of the authorizer, for the reason.
 * @returns `undefined` if the call is allowed.
 */
export function authorizerDenialOf(
  request: RawRequest,
  name: string,
  policy: Evaluator,
  invocation: Invocation,
  resourcePolicy?: Evaluator,
): Refusal | undefined {
  const question = questionOf(request, invocation)
  const voices: Voice[] = [
    { of: `the policy that the authorizer ${name} returned`, decision: policy(question) },
  ]
  if (resourcePolicy) {
    voices.push(voiceOfApi(resourcePolicy({ ...question, principal: ANONYMOUS })))
  }
  const denial = denialReason(voices, ACTION, question.resource)
  if (!denial) return undefined
  const { label, reason } = denial
  const end = label === 'ExplicitDeny' ? ' with an explicit deny' : ''
  const message = `User is not authorized to access this resource${end}`
  return { kind: 'AccessDenied', label, reason, message }
}

/** A caller without credentials, as policies and messages name it. */
const ANONYMOUS = 'anonymous' satisfies PolicyPrincipal

const voiceOfApi = (decision: Decision): Voice => ({
  of: 'the resource policy of the API',
  decision,
})

function questionOf(
  request: RawRequest,
  invocation: Invocation,
  session?: Session,
): { action: string; resource: string; context: ReturnType<typeof requestContext> } {
  const resource = methodArn(request.method, invocation)
  return { action: ACTION, resource, context: requestContext(request, invocation, session) }
}

function refusalFor(
  who: string,
  { method }: RawRequest,
  invocation: Invocation,
  { label, reason }: DenialReason,
): Refusal {
  const masked = arnFor(method, invocation, `${'*'.repeat(8)}${invocation.accountId.slice(-4)}`)
  const end = label === 'ExplicitDeny' ? ' with an explicit deny' : ''
  const message = `User: ${who} is not authorized to perform: ${ACTION} on resource: ${masked}${end}`
  return { kind: 'AccessDenied', label, reason, message }
}

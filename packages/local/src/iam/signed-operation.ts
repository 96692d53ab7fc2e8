import type { ConditionContext } from '@iamfetch/policy'
import type { Clock } from '../faults/faults.ts'
import { nearestText } from './denial-text.ts'
import { evaluatorOf } from './evaluator.ts'
import { requestContext } from './request-context.ts'
import { sessionArn } from './session-names.ts'
import { splitTarget } from '../http/raw-request.ts'
import { verifySignature } from '../sigv4/verify-signature.ts'
import type { Operation, RawCall } from '../aws-json/aws-json.ts'
import { refuse } from '../aws-json/service-error.ts'
import type { Session, Sessions } from './sessions.ts'

/**
 * Evaluates the caller's policy for an action on a resource.
 *
 * @param context  More condition keys than those that every call has.
 * @throws A refusal unless the policy allows it.
 */
export type Permit = (
  action: string,
  resource: string,
  context?: Readonly<Record<string, string>>,
) => void

/** Wraps an operation so that only signed calls reach it. */
export type SignedOperation = (
  /** The service that the signature is scoped to, such as `secretsmanager`. */
  service: string,
  operation: (input: Record<string, unknown>, permit: Permit) => unknown,
) => Operation

/**
 * Guards operations as AWS guards its own services: the SigV4 signature of the raw request is verified with the
 * gateway's verifier, then the caller's policy decides.
 *
 * Guests of an identity pool are refused: AWS restricts their sessions to a list of services, and these are not among them.
 *
 * Refusals have AWS's types and HTTP 400; their texts are unverified where they differ by service.
 *
 * @see [AWS: services that guests can access](https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html)
 * @see [AWS: common error types](https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/CommonErrors.html)
 */
export function signedOperations(sessions: Sessions, place: ServicePlace): SignedOperation {
  return (service, operation) => async (input, call) => {
    const session = await signerOf(call, service, sessions, place)
    const arrival = { ...place, now: place.clock.now() }
    return operation(
      input,
      permitOf(session, requestContext(call!.request, arrival, session), place),
    )
  }
}

/** Where services run. */
export interface ServicePlace {
  region: string
  accountId: string
  clock: Clock
}

/**
 * Verifies the signature of a call of a service.
 *
 * @param service  The service that the signature is scoped to, such as `secretsmanager`.
 * @returns Whose signature it is.
 * @throws A refusal.
 */
export async function signerOf(
  call: RawCall | undefined,
  service: string,
  sessions: Sessions,
  { region, clock }: ServicePlace,
): Promise<Session> {
  if (!call) throw new TypeError('a signed operation was called without its raw request')
  const { request, port } = call
  const target = splitTarget(request.target)
  if (!target) throw refuse('ValidationException', 'The request target is malformed.')
  const rules = { sessions, region, service, clock, port }
  const verified = await verifySignature(request, target, rules)
  if (verified.ok) return verified.value
  const { kind, message, reason } = verified.refusal
  // The lines after the first quote the request.
  throw refuse(`${kind}Exception`, message.split('\n')[0] ?? '', reason)
}

const permitOf =
  (session: Session, common: ConditionContext, { accountId }: ServicePlace): Permit =>
  (action, resource, more = {}) => {
    const { role, identity } = session
    const arn = sessionArn(accountId, session)
    const who = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}`
    if (identity?.amr.includes('unauthenticated')) {
      throw refuse(
        'AccessDeniedException',
        `${who} because no session policy allows the ${action} action`,
        'an identity pool restricts the credentials of guests, whatever the policy of their role says',
      )
    }
    const context = { ...common, ...more }
    const { effect, nearest } = evaluatorOf(role.policy)({ action, resource, context })
    if (effect === 'Allow') return
    const why =
      effect === 'ExplicitDeny'
        ? 'with an explicit deny in an identity-based policy'
        : `because no identity-based policy allows the ${action} action`
    throw refuse(
      'AccessDeniedException',
      `${who} ${why}`,
      `${effect} by the policy of the role ${role.name}${nearestText(nearest)}`,
    )
  }

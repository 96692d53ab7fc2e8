import type { Clock } from '../faults/faults.ts'
import { evaluate } from '@iamfetch/policy'
import { nearestText } from './denial-text.ts'
import { splitTarget, type RawRequest } from '../http/raw-request.ts'
import { verifySignature } from '../sigv4/verify-signature.ts'
import type { Operation } from '../aws-json/aws-json.ts'
import { refuse } from '../aws-json/service-error.ts'
import type { ServiceKey, ServiceKeys } from './service-keys.ts'

/**
 * Asks the caller's policy for an action on a resource.
 *
 * @param context  More condition keys than those that every call has.
 * @throws A refusal unless the policy allows it.
 */
export type Permit = (
  action: string,
  resource: string,
  context?: Readonly<Record<string, string>>,
) => void

/** Makes an operation of one that only signed calls may reach. */
export type SignedOperation = (
  /** What the signature is scoped to, as `secretsmanager`. */
  service: string,
  operation: (input: Record<string, unknown>, permit: Permit) => unknown,
) => Operation

/**
 * Guards operations as AWS guards its own services: the SigV4 signature of the raw request is verified with the
 * gateway's verifier, then the caller's policy decides.
 *
 * Refusals have AWS's types and HTTP 400; their texts are unverified where they differ by service.
 *
 * @see [AWS: common error types](https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/CommonErrors.html)
 */
export function signedOperations(
  keys: ServiceKeys,
  { region, clock }: { region: string; clock: Clock },
): SignedOperation {
  return (service, operation) => async (input, call) => {
    if (!call) throw new TypeError('a signed operation was called without its raw request')
    const { request, port } = call
    const target = splitTarget(request.target)
    if (!target) throw refuse('ValidationException', 'The request target is malformed.')
    const rules = { sessions: keys, region, service, clock, port }
    const verified = await verifySignature(request, target, rules)
    if (!verified.ok) {
      const { kind, message, reason } = verified.refusal
      // The lines after the first quote the request.
      throw refuse(`${kind}Exception`, message.split('\n')[0] ?? '', reason)
    }
    const key = verified.value
    return operation(input, permitOf(key, contextOf(request, key, region, clock)))
  }
}

const permitOf =
  (key: ServiceKey, common: Readonly<Record<string, string>>): Permit =>
  (action, resource, more = {}) => {
    const context = { ...common, ...more }
    const { effect, nearest } = evaluate(key.role.policy, { action, resource, context })
    if (effect === 'Allow') return
    const who = `User: ${key.arn} is not authorized to perform: ${action} on resource: ${resource}`
    const why =
      effect === 'ExplicitDeny'
        ? 'with an explicit deny in an identity-based policy'
        : `because no identity-based policy allows the ${action} action`
    throw refuse(
      'AccessDeniedException',
      `${who} ${why}`,
      `${effect} by the policy of the role ${key.role.name}${nearestText(nearest)}`,
    )
  }

const contextOf = (
  request: RawRequest,
  { role, arn }: ServiceKey,
  region: string,
  clock: Clock,
): Record<string, string> => ({
  'aws:SourceIp': request.sourceIp,
  // As for the gateway: AWS's services take nothing but TLS.
  'aws:SecureTransport': 'true',
  'aws:CurrentTime': new Date(clock.now()).toISOString(),
  'aws:EpochTime': String(Math.floor(clock.now() / 1_000)),
  'aws:RequestedRegion': region,
  'aws:PrincipalArn': role.arn,
  'aws:PrincipalAccount': arn.split(':')[4] ?? '',
  'aws:PrincipalType': 'AssumedRole',
})

import type { ConditionContext } from '@iamfetch/policy'
import { headerOf, type RawRequest } from '../http/raw-request.ts'
import { sessionUserId } from './session-names.ts'
import type { Session } from './sessions.ts'

/** Where and when a request arrived. */
export interface Arrival {
  region: string
  accountId: string
  /** Milliseconds since the epoch. */
  now: number
}

/**
 * Returns the condition keys of a request. Keys of organisations and VPCs are not among them.
 *
 * `aws:SecureTransport` is true although the local stack speaks HTTP: AWS takes nothing but TLS, and the same policy should
 * decide the same.
 *
 * @param session  Who signed; `undefined` for an anonymous caller.
 * @see [AWS: global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)
 */
export const requestContext = (
  request: RawRequest,
  { region, accountId, now }: Arrival,
  session: Session | undefined,
): ConditionContext => ({
  'aws:SourceIp': request.sourceIp,
  'aws:UserAgent': headerOf(request, 'user-agent'),
  'aws:Referer': headerOf(request, 'referer'),
  'aws:SecureTransport': 'true',
  'aws:CurrentTime': new Date(now).toISOString(),
  'aws:EpochTime': String(Math.floor(now / 1_000)),
  'aws:RequestedRegion': region,
  'aws:PrincipalIsAWSService': 'false',
  'aws:ViaAWSService': 'false',
  ...(session ? sessionContext(session, accountId) : ANONYMOUS),
})

const ANONYMOUS: ConditionContext = { 'aws:PrincipalType': 'Anonymous' }

function sessionContext(session: Session, accountId: string): ConditionContext {
  const { role, identity, tags = {}, issuedAt } = session
  return {
    'aws:TokenIssueTime': new Date(issuedAt).toISOString(),
    'aws:userid': sessionUserId(session),
    'aws:PrincipalArn': role.arn,
    'aws:PrincipalAccount': accountId,
    'aws:PrincipalType': 'AssumedRole',
    ...Object.fromEntries(
      Object.entries(tags).map(([name, value]) => [`aws:PrincipalTag/${name}`, value]),
    ),
    ...(identity && {
      'aws:FederatedProvider': 'cognito-identity.amazonaws.com',
      'cognito-identity.amazonaws.com:sub': identity.identityId,
      'cognito-identity.amazonaws.com:aud': identity.identityPoolId,
      'cognito-identity.amazonaws.com:amr': identity.amr,
    }),
  }
}

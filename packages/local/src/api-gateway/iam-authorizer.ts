import type { Session } from '../iam/sessions.ts'
import { evaluate, type ConditionContext } from '@iamfetch/policy'
import { headerOf, type RawRequest } from '../http/raw-request.ts'
import type { Refusal } from './refusal.ts'
import { nearestText, statementText } from '../iam/denial-text.ts'
import { sessionArn, sessionUserId } from '../iam/session-names.ts'

/** What is asked for: one method on one path of one stage. */
export interface Invocation {
  region: string
  accountId: string
  apiId: string
  stage: string
  /** Decoded, without the stage (unverified for escapes and a slash at the end: AWS's pages show paths without). */
  resourcePath: string
  /** Milliseconds since the epoch. */
  now: number
}

/**
 * Asks the policy of the session's role whether it may `execute-api:Invoke` this method on this path.
 *
 * @returns `undefined` if it may.
 * @see [AWS: IAM policies for invoking an API](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html)
 */
export function denialOf(
  request: RawRequest,
  session: Session,
  invocation: Invocation,
): Refusal | undefined {
  const { region, accountId, apiId, stage, resourcePath } = invocation
  const place = `${apiId}/${stage}/${request.method}${resourcePath}`
  const resource = `arn:aws:execute-api:${region}:${accountId}:${place}`
  const context = contextOf(request, session, invocation)
  const { effect, decidedBy, nearest } = evaluate(session.role.policy, {
    action: ACTION,
    resource,
    context,
  })
  if (effect === 'Allow') return undefined
  const masked = `arn:aws:execute-api:${region}:${'*'.repeat(8)}${accountId.slice(-4)}:${place}`
  const message = `User: ${sessionArn(accountId, session)} is not authorized to perform: ${ACTION} on resource: ${masked}`
  const { name } = session.role
  if (effect === 'ImplicitDeny') {
    const reason = `no statement of the role ${name} allows ${ACTION} on ${resource}${nearestText(nearest)}`
    return { kind: 'AccessDenied', label: effect, reason, message }
  }
  const which = decidedBy ? statementText(decidedBy) : 'a statement'
  return {
    kind: 'AccessDenied',
    label: effect,
    reason: `${which} of the role ${name} denies ${ACTION} on ${resource}`,
    message: `${message} with an explicit deny`,
  }
}

const ACTION = 'execute-api:Invoke'

/**
 * The condition keys of a call. Keys of tags, organisations and VPCs are not among them.
 *
 * `aws:SecureTransport` is true although the local gateway speaks HTTP: AWS's takes nothing but TLS, and the
 * same policy should decide the same.
 *
 * @see [AWS: global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)
 */
function contextOf(
  request: RawRequest,
  session: Session,
  { region, accountId, now }: Invocation,
): ConditionContext {
  return {
    'aws:SourceIp': request.sourceIp,
    'aws:UserAgent': headerOf(request, 'user-agent'),
    'aws:Referer': headerOf(request, 'referer'),
    'aws:SecureTransport': 'true',
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:TokenIssueTime': new Date(session.issuedAt).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1_000)),
    'aws:RequestedRegion': region,
    'aws:userid': sessionUserId(session),
    'aws:PrincipalArn': session.role.arn,
    'aws:PrincipalAccount': accountId,
    'aws:PrincipalType': 'AssumedRole',
    'aws:PrincipalIsAWSService': 'false',
    'aws:ViaAWSService': 'false',
    'aws:FederatedProvider': 'cognito-identity.amazonaws.com',
    'cognito-identity.amazonaws.com:sub': session.identityId,
    'cognito-identity.amazonaws.com:aud': session.identityPoolId,
    'cognito-identity.amazonaws.com:amr': session.amr,
  }
}

import {
  checkOptions,
  hideSecrets,
  invalidOption,
  requestIdOf,
  type OptionNames,
} from '@iamfetch/core'
import { readDenial, type Denial, type DenyingPolicy } from './refusal/denial.ts'
import { meaningOf, type RefusalCode, type RefusalKind } from './refusal/kinds.ts'
import { readContent, type ResponseContent } from './refusal/response-text.ts'
import { SERVICES, type ServiceRefusals } from './refusal/services.ts'
import { kindOf } from './refusal/table.ts'
import { USER_MESSAGES } from './refusal/user-messages.ts'

export type { DenyingPolicy } from './refusal/denial.ts'
export type { RefusalCode } from './refusal/kinds.ts'

/** What a refusal says. */
export interface Refusal {
  code: RefusalCode
  /** What happened and what to check, for a person. It contains no token. */
  message: string
  /** AWS's request ID, for a support case. */
  requestId?: string
  /** For `ACCESS_DENIED`: who was refused, `arn:aws:sts::…:assumed-role/Role/CognitoIdentityCredentials`. */
  principal?: string
  /** For `ACCESS_DENIED`: the action that was refused, `execute-api:Invoke`. */
  action?: string
  /** For `ACCESS_DENIED`: what was refused, `arn:aws:execute-api:…`. Some services do not name it. */
  resource?: string
  /** For `ACCESS_DENIED`: whether a policy's `Deny` did it, not a missing `Allow`. */
  explicit?: boolean
  /** For `ACCESS_DENIED`: the kind of policy that decided, if AWS names it. */
  policy?: DenyingPolicy
  /** For `ACCESS_DENIED`: the policy with the `Deny`, if AWS names it. */
  policyArn?: string
  /** What the local stack reports in addition to AWS's response (`x-local-reason`). */
  localReason?: string
}

/** What {@link describeRefusal} returns. */
export interface DescribedRefusal extends Refusal {
  /**
   * One short sentence for a person who uses the page, without terms of AWS: "You do not have permission to do this." `message` is
   * for developers.
   */
  userMessage: string
}

/** The options of {@link describeRefusal}. */
export interface DescribeRefusalOptions {
  /** Replaces sentences of `userMessage`, for example by translations. Codes that are left out keep the English ones. */
  readonly userMessages?: Readonly<Partial<Record<RefusalCode, string>>> | undefined
}

const OPTIONS: OptionNames<DescribeRefusalOptions> = { userMessages: true }

/**
 * Describes what a response of status 401 or 403 means, or a 400 of AWS's own services; of other responses only that they are not
 * refusals. Call it before the body is read; the body stays readable.
 *
 * Knows the responses of REST, HTTP and WebSocket APIs, Lambda function URLs, AppSync, VPC Lattice, CloudFront and AWS's own
 * services, in JSON, XML and text. If the gateway hides the reason, it says so. Tokens and secrets that the response repeats
 * are hidden.
 *
 * `message` is for developers, and `userMessage` for the person who uses the page; `userMessages` replaces the latter.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [AWS: troubleshoot 403 errors](https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden)
 * @see [AWS: access denied error messages](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)
 * @example
 * ```ts
 * const response = await iamFetch('/notes', { method: 'POST' })
 * if (response.status === 403) console.warn((await describeRefusal(response)).message)
 * ```
 */
export async function describeRefusal(
  response: Response,
  options: DescribeRefusalOptions = {},
): Promise<DescribedRefusal> {
  checkOptions('describeRefusal', options, OPTIONS)
  if (typeof response?.clone !== 'function') {
    throw invalidOption('describeRefusal', '"response" must be a Response', response)
  }
  const { refusal } = readRefusal(response, await readContent(response), SERVICES)
  const { code } = refusal
  return { ...refusal, userMessage: options.userMessages?.[code] ?? USER_MESSAGES[code] }
}

/**
 * {@link describeRefusal} for a response whose body has been read. Secrets that the response repeats are hidden.
 *
 * @param services  Reads also the words of AWS's own services.
 */
export function readRefusal(
  response: Response,
  content: ResponseContent,
  services?: ServiceRefusals,
): { kind: RefusalKind; refusal: Refusal } {
  const { headers, status } = response
  const kind = kindOf(content, errorTypeOf(headers), response, services)
  const requestId = requestIdOf(headers)
  const reason = hideSecrets(headers.get('x-local-reason') ?? '')
  const denial = kind === 'access-denied' ? deniedIn(content) : undefined
  const meaning = meaningOf(kind, services)
  const text = messageFor(kind, status, denial) ?? meaning.message
  const refusal: Refusal = {
    code: meaning.code,
    message: reason ? `${text} The local stack reports: ${reason.replace(/\.?$/, '.')}` : text,
    ...(requestId && { requestId }),
    ...denial,
    ...(reason && { localReason: reason }),
  }
  return { kind, refusal }
}

/** The error type in the headers, without what AWS appends to it. Anything else in its place is not used. */
export function errorTypeOf(headers: Headers): string {
  const [type = ''] = (headers.get('x-amzn-errortype') ?? '').split(/[:,]/, 1)
  return /^[A-Za-z]{1,60}$/.test(type) ? type : ''
}

function deniedIn(content: ResponseContent): Denial | undefined {
  const denial = readDenial(content.words)
  if (!denial) return undefined
  const { principal, action, resource, policyArn } = denial
  return {
    ...denial,
    principal: hideSecrets(principal),
    action: hideSecrets(action),
    ...(resource && { resource: hideSecrets(resource) }),
    ...(policyArn && { policyArn: hideSecrets(policyArn) }),
  }
}

/** The statuses with which gateways refuse a caller; AWS's own services use 400. */
const REFUSING = [400, 401, 403]

/** What to say instead of the usual sentence of a kind. */
function messageFor(
  kind: RefusalKind,
  status: number,
  denial: Denial | undefined,
): string | undefined {
  if (denial) return denialMessage(denial)
  if (kind === 'unknown' && !REFUSING.includes(status)) return otherStatus(status)
  return undefined
}

/** For a response that is not a refusal. */
const otherStatus = (status: number): string =>
  status === 404
    ? 'There is no such path or method, or the application has no such resource. Check both, and the stage in "baseUrl".'
    : `The API responded with ${status}; the signature or token was not the reason.`

function denialMessage(denial: Denial): string {
  const { action, explicit, policy, resource } = denial
  const by = policy ? POLICY_NAMES[policy] : 'a policy'
  const how = explicit ? `is denied by ${by}` : 'is not allowed'
  const why = !explicit && policy ? `: no statement of ${by} allows it` : ''
  const route = action === 'execute-api:Invoke' ? routeOf(resource) : undefined
  const what = route ? `call ${route}` : `perform ${action}${resource ? ` on ${resource}` : ''}`
  return `${principalName(denial.principal)} ${how} to ${what}${why}.`
}

/** The name of a principal for a sentence: `The role Readers`, `The user alice`. */
export function principalName(principal: string): string {
  if (principal === 'anonymous') return 'A caller without a signature'
  const [, role] = /:assumed-role\/([^/]+)/.exec(principal) ?? []
  if (role) return `The role ${role}`
  if (/:(user|federated-user)\//.test(principal)) {
    return `The user ${principal.slice(principal.lastIndexOf('/') + 1)}`
  }
  if (principal.endsWith(':root')) return 'The root user of the account'
  return principal.startsWith('arn:') ? principal : `The AWS service ${principal}`
}

/** What to call a kind of policy in a sentence. */
export const POLICY_NAMES: Readonly<Record<DenyingPolicy, string>> = {
  identity: 'an identity-based policy',
  resource: 'the resource-based policy',
  'permissions-boundary': 'the permissions boundary',
  session: 'the session policy',
  'service-control': 'a service control policy of the organization',
  'resource-control': 'a resource control policy of the organization',
  'vpc-endpoint': 'the policy of the VPC endpoint',
  'role-trust': 'the trust policy of the role',
  'lattice-service': 'the auth policy of the VPC Lattice service',
  'lattice-network': 'the auth policy of the VPC Lattice service network',
}

/** `POST /test` for `arn:aws:execute-api:region:account:api/stage/POST/test`. */
function routeOf(resource = ''): string | undefined {
  const [, method, path] =
    /^arn:[\w-]+:execute-api:[^/]*\/[^/]*\/([^/]+)(\/.*)?$/.exec(resource) ?? []
  return method && `${method} ${path ?? '/'}`
}

import type { Refusal } from '../refusal.ts'
import { meaningOf, type RefusalKind } from '../refusal/kinds.ts'
import { explainDenial } from './denial.ts'
import type { ApiKind, Explanation, ExplanationPart } from './explanation.ts'
import { adviceFor } from './remedies.ts'

/** A `Forbidden`, and what is known of the request. */
export interface HiddenRefusal {
  refusal: Refusal
  api: ApiKind
  /** What is wrong with the request, as far as it can be checked here. */
  found: readonly string[]
  request: Request | undefined
  /** The role that was expected to call, by name or ARN. */
  expected: string | undefined
}

/**
 * Explains a refusal whose reason the gateway hides: says so, and lists what is left after everything that could be checked
 * here.
 */
export function explainHidden(
  hidden: HiddenRefusal,
): ExplanationPart & Pick<Explanation, 'suspects'> {
  const { refusal, api, found, request } = hidden
  const route = request ? `${request.method} ${new URL(request.url).pathname}` : 'this route'
  const suspects = [...suspectsOf(api, request, route)]
  if (refusal.localReason) {
    return { ...explainLocalReason(hidden, refusal.localReason), suspects: [...found, ...suspects] }
  }
  const isBearer = isBearerCall(request)
  return {
    message: `${hides(api)}${refusal.message}`,
    responsible: 'unknown',
    remedy: [
      ...found,
      ...(api === 'lambda-url' ? [BOTH_PERMISSIONS] : []),
      'Enable the access log of the stage with $context.authorizer.error and $context.error.message: it contains the reason.',
      isBearer
        ? 'Compare the scopes of the token with those of the route: an HTTP API gives this response if none is among them.'
        : `Otherwise check the policy of the role first: ${route}.`,
    ],
    suspects: [...found, ...suspects],
  }
}

const hides = (api: ApiKind): string =>
  api === 'rest' || api === 'lambda-url' ? '' : 'An HTTP API hides the reason on purpose. '

/** @see [AWS: access to function URLs](https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html) */
const BOTH_PERMISSIONS =
  'Give the caller, or everybody for a public URL, both permissions: lambda:InvokeFunctionUrl and, since October 2025, lambda:InvokeFunction.'

const isBearerCall = (request: Request | undefined): boolean =>
  request?.headers.get('authorization')?.startsWith('Bearer ') ?? false

function suspectsOf(api: ApiKind, request: Request | undefined, route: string): string[] {
  if (isBearerCall(request)) {
    return [
      'The token has none of the scopes of the route.',
      'The Lambda authorizer of the route refused the token.',
      'A WAF refused the request, or an API key is missing.',
    ]
  }
  return [
    ...(api === 'lambda-url'
      ? [
          'The caller lacks one of the two permissions of function URLs, lambda:InvokeFunctionUrl and lambda:InvokeFunction.',
        ]
      : []),
    `The policy of the role does not allow execute-api:Invoke on ${route}.`,
    'The session was revoked, or the keys are of another account or partition.',
    'A proxy changed the request after it was signed.',
    'A WAF refused the request, or an API key is missing.',
  ]
}

/** Explains what the local stack tells in addition to AWS's response. */
function explainLocalReason(
  { api, expected, request }: HiddenRefusal,
  localReason: string,
): ExplanationPart {
  const message = `${hides(api)}The local stack reports the reason: ${localReason.replace(/\.?$/, '.')}`
  const kind = LOCAL_REASONS.find(([start]) => start.test(localReason))?.[1] ?? 'unknown'
  const denial = kind === 'access-denied' ? deniedBy(localReason, expected) : undefined
  const isBearer = isBearerCall(request) || localReason.startsWith('ScopeMissing')
  const { responsible, remedy } = denial ?? localAdvice(kind, api, isBearer)
  const hidden = meaningOf(kind).code
  return { ...denial, responsible, message, remedy: [...remedy, ON_AWS], hidden }
}

const ON_AWS = 'On AWS, read the access log: $context.authorizer.error contains the reason.'

function localAdvice(
  kind: RefusalKind,
  api: ApiKind,
  isBearer: boolean,
): Pick<ExplanationPart, 'responsible' | 'remedy'> {
  if (kind === 'unknown') {
    return {
      responsible: isBearer ? 'session' : 'unknown',
      remedy: isBearer
        ? ['Get a token that has one of the scopes of the route.']
        : ['Compare the reason with the definition of the route.'],
    }
  }
  const advice = adviceFor(kind)
  // An HTTP API answers 404 for a route that it does not have.
  if (kind !== 'auth-missing' || api !== 'http') return advice
  return { ...advice, remedy: advice.remedy.slice(1) }
}

/** Explains the local stack's words for a denial like those of a REST API. */
function deniedBy(localReason: string, expected: string | undefined): ExplanationPart | undefined {
  const match = /of the role (\S+) (allows|denies) (\S+) on (arn:\S+)/.exec(localReason)
  const [, role, verb, action = '', arn = ''] = match ?? []
  // The local stack may go on after it.
  const resource = arn.replace(/;$/, '')
  const account = /:(\d{12}):/.exec(resource)?.[1]
  if (account === undefined) return undefined
  const refusal: Refusal = {
    code: 'ACCESS_DENIED',
    message: '',
    principal: `arn:aws:sts::${account}:assumed-role/${role}/CognitoIdentityCredentials`,
    action,
    resource,
    explicit: verb === 'denies',
  }
  return explainDenial(refusal, expected)
}

/** What the reason is, by how the local stack's text begins. */
const LOCAL_REASONS: readonly (readonly [RegExp, RefusalKind])[] = [
  [/^(Im|Ex)plicitDeny/, 'access-denied'],
  [/^InvalidSignature: Signature (expired|not yet)/, 'clock-skew'],
  [/^InvalidSignature: the credential scope/, 'wrong-scope'],
  [/^InvalidSignature/, 'signature-mismatch'],
  [/^ExpiredToken/, 'session-expired'],
  [/^UnrecognizedClient/, 'credentials-unknown'],
  [/^MissingAuthenticationToken/, 'auth-missing'],
  [/^IncompleteSignature/, 'auth-malformed'],
]

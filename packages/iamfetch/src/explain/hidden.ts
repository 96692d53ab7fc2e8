import type { Refusal, RefusalCode } from '../refusal.ts'
import { answerTo } from './answer-to.ts'
import { denial } from './denial.ts'
import type { ApiKind, Explanation, ExplanationPart } from './explanation.ts'

/**
 * Explains a refusal whose reason the gateway hides: says so, and lists what is left after everything that could be looked
 * into here.
 *
 * @param found     What is wrong with the request, as far as that can be seen from here.
 * @param expected  The role that should have called, by name or ARN.
 */
export function hiddenReason(
  { sentence, localReason }: Refusal,
  api: ApiKind,
  found: readonly string[],
  request: Request | undefined,
  expected?: string,
): ExplanationPart & Pick<Explanation, 'suspects'> {
  const route = request ? `${request.method} ${new URL(request.url).pathname}` : 'this route'
  const who =
    api === 'rest' || api === 'lambda-url' ? '' : 'An HTTP API hides the reason on purpose. '
  const suspects = [
    ...found,
    `The policy of the role does not allow execute-api:Invoke on ${route}.`,
    'The session was revoked, or the keys are of another account or partition.',
    'A proxy changed the request after it was signed.',
    'A WAF refused it, or an API key is missing.',
  ]
  if (api === 'lambda-url') {
    suspects.unshift(
      'The function needs both permissions since October 2025: lambda:InvokeFunctionUrl and lambda:InvokeFunction.',
    )
  }
  if (localReason) {
    const [, hidden = 'UNKNOWN'] = LOCAL.find(([start]) => start.test(localReason)) ?? []
    const why = `${who}The local stack tells it: ${localReason.replace(/\.?$/, '.')}`
    const [whose, ...change] = answerTo(hidden)
    const denied = hidden === 'ACCESS_DENIED' && deniedBy(localReason, expected)
    const told = denied || { whose: hidden === 'UNKNOWN' ? 'unknown' : whose, change }
    return { ...told, why, change: [...told.change, ON_AWS], suspects, hidden }
  }
  return {
    why: `${who}${sentence}`,
    whose: 'unknown',
    change: [
      ...found,
      "Turn the stage's access log on, with $context.authorizer.error and $context.error.message: it has the reason.",
      `Otherwise look at the policy of the role first: ${route}.`,
    ],
    suspects,
  }
}

const ON_AWS = 'On AWS, look into the access log: $context.authorizer.error.'

/** What the local stack says of a denial, explained as one that a REST API tells. */
function deniedBy(localReason: string, expected: string | undefined): ExplanationPart | undefined {
  const found = /of the role (\S+) (allows|denies) \S+ on (arn:\S+?:(\d{12}):\S+?);?(?=\s|$)/.exec(
    localReason,
  )
  if (!found) return undefined
  const [, role, verb, resource = '', account] = found
  const principal = `arn:aws:sts::${account}:assumed-role/${role}/CognitoIdentityCredentials`
  const refusal: Refusal = {
    code: 'ACCESS_DENIED',
    sentence: '',
    principal,
    resource,
    explicit: verb === 'denies',
  }
  return denial(refusal, expected)
}

/** What it was, by how the local stack's reason begins. */
const LOCAL: readonly (readonly [RegExp, RefusalCode])[] = [
  [/^(Im|Ex)plicitDeny/, 'ACCESS_DENIED'],
  [/^InvalidSignature: Signature (expired|not yet)/, 'CLOCK_SKEW'],
  [/^InvalidSignature: the credential scope/, 'WRONG_SCOPE'],
  [/^InvalidSignature/, 'SIGNATURE_MISMATCH'],
  [/^ExpiredToken/, 'TOKEN_EXPIRED'],
  [/^UnrecognizedClient/, 'TOKEN_INVALID'],
  [/^MissingAuthenticationToken/, 'AUTH_MISSING'],
  [/^IncompleteSignature/, 'AUTH_MALFORMED'],
]

import type { Refusal } from '../refusal.ts'
import type { ApiKind, Explanation, ExplanationPart } from './explanation.ts'

/**
 * Explains a refusal whose reason the gateway hides: says so, and lists what is left after everything that could be looked
 * into here.
 *
 * @param found  What is wrong with the request, as far as that can be seen from here.
 */
export function hiddenReason(
  { sentence, localReason }: Refusal,
  api: ApiKind,
  found: readonly string[],
  request: Request | undefined,
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
    const [, whose = 'unknown'] = LOCAL.find(([start]) => start.test(localReason)) ?? []
    const why = `${who}The local stack tells it: ${localReason}.`
    return {
      why,
      whose,
      change: [`On AWS, look into the access log: $context.authorizer.error.`],
      suspects,
    }
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

/** Whose fault it is, by how the local stack's reason begins. */
const LOCAL: readonly (readonly [RegExp, Explanation['whose']])[] = [
  [/^(Im|Ex)plicitDeny/, 'policy'],
  [/^InvalidSignature: Signature (expired|not yet)/, 'device'],
  [/^InvalidSignature: the credential scope/, 'caller'],
  [/^InvalidSignature/, 'proxy'],
  [/^(ExpiredToken|UnrecognizedClient)/, 'session'],
]

import type { Refusal } from '../refusal.ts'
import type { ExplanationPart } from './explanation.ts'

/**
 * Explains a denial: which role called, which one was expected, which statement is missing or denies it.
 *
 * @param expected  The role's name or ARN.
 */
export function explainDenial(refusal: Refusal, expected?: string): ExplanationPart {
  const { principal = '', message } = refusal
  if (principal === 'anonymous') {
    return {
      message: 'The resource policy of the API refuses callers without a signature.',
      responsible: 'caller',
      remedy: ['Sign the call, or allow anonymous callers in the resource policy.'],
    }
  }
  const assumed = /:assumed-role\/([^/]+)/.exec(principal)?.[1]
  const wanted = expected?.replace(/^arn:[^/]*\/(.*\/)?/, '')
  const remedy = policyRemedy(refusal, assumed)
  if (!assumed) return { message, responsible: 'policy', remedy }
  const role = { assumed, ...(wanted && { expected: wanted }) }
  if (!wanted || wanted === assumed) return { message, responsible: 'policy', remedy, role }
  return {
    message: `${message} The role ${wanted} was expected.`,
    responsible: 'session',
    role,
    remedy: [
      `Get credentials of ${wanted}: after a change of groups with refreshIdentity(), with several roles by withRole(arn) or by a lower precedence number of its group. If ${assumed} is the default role of the identity pool, set the pool's role selection to "Choose role from token".`,
      ...remedy,
    ],
  }
}

function policyRemedy(
  { principal = '', resource, explicit }: Refusal,
  role: string | undefined,
): string[] {
  if (explicit) {
    return [
      'Narrow the Deny statement that refuses the call, in a policy of the role or of the API itself; an Allow does not help.',
    ]
  }
  // The gateway hides the account in the resource; the principal has it.
  const account = /^arn:[\w-]+:\w+::(\d{12}):/.exec(principal)?.[1]
  const arn = resource?.replace(/\*{8}\d{4}/, account ?? '$&') ?? ''
  return [
    `Let a policy of the role ${role ?? ''} allow it: {"Effect":"Allow","Action":"execute-api:Invoke","Resource":"${arn}"}.`,
    'Check the resource policy of the API, if it has one: it must not leave this caller out.',
  ]
}

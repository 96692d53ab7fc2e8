import type { Refusal } from '../refusal.ts'
import type { ExplanationPart } from './explanation.ts'

/**
 * Explains a denial: which role called, which was expected, which statement is missing or in the way.
 *
 * @param expected  The role's name or ARN.
 */
export function denial(
  { principal, resource, explicit, sentence }: Refusal,
  expected?: string,
): ExplanationPart {
  const [, assumed] = /:assumed-role\/([^/]+)/.exec(principal ?? '') ?? []
  const [, account] = /^arn:[\w-]+:\w+::(\d{12}):/.exec(principal ?? '') ?? []
  const arn = resource?.replace(/\*{8}\d{4}/, account ?? '$&')
  const wanted = expected?.replace(/^arn:[^/]*\/(.*\/)?/, '')
  const role = assumed && { assumed, ...(wanted && { expected: wanted }) }
  const allow = `Let a policy of the role ${assumed ?? ''} allow it: {"Effect":"Allow","Action":"execute-api:Invoke","Resource":"${arn ?? ''}"}.`
  const change = explicit
    ? [
        `A Deny in a policy of the role, or of the API itself, refuses it: narrow that statement. An Allow does not help.`,
      ]
    : [allow, "The API's own resource policy, where it has one, must not leave this caller out."]
  if (principal === 'anonymous') {
    return {
      why: 'The resource policy of the API refuses callers without a signature.',
      whose: 'caller',
      change: ['Sign the call, or allow anonymous callers in the resource policy.'],
    }
  }
  if (!role || !wanted || wanted === assumed) {
    return { why: sentence, whose: 'policy', change, ...(role && { role }) }
  }
  return {
    why: `${sentence} ${wanted} was expected.`,
    whose: 'session',
    role,
    change: [
      `The exchange gave ${assumed}, not ${wanted}. After a change of groups: refreshIdentity(). With several roles: withRole(arn), or a lower precedence number for the group of ${wanted}. If it is the pool's default role: set its role mapping to "Choose role from token".`,
      ...change,
    ],
  }
}

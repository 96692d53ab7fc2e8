import { principalName, type Refusal } from '../refusal.ts'
import { accountsOf } from './accounts.ts'
import type { ExplanationPart } from './explanation.ts'
import { policyRemedies, type DeniedCall } from './policy-remedies.ts'

/**
 * Explains a denial: who called, which role was expected, which statement is missing or denies it.
 *
 * @param expected  The role's name or ARN.
 */
export function explainDenial(refusal: Refusal, expected?: string): ExplanationPart {
  const { principal = '', action = '', resource } = refusal
  const accounts = accountsOf(principal, resource)
  const denied = { principal, action, resource, refusal, accounts }
  const remedy = policyRemedies(denied)
  const responsible = principal === 'anonymous' && !refusal.explicit ? 'caller' : 'policy'
  const message = messageFor(denied)
  const assumed = /:assumed-role\/([^/]+)/.exec(principal)?.[1]
  const expectedName = expected?.replace(/^arn:[^/]*\/(.*\/)?/, '')
  if (!assumed) return { message, responsible, remedy }
  const role = { assumed, ...(expectedName && { expected: expectedName }) }
  if (!expectedName || expectedName === assumed) return { message, responsible, remedy, role }
  return {
    message: `${message} The role ${expectedName} was expected.`,
    responsible: 'session',
    role,
    remedy: [
      `Get credentials of ${expectedName}: after a change of groups with refreshIdentity(), with several roles by withRole(arn) or by a lower precedence number of its group. If ${assumed} is the default role of the identity pool, set the pool's role selection to "Choose role from token".`,
      ...remedy,
    ],
  }
}

function messageFor({ principal, refusal, accounts }: DeniedCall): string {
  const { message } = refusal
  if (accounts.relation !== 'different') return message
  const { caller, resource } = accounts
  return `${message} ${principalName(principal)} is in account ${caller}, and the resource is in ${resource}: across accounts, a policy on each side must allow the call.`
}

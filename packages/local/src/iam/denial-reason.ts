import type { Decision } from '@iamfetch/policy'
import { nearestText, statementText } from './denial-text.ts'

/** What one policy says. */
export interface Voice {
  /** Such as `the role ReadOnlyRole`, for the reason. */
  of: string
  decision: Decision
}

/** Why an action is not allowed. */
export interface DenialReason {
  label: 'ExplicitDeny' | 'ImplicitDeny'
  reason: string
}

/**
 * Combines what the policies of one account say: one of them has to allow the action, and none may deny it.
 *
 * @returns Why they do not allow it; `undefined` if they do.
 */
export function denialReason(
  voices: readonly Voice[],
  action: string,
  resource: string,
): DenialReason | undefined {
  const deny = voices.find(({ decision }) => decision.effect === 'ExplicitDeny')
  if (deny) {
    const { decidedBy } = deny.decision
    const statement = decidedBy ? statementText(decidedBy) : 'a statement'
    return {
      label: 'ExplicitDeny',
      reason: `${statement} of ${deny.of} denies ${action} on ${resource}`,
    }
  }
  if (voices.some(({ decision }) => decision.effect === 'Allow')) return undefined
  const [first, ...others] = voices.map(({ of, decision }) => [of, nearestText(decision.nearest)])
  const reasons = [
    `no statement of ${first?.[0]} allows ${action} on ${resource}${first?.[1]}`,
    ...others.map(([of, nearest]) => `no statement of ${of} allows it either${nearest}`),
  ]
  return { label: 'ImplicitDeny', reason: reasons.join('; ') }
}

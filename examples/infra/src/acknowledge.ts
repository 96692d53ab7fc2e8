import { Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/**
 * Says of a construct which findings of cdk-nag are known, and why they stay.
 *
 * It stands beside what it is about, so that the reason goes when the cause does.
 *
 * @param reasons  The rule, or the finding as `rule[finding]`, and the reason.
 */
export function acknowledge(
  construct: IConstruct,
  reasons: Readonly<Record<string, string>>,
): void {
  const known = Object.entries(reasons).map(([id, reason]) => ({ id, reason }))
  Validations.of(construct).acknowledge(...known)
}

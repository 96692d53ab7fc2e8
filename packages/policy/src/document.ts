import type { ConditionBlock } from './condition.ts'

/**
 * One statement of an IAM policy. A single string and a list of one string mean the same.
 *
 * @see [AWS: policy elements](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html)
 */
export interface PolicyStatement {
  /** An identifier of letters and digits. {@link evaluate} returns it with its decision. */
  Sid?: string
  Effect: 'Allow' | 'Deny'
  /** Who may assume the role, or call the API. Trust policies and resource policies have it, identity policies do not. */
  Principal?: '*' | Record<string, string | readonly string[]>
  /** `service:Action`. Case does not count; `*` and `?` are wildcards. */
  Action?: string | readonly string[]
  /** Every action except these. */
  NotAction?: string | readonly string[]
  /** ARNs. Case counts; `*` and `?` are wildcards. */
  Resource?: string | readonly string[]
  /** Every resource except these. */
  NotResource?: string | readonly string[]
  /** All of them have to be met. */
  Condition?: ConditionBlock
}

/**
 * An IAM policy document, as the JSON that IAM stores.
 *
 * @see [AWS: JSON policy elements](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html)
 */
export interface PolicyDocument {
  /** Policy variables count from `2012-10-17` on. IAM's default is `2008-10-17`. */
  Version?: '2012-10-17' | '2008-10-17'
  Id?: string
  Statement: PolicyStatement | readonly PolicyStatement[]
}

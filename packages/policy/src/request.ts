import type { ConditionContext } from './condition.ts'

/**
 * The caller. A session of a role has two ARNs, its own and the role's; both may be named in a policy.
 *
 * `anonymous` is a caller without credentials, which only `*` means.
 */
export type PolicyPrincipal =
  | { type: 'Federated' | 'AWS' | 'Service'; name: string | readonly string[] }
  | 'anonymous'

/** What a caller wants to do. */
export interface AccessRequest {
  /** Such as `execute-api:Invoke`. */
  action: string
  /** The ARN. A request to assume a role has none. */
  resource?: string
  /** The caller. Without a resource the documents are trust policies, with one they are resource policies. */
  principal?: PolicyPrincipal
  /** The condition keys of the request. Defaults to none. */
  context?: ConditionContext
}

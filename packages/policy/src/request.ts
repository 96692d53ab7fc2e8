import type { ConditionContext } from './condition.ts'

/** What a caller wants to do. */
export interface AccessRequest {
  /** Such as `execute-api:Invoke`. */
  action: string
  /** The ARN. A request to assume a role has none. */
  resource?: string
  /** Who asks to assume a role. With it the documents are trust policies. */
  principal?: { type: 'Federated' | 'AWS' | 'Service'; name: string }
  /** The condition keys of the request. Defaults to none. */
  context?: ConditionContext
}

import type { PolicyDocument } from '../definition.ts'

/** A role with everything filled in. */
export interface Role {
  arn: string
  name: string
  /** `AROA…` */
  id: string
  policy: PolicyDocument
  trust: PolicyDocument
}

/** Temporary credentials that the identity pool gave out, and whose they are. */
export interface Session {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  /** Milliseconds since the epoch, by the stack's clock. */
  expiresAt: number
  role: Role
  identityId: string
  identityPoolId: string
  /** `authenticated` with the provider and the subject, or `unauthenticated`. */
  amr: readonly string[]
  /** Who signed in; nothing for a guest. */
  sub?: string
}

/** What the gateway asks about an access key. */
export interface Sessions {
  find(accessKeyId: string): Session | undefined
}

import type { GivenApiKey } from './api-gateway/usage-plans.ts'
import type { GivenClient } from './cognito-user-pool/app-clients.ts'
import type { IdentityRecord } from './cognito-identity-pool/identities.ts'
import type { Ids } from './ids.ts'
import type { Session, SessionCredentials } from './iam/sessions.ts'
import type { GivenSignInClient } from './cognito-user-pool/sign-in-clients.ts'
import type { RememberedSignIns } from './cognito-user-pool/sign-ins.ts'
import type { TokenKeyPair } from './cognito-user-pool/token-key.ts'
import type { SignIn } from './cognito-user-pool/users.ts'

/**
 * What a stack came to know while it ran, for the one that takes its place: plain data that goes from one thread to
 * another. It contains secrets, so it is kept in memory and nowhere else.
 *
 * Not remembered, on purpose: changes of app clients and of Secrets Manager by requests. A stack that starts again
 * has both as its definition says.
 */
export interface Memory {
  readonly ids: Ids
  /** The ID of each API by its name. */
  readonly apiIds: Readonly<Record<string, string>>
  readonly key: TokenKeyPair
  readonly users: Readonly<Record<string, SignIn>>
  readonly signIns: RememberedSignIns
  readonly identities: readonly IdentityRecord[]
  /** A session names its role by its ARN: the new definition decides what the role may do. */
  readonly sessions: readonly RememberedSession[]
  readonly appClients: Readonly<Record<string, GivenClient>>
  readonly signInClients: Readonly<Record<string, GivenSignInClient>>
  readonly roles: Readonly<Record<string, SessionCredentials>>
  readonly admin: SessionCredentials
  readonly apiKeys: Readonly<Record<string, GivenApiKey>>
}

/** A session without the permissions of its role, which are those of the definition. */
export type RememberedSession = Omit<Session, 'role'> & { readonly roleArn: string }

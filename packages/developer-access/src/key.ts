/** A key as its owner sees it. No secret is ever in it. */
export interface Key {
  readonly id: string
  /** What identifies the key in a token; absent only until it is made. */
  readonly clientId: string
  readonly label: string
  readonly scopes: readonly string[]
  readonly status: 'active' | 'expired' | 'revoked'
  /** The secrets that work: one, or two while a rotation's grace lasts. Told apart by their last four characters. */
  readonly secrets: readonly { readonly last4: string; createdAt: Date; expiresAt?: Date }[]
  readonly createdAt: Date
  readonly expiresAt?: Date
  /** Roughly: written once in a while. */
  readonly lastUsedAt?: Date
  readonly revokedAt?: Date
  readonly reason?: string
  /** Rises with each change. Give it back to change what was seen and nothing newer. */
  readonly version: number
}

/** A key as a store holds it. Moments are milliseconds since the epoch. */
export interface KeyRow {
  readonly id: string
  readonly userId: string
  readonly version: number
  /**
   * - `pending`: reserved; its client may or may not exist.
   * - `active`
   * - `closing`: works no more; its client may still exist. Without `clientId` it never worked.
   * - `closed`: its client is gone. It stays, so that its tokens go on being refused.
   */
  readonly state: 'pending' | 'active' | 'closing' | 'closed'
  readonly clientId?: string | undefined
  readonly label: string
  readonly scopes: readonly string[]
  readonly secrets: readonly SecretRow[]
  readonly createdAt: number
  readonly expiresAt?: number | undefined
  /** Tokens that were issued before are refused. */
  readonly notBefore?: number | undefined
  readonly revokedAt?: number | undefined
  readonly reason?: string | undefined
  /** A second secret is being added. `givenUp`: whatever came of it is to be removed. */
  readonly rotation?: { id: string; startedAt: number; givenUp?: true } | undefined
  /** When to look once more for a secret that came late, after a rotation was given up. */
  readonly recheckAt?: number | undefined
  /** The client's scopes do not yet follow the row's. */
  readonly scopesDue?: true | undefined
  /** Kept by {@link KeyStore.touch} alone: a change does not write it. */
  readonly lastUsedAt?: number | undefined
}

/** What is known of a secret. Not the secret. */
export interface SecretRow {
  /** What the issuer calls it. */
  readonly id: string
  /** Of an opaque key: SHA-256 of the secret, in hex. */
  readonly hash?: string | undefined
  readonly last4: string
  readonly createdAt: number
  /** Works until then. */
  readonly expiresAt?: number | undefined
}

/** How long making a key or a secret may take before somebody else tidies up after it. */
export const UNDER_WAY_MS = 120_000

/** Whether the key counts for its user's limit. */
export const isLive = ({ state }: KeyRow): boolean => state === 'pending' || state === 'active'

/**
 * When something has to be done about a key, if nothing happens to it before.
 *
 * @returns Milliseconds since the epoch; `undefined` for never.
 */
export function dueAt(row: KeyRow): number | undefined {
  const { state, createdAt, expiresAt, rotation, recheckAt, scopesDue, secrets } = row
  if (state === 'closed') return undefined
  if (state === 'closing') return 0
  if (state === 'pending') return createdAt + UNDER_WAY_MS
  const moments = [
    expiresAt,
    recheckAt,
    rotation && (rotation.givenUp ? 0 : rotation.startedAt + UNDER_WAY_MS),
    scopesDue && 0,
    ...secrets.map((secret) => secret.expiresAt),
  ].filter((moment) => moment !== undefined)
  return moments.length > 0 ? Math.min(...moments) : undefined
}

/** Makes of a row what its owner may see. */
export function keyOf(row: KeyRow, now: number): Key {
  const { id, clientId = '', label, scopes, createdAt, expiresAt, lastUsedAt, revokedAt } = row
  const over = expiresAt !== undefined && now >= expiresAt
  const expired = row.reason === EXPIRED || (row.state === 'active' && over)
  const status = row.state === 'active' && !expired ? 'active' : expired ? 'expired' : 'revoked'
  const secrets = row.secrets.filter((secret) => now < (secret.expiresAt ?? Infinity))
  return {
    id,
    clientId,
    label,
    scopes,
    status,
    secrets: (status === 'active' ? secrets : []).map((secret) => ({
      last4: secret.last4,
      createdAt: new Date(secret.createdAt),
      ...(secret.expiresAt !== undefined && { expiresAt: new Date(secret.expiresAt) }),
    })),
    createdAt: new Date(createdAt),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    ...(lastUsedAt !== undefined && { lastUsedAt: new Date(lastUsedAt) }),
    ...(revokedAt !== undefined && { revokedAt: new Date(revokedAt) }),
    ...(row.reason !== undefined && { reason: row.reason }),
    version: row.version,
  }
}

/** The reason that a key has which ended by itself. */
export const EXPIRED = 'expired'

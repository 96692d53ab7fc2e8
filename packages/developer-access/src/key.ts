/** A key as its owner sees it. It never contains a secret. */
export interface Key {
  readonly id: string
  /** What identifies the key in a token. */
  readonly clientId: string
  readonly label: string
  readonly scopes: readonly string[]
  readonly status: 'active' | 'expired' | 'revoked'
  /** The secrets that work: one, or two during the grace of a rotation. Their last four characters distinguish them. */
  readonly secrets: readonly { readonly last4: string; createdAt: Date; expiresAt?: Date }[]
  readonly createdAt: Date
  readonly expiresAt?: Date
  /** Approximately: it is written only from time to time. */
  readonly lastUsedAt?: Date
  readonly revokedAt?: Date
  readonly reason?: string
  /** Rises with each change. Send it back to change what was read and nothing newer. */
  readonly version: number
}

/** A key as it is stored. Times are milliseconds since the epoch. */
export interface KeyRow {
  readonly id: string
  readonly userId: string
  readonly version: number
  /**
   * - `pending`: reserved; its client may or may not exist.
   * - `active`
   * - `closing`: no longer works; its client may still exist. Without `clientId` it never worked.
   * - `closed`: its client was deleted. The row stays, so that its tokens are still refused.
   */
  readonly state: 'pending' | 'active' | 'closing' | 'closed'
  readonly clientId?: string | undefined
  readonly label: string
  readonly scopes: readonly string[]
  readonly secrets: readonly SecretRow[]
  readonly createdAt: number
  readonly expiresAt?: number | undefined
  /** Tokens that were issued earlier are refused. */
  readonly notBefore?: number | undefined
  readonly revokedAt?: number | undefined
  readonly reason?: string | undefined
  /** A second secret is being added. `givenUp`: if it was added, it has to be removed. */
  readonly rotation?: { id: string; startedAt: number; givenUp?: true } | undefined
  /** When to check once more for a secret that was added late, after a rotation was given up. */
  readonly recheckAt?: number | undefined
  /** The client's scopes do not yet follow the row's. */
  readonly scopesDue?: true | undefined
  /** Written by {@link KeyStore.touch} only, not by a change. */
  readonly lastUsedAt?: number | undefined
}

/** What is known of a secret, without the secret. */
export interface SecretRow {
  /** The issuer's ID of it. */
  readonly id: string
  /** Of an opaque key: SHA-256 of the secret, in hex. */
  readonly hash?: string | undefined
  readonly last4: string
  readonly createdAt: number
  /** Works until then. */
  readonly expiresAt?: number | undefined
}

/** How long creating a key or a secret may take before a sweep cleans up after it. */
export const UNDER_WAY_MS = 120_000

/** Whether the key counts towards its user's limit. */
export const isLive = ({ state }: KeyRow): boolean => state === 'pending' || state === 'active'

/**
 * When something has to be done about a key, if it does not change before.
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

/** Creates what the owner of a row may see. */
export function keyOf(row: KeyRow, now: number): Key {
  const { id, clientId = '', label, scopes, createdAt, expiresAt, lastUsedAt, revokedAt } = row
  const status = statusOf(row, now)
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

function statusOf(row: KeyRow, now: number): Key['status'] {
  const { state, reason, revokedAt, expiresAt } = row
  if (state === 'active') return now < (expiresAt ?? Infinity) ? 'active' : 'expired'
  // A user may have revoked it with this reason.
  return reason === EXPIRED && revokedAt === expiresAt ? 'expired' : 'revoked'
}

/** The `reason` of a key that has expired. */
export const EXPIRED = 'expired'

import { checkKey, checkReason, type KeyPatch } from './check.ts'
import { keyOf, type Key, type KeyRow } from './key.ts'
import { refuse } from './refusal.ts'
import { settle } from './settle.ts'
import { checkActive, edit, ownKey, tryOr, type Works } from './works.ts'

/**
 * Changes what is not secret about a key.
 *
 * Fewer scopes hold at once, because a call has only those that token and row share. More scopes hold once
 * the client has them and a new token is taken.
 *
 * @param version  What the key was when its user saw it.
 * @throws {@link IamFetchError} see {@link DeveloperAccess.patchKey}
 */
export async function patchKey(
  works: Works,
  user: { userId: string; scopes: readonly string[] },
  keyId: string,
  patch: KeyPatch,
  version: number | undefined,
): Promise<Key> {
  const { issuer, limits, clock } = works
  const now = clock.now()
  const row = await ownKey(works, user.userId, keyId)
  checkKey(patch, user.scopes, issuer, limits)
  checkVersion(row, version)
  checkActive(row, now)
  const { label = row.label, scopes = row.scopes, expiresInSeconds } = patch
  const expiresAt =
    expiresInSeconds === undefined
      ? row.expiresAt
      : expiresInSeconds === null
        ? undefined
        : now + expiresInSeconds * 1_000
  const otherScopes = scopes.toSorted().join(' ') !== row.scopes.toSorted().join(' ')
  const change = {
    label,
    scopes: [...scopes],
    expiresAt,
    ...(otherScopes && issuer.pool && { scopesDue: true as const }),
  }
  const detail = { ...patch }
  let changed = await edit(works, row, change, { type: 'changed', by: user.userId, detail })
  await tryOr(works, keyId, async () => (changed = (await settle(works, changed)) ?? changed))
  return keyOf(changed, now)
}

/**
 * Ends a key: in the store first, so that it is refused from then on, then at the issuer.
 *
 * What does not succeed at the issuer is left for the sweeper. A key that is revoked already stays as it is.
 *
 * @throws {@link IamFetchError} see {@link DeveloperAccess.revokeKey}
 */
export async function revokeKey(
  works: Works,
  userId: string,
  keyId: string,
  { reason, version, by = userId }: { reason?: string; version?: number; by?: string } = {},
): Promise<Key> {
  checkReason(reason)
  const now = works.clock.now()
  const row = await ownKey(works, userId, keyId)
  if (row.state !== 'active') return keyOf(row, now)
  checkVersion(row, version)
  const change = {
    state: 'closing',
    revokedAt: now,
    ...(reason !== undefined && { reason }),
  } as const
  const detail = reason === undefined ? undefined : { reason }
  const revoked = await edit(works, row, change, { type: 'revoked', by, detail })
  await tryOr(works, keyId, () => settle(works, revoked))
  return keyOf(revoked, now)
}

function checkVersion(row: KeyRow, version: number | undefined): void {
  if (version === undefined || version === row.version) return
  throw refuse('KEY_CHANGED', 'The key was changed since it was read.')
}

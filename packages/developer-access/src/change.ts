import { isIamFetchError } from '@iamfetch/core'
import { checkKey, checkReason, isName, type KeyPatch } from './check.ts'
import { tryOrDefer, type KeyContext } from './context.ts'
import { checkStillHeld, type KeyHolder } from './held-scopes.ts'
import { checkActive, ownKey, updateRow } from './key-rows.ts'
import { keyOf, type Key, type KeyRow } from './key.ts'
import { reconcile } from './reconcile.ts'
import { refuse } from './refusal.ts'

/**
 * Changes what is not secret about a key.
 *
 * Fewer scopes take effect at once, because a call has only those that token and row share. More scopes take effect once the
 * client has them and a new token is requested.
 *
 * @param version  What the key was when its user read it.
 * @throws {@link IamFetchError} see {@link DeveloperAccess.patchKey}
 */
export async function patchKey(
  context: KeyContext,
  user: KeyHolder,
  keyId: string,
  patch: KeyPatch,
  version: number | undefined,
): Promise<Key> {
  const { issuer, limits, clock } = context
  const { userId, scopes: held } = user
  const now = clock.now()
  const row = await ownKey(context, userId, keyId)
  checkKey(patch, held, issuer, limits)
  checkVersion(row, version)
  checkActive(row, now)
  const { label = row.label, scopes = row.scopes } = patch
  const expiresAt = newExpiry(row, patch.expiresInSeconds, now)
  if ((expiresAt ?? Infinity) > (row.expiresAt ?? Infinity)) {
    checkLifetime(row, expiresAt, context, now)
    checkStillHeld(scopes, held)
  }
  const otherScopes = scopes.toSorted().join(' ') !== row.scopes.toSorted().join(' ')
  const change = {
    label,
    scopes: [...scopes],
    expiresAt,
    ...(otherScopes && issuer.pool && { scopesDue: true as const }),
  }
  const event = { type: 'changed', by: userId, detail: { ...patch } } as const
  let changed = await updateRow(context, row, change, event)
  await tryOrDefer(context, keyId, async () => {
    changed = (await reconcile(context, changed)) ?? changed
  })
  return keyOf(changed, now)
}

function newExpiry(
  { expiresAt }: KeyRow,
  expiresInSeconds: number | null | undefined,
  now: number,
): number | undefined {
  if (expiresInSeconds === undefined) return expiresAt
  return expiresInSeconds === null ? undefined : now + expiresInSeconds * 1_000
}

/** The longest life of a key counts from when it was created: no change prolongs it beyond that. */
function checkLifetime(
  { createdAt }: KeyRow,
  expiresAt: number | undefined,
  { limits: { lifetimeSeconds } }: KeyContext,
  now: number,
): void {
  const lastMoment = createdAt + lifetimeSeconds * 1_000
  if ((expiresAt ?? Infinity) <= lastMoment || lastMoment === Infinity) return
  const remaining = Math.max(0, Math.floor((lastMoment - now) / 1_000))
  throw refuse(
    'REQUEST_INVALID',
    `"expiresInSeconds" must be at most ${remaining}: a key lives for ${lifetimeSeconds} seconds from when it was created.`,
    { remedy: 'Use a shorter time, or create a new key.' },
  )
}

/** How a key is revoked. */
export interface RevokeOptions {
  reason?: string | undefined
  /** Revokes nothing newer than this. */
  version?: number | undefined
  /** Who does it. @default the user */
  by?: string | undefined
}

/**
 * Ends a key: in the store first, so that it is refused from then on, then at the issuer.
 *
 * What fails at the issuer is left for the sweep. A key that is revoked already stays as it is. Without a version, a
 * revocation is never lost to another change at the same moment: the key is read again and revoked.
 *
 * @throws {@link IamFetchError} see {@link DeveloperAccess.revokeKey}
 */
export async function revokeKey(
  context: KeyContext,
  userId: string,
  keyId: string,
  { reason, version, by = userId }: RevokeOptions = {},
): Promise<Key> {
  checkReason(reason)
  if (!isName(by)) throw refuse('REQUEST_INVALID', '"by" must be a text of 1 to 512 characters.')
  for (let attempt = 1; ; attempt++) {
    const now = context.clock.now()
    const row = await ownKey(context, userId, keyId)
    if (row.state !== 'active') return keyOf(row, now)
    checkVersion(row, version)
    const change = {
      state: 'closing',
      revokedAt: now,
      ...(reason !== undefined && { reason }),
    } as const
    const detail = reason === undefined ? undefined : { reason }
    try {
      const revoked = await updateRow(context, row, change, { type: 'revoked', by, detail })
      await tryOrDefer(context, keyId, () => reconcile(context, revoked))
      return keyOf(revoked, now)
    } catch (error) {
      const isBeaten = version === undefined && isIamFetchError(error, 'KEY_CHANGED')
      if (!isBeaten || attempt === MAX_REVOKE_ATTEMPTS) throw error
    }
  }
}

/** Each attempt is beaten only by another change of the same key in the very moment between a read and a write. */
const MAX_REVOKE_ATTEMPTS = 1_000

function checkVersion(row: KeyRow, version: number | undefined): void {
  if (version === undefined || version === row.version) return
  throw refuse('KEY_CHANGED', 'The key was changed since you read it.')
}

import { IamFetchError } from '@iamfetch/core'
import { checkIdempotencyKey, checkKey, fingerprint, type NewKey } from './check.ts'
import { hiddenSecret, type ShownKey } from './shown.ts'
import { isLive, keyOf, type KeyRow } from './key.ts'
import { refuse } from './refusal.ts'
import { settle } from './settle.ts'
import type { Once, StoredUser } from './store.ts'
import { edit, isDue, refused, reused, tryOr, wasActive, type Works } from './works.ts'

/** Who a key is made for. */
export interface KeyUser extends StoredUser {
  /** What the user may hand out. */
  readonly scopes: readonly string[]
}

/**
 * Makes a key, in three steps of which each may be the last: a row is reserved, the client is made with the
 * row's ID in its name, the row is activated with the client's ID.
 *
 * A row that never was activated, and a client without its row, are the sweeper's.
 *
 * @throws {@link IamFetchError} see {@link DeveloperAccess.createKey}
 */
export async function createKey(
  works: Works,
  { scopes: held, ...user }: KeyUser,
  asked: NewKey,
  idempotencyKey: string | undefined,
): Promise<ShownKey> {
  const { issuer, limits, clock, store } = works
  const { label, scopes, expiresInSeconds = limits.lifetimeSeconds } = asked
  checkUser(user)
  checkIdempotencyKey(idempotencyKey)
  checkKey({ label, scopes, expiresInSeconds: asked.expiresInSeconds }, held, issuer, limits)
  if (!label || !scopes) throw refuse('REQUEST_INVALID', 'A key needs label and scopes.')
  const at = clock.now()
  const pending: KeyRow = {
    id: `key_${Buffer.from(works.random(16)).toString('base64url')}`,
    userId: user.userId,
    version: 1,
    state: 'pending',
    label,
    scopes: [...scopes],
    secrets: [],
    createdAt: at,
    ...(expiresInSeconds < Infinity && { expiresAt: at + expiresInSeconds * 1_000 }),
  }
  const once: Once | undefined =
    idempotencyKey === undefined
      ? undefined
      : {
          token: fingerprint('create', user.userId, idempotencyKey),
          request: fingerprint(label, scopes.toSorted(), asked.expiresInSeconds ?? null),
          ref: pending.id,
          until: at + limits.idempotencySeconds * 1_000,
        }
  const earlier = await reserve(works, pending, user, once)
  if (earlier) return { key: keyOf(earlier, at), replayed: true }

  const client = await issuer
    .issue({ keyId: pending.id, scopes })
    .catch(async (error: unknown) => giveUp(works, pending, error))
  const { id, hash, value } = client.secret
  const secret = { id, last4: value.slice(-4), createdAt: at, ...(hash && { hash }) }
  const active: KeyRow = {
    ...pending,
    version: 2,
    state: 'active',
    clientId: client.clientId,
    secrets: [secret],
  }
  const event = {
    type: 'created',
    at: clock.now(),
    by: user.userId,
    detail: { label, scopes },
  } as const
  const outcome = await store.write({ before: pending, after: active, at, event })
  if (outcome.done) return hiddenSecret({ key: keyOf(active, at), replayed: false }, value)
  // Somebody thought this one had died, and took the row.
  await tryOr(works, pending.id, async () => issuer.pool?.remove(client.clientId))
  throw refused(outcome)
}

/** @returns The key that the same request made before. */
async function reserve(
  works: Works,
  after: KeyRow,
  user: StoredUser,
  once: Once | undefined,
): Promise<KeyRow | undefined> {
  const { store, limits } = works
  const { createdAt: at } = after
  const held = once && (await store.once(once.token, at))
  if (held) {
    if (held.request !== once.request) throw reused()
    const earlier = await store.key(held.ref)
    if (earlier && wasActive(earlier)) return earlier
    if (earlier?.state === 'pending') {
      if (!isDue(earlier, at)) throw refuse('UNDER_WAY', 'The same key is being made.')
      await edit(works, earlier, { state: 'closing' })
    }
    // It came to nothing, so this one takes its place.
  }
  const change = {
    after,
    at,
    user,
    limit: limits.keysPerUser,
    ...(once && { once: { ...once, insteadOf: held?.ref } }),
  }
  let outcome = await store.write(change)
  if (!outcome.done && outcome.because === 'limit' && (await makeRoom(works, user.userId))) {
    outcome = await store.write(change)
  }
  if (!outcome.done) throw refused(outcome)
  return undefined
}

/** Ends what is over of a user's keys, where no sweeper was yet. @returns Whether there was any. */
async function makeRoom(works: Works, userId: string): Promise<boolean> {
  const rows = await works.store.keysOf(userId)
  const over = rows.filter((row) => isLive(row) && isDue(row, works.clock.now()))
  for (const row of over) await tryOr(works, row.id, () => settle(works, row))
  return over.length > 0
}

/** Gives a reserved row back, and throws why. */
async function giveUp(works: Works, pending: KeyRow, error: unknown): Promise<never> {
  await tryOr(works, pending.id, async () => {
    const closing = await edit(works, pending, { state: 'closing' })
    // A refusal made no client; after anything else there may be one, which the sweeper looks for.
    if (!isRefused(error) && works.issuer.pool) return
    await works.store.write({ before: closing, at: works.clock.now() })
  })
  throw error
}

const isRefused = (error: unknown): boolean =>
  error instanceof IamFetchError && error.status !== undefined && error.status < 500

function checkUser({ userId, username, email }: StoredUser): void {
  const texts = [userId, username, email ?? 'none']
  if (texts.every((text) => typeof text === 'string' && text !== '' && text.length <= 512)) return
  throw refuse('REQUEST_INVALID', 'A user needs a userId and a username, each a text.')
}

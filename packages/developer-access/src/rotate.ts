import { checkGrace, checkIdempotencyKey, fingerprint } from './check.ts'
import { tryOrDefer, type KeyContext } from './context.ts'
import { checkStillHeld, type KeyHolder } from './held-scopes.ts'
import type { IssuedSecret } from './issuer.ts'
import {
  checkActive,
  idempotencyKeyReused,
  isDue,
  notWritten,
  ownKey,
  updateRow,
} from './key-rows.ts'
import { keyOf, type KeyRow, type SecretRow } from './key.ts'
import { dropUnknownSecrets, reconcile } from './reconcile.ts'
import { refuse } from './refusal.ts'
import { hiddenSecret, type ShownKey } from './shown-key.ts'
import type { Once } from './store.ts'

/** How a secret is replaced. */
export interface Rotation {
  /** How long the old secret continues to work, in seconds. 0 for a secret that leaked. */
  graceSeconds: number
}

/**
 * Adds a second secret to a key. The first one expires at the end of the grace period.
 *
 * Without grace it ends at once, and so do the tokens that it was exchanged for. With grace, tokens last for their own life,
 * which no mapping shortens. The key's own expiry stays.
 *
 * @throws {@link IamFetchError} see {@link DeveloperAccess.rotateKey}
 */
export async function rotateKey(
  context: KeyContext,
  user: KeyHolder,
  keyId: string,
  { graceSeconds }: Rotation,
  idempotencyKey: string | undefined,
): Promise<ShownKey> {
  checkGrace(graceSeconds, context.limits)
  checkIdempotencyKey(idempotencyKey)
  const at = context.clock.now()
  const row = await ownKey(context, user.userId, keyId)
  const rotationId = Buffer.from(context.random(12)).toString('base64url')
  const once = onceOf(context, user.userId, keyId, { graceSeconds, idempotencyKey, rotationId })

  const current = isDue(row, at) ? ((await reconcile(context, row)) ?? row) : row
  const begun = await begin(context, current, {
    rotationId,
    once,
    graceSeconds,
    held: user.scopes,
  })
  if (begun === 'done before') return { key: keyOf(current, at), replayed: true }

  const secret = await addSecret(context, begun, rotationId)
  const rotated = await activate(context, begun, secret, { graceSeconds, rotationId })
  let last = rotated
  if (graceSeconds === 0) {
    await tryOrDefer(context, keyId, async () => {
      last = (await reconcile(context, rotated)) ?? rotated
    })
  }
  return hiddenSecret({ key: keyOf(last, context.clock.now()), replayed: false }, secret.value)
}

function onceOf(
  { limits, clock }: KeyContext,
  userId: string,
  keyId: string,
  {
    graceSeconds,
    idempotencyKey,
    rotationId,
  }: { graceSeconds: number; idempotencyKey: string | undefined; rotationId: string },
): Once | undefined {
  if (idempotencyKey === undefined) return undefined
  return {
    token: fingerprint('rotate', userId, keyId, idempotencyKey),
    request: fingerprint(graceSeconds),
    ref: rotationId,
    until: clock.now() + limits.idempotencySeconds * 1_000,
  }
}

interface RotationStart {
  rotationId: string
  once: Once | undefined
  graceSeconds: number
  /** The scopes that the user holds now. */
  held: readonly string[]
}

/**
 * Writes that a second secret is about to be added, so that a rotation whose process died is found.
 *
 * @returns The row, or that the same was requested and done before.
 */
async function begin(
  context: KeyContext,
  row: KeyRow,
  { rotationId, once, graceSeconds, held }: RotationStart,
): Promise<KeyRow | 'done before'> {
  const { store, clock, limits } = context
  const at = clock.now()
  const earlier = once && (await store.once(once.token, at))
  if (earlier) {
    if (earlier.request !== once.request) throw idempotencyKeyReused()
    const events = await store.events(row.id)
    if (events.some(({ detail }) => detail?.['rotation'] === earlier.ref)) return 'done before'
  }
  // A limit that was set after the key was created holds from its next secret on.
  const lastMoment = row.createdAt + limits.lifetimeSeconds * 1_000
  const expiresAt = Math.min(row.expiresAt ?? Infinity, lastMoment)
  checkActive({ ...row, expiresAt }, at)
  checkStillHeld(row.scopes, held)
  if (row.rotation) throw refuse('UNDER_WAY', 'The key is being rotated by another request.')
  const current = await endGraceOf(context, row, graceSeconds)
  const after: KeyRow = {
    ...current,
    version: current.version + 1,
    rotation: { id: rotationId, startedAt: at },
    ...(expiresAt < Infinity && { expiresAt }),
  }
  const outcome = await store.write({
    before: current,
    after,
    at,
    ...(once && { once: { ...once, insteadOf: earlier?.ref } }),
  })
  if (outcome.done) return after
  throw notWritten(outcome)
}

/** An issuer holds two secrets at most: the older one ends early, if the rotation is to take effect at once. */
async function endGraceOf(context: KeyContext, row: KeyRow, graceSeconds: number): Promise<KeyRow> {
  if (row.secrets.length <= 1) return row
  if (graceSeconds > 0) {
    throw refuse('UNDER_WAY', 'The grace of the previous rotation has not ended.', {
      remedy: 'Wait until it has ended, or rotate with "graceSeconds" 0.',
    })
  }
  const at = context.clock.now()
  const secrets = row.secrets.map((secret) => ({
    ...secret,
    ...(secret.expiresAt !== undefined && { expiresAt: at }),
  }))
  const ended = await updateRow(context, row, { secrets })
  return (await reconcile(context, ended)) ?? ended
}

/** Adds the secret at the issuer. If that fails, the rotation is undone as far as possible. */
async function addSecret(
  context: KeyContext,
  begun: KeyRow,
  rotationId: string,
): Promise<IssuedSecret> {
  try {
    // A secret that the key does not know would take the place of the second one.
    await dropUnknownSecrets(context, begun)
    return await context.issuer.addSecret(begun.clientId ?? '')
  } catch (error) {
    await tryOrDefer(context, begun.id, async () => {
      const { rotation = { id: rotationId, startedAt: context.clock.now() } } = begun
      const givenUp = await updateRow(context, begun, { rotation: { ...rotation, givenUp: true } })
      await reconcile(context, givenUp)
    })
    throw error
  }
}

/** Writes the new secret, and when the others end. */
async function activate(
  context: KeyContext,
  begun: KeyRow,
  { id, hash, value }: IssuedSecret,
  { graceSeconds, rotationId }: { graceSeconds: number; rotationId: string },
): Promise<KeyRow> {
  const now = context.clock.now()
  const added: SecretRow = { id, last4: value.slice(-4), createdAt: now, ...(hash && { hash }) }
  const ending = begun.secrets.map((secret) => ({
    ...secret,
    expiresAt: Math.min(secret.expiresAt ?? Infinity, now + graceSeconds * 1_000),
  }))
  const change = {
    secrets: [...ending, added],
    rotation: undefined,
    ...(graceSeconds === 0 && { notBefore: now }),
  }
  const detail = { graceSeconds, rotation: rotationId }
  try {
    return await updateRow(context, begun, change, { type: 'rotated', by: begun.userId, detail })
  } catch (error) {
    // It is not certain whether it was written. The secret is removed only if it was not.
    await tryOrDefer(context, begun.id, async () => {
      const stored = await context.store.key(begun.id)
      if (stored?.secrets.some((secret) => secret.id === id)) return
      await context.issuer.pool?.dropSecret(begun.clientId ?? '', id)
    })
    throw error
  }
}

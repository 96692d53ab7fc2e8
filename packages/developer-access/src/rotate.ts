import { checkGrace, checkIdempotencyKey, fingerprint } from './check.ts'
import { keyOf, type KeyRow, type SecretRow } from './key.ts'
import { refuse } from './refusal.ts'
import type { IssuedSecret } from './issuer.ts'
import { dropStrangers, settle } from './settle.ts'
import { hiddenSecret, type ShownKey } from './shown.ts'
import type { Once } from './store.ts'
import { checkActive, edit, isDue, ownKey, refused, reused, tryOr, type Works } from './works.ts'

/** How a secret is replaced. */
export interface Rotation {
  /** How long the old secret goes on working, in seconds. 0 for a secret that leaked. */
  graceSeconds: number
}

/**
 * Gives a key a second secret; the first one ends with the grace.
 *
 * Without grace it ends at once, and so do the tokens that it was exchanged for. With grace, tokens last for
 * their own life, which no mapping shortens.
 *
 * @throws {@link IamFetchError} see {@link DeveloperAccess.rotateKey}
 */
export async function rotateKey(
  works: Works,
  userId: string,
  keyId: string,
  { graceSeconds }: Rotation,
  idempotencyKey: string | undefined,
): Promise<ShownKey> {
  const { limits, clock } = works
  checkGrace(graceSeconds, limits)
  checkIdempotencyKey(idempotencyKey)
  const at = clock.now()
  let row = await ownKey(works, userId, keyId)
  const { clientId } = row
  if (clientId === undefined) throw refuse('KEY_NOT_FOUND', 'There is no such key.')
  const rotation = Buffer.from(works.random(12)).toString('base64url')
  const once: Once | undefined =
    idempotencyKey === undefined
      ? undefined
      : {
          token: fingerprint('rotate', userId, keyId, idempotencyKey),
          request: fingerprint(graceSeconds),
          ref: rotation,
          until: at + limits.idempotencySeconds * 1_000,
        }

  if (isDue(row, at)) row = (await settle(works, row)) ?? row
  const begun = await begin(works, row, rotation, once, graceSeconds)
  if (begun === 'done before') return { key: keyOf(row, at), replayed: true }

  const secret = await add(works, begun.row).catch(async (error: unknown) => {
    await tryOr(works, keyId, async () => {
      const { rotation: going = { id: rotation, startedAt: at } } = begun.row
      const givenUp = await edit(works, begun.row, { rotation: { ...going, givenUp: true } })
      await settle(works, givenUp)
    })
    throw error
  })
  const { id, hash, value } = secret
  const now = clock.now()
  const added: SecretRow = {
    id,
    last4: value.slice(-4),
    createdAt: now,
    ...(hash && { hash }),
  }
  const ending = begun.row.secrets.map((one) => ({
    ...one,
    expiresAt: Math.min(one.expiresAt ?? Infinity, now + graceSeconds * 1_000),
  }))
  const change = {
    secrets: [...ending, added],
    rotation: undefined,
    ...(graceSeconds === 0 && { notBefore: now }),
  }
  const rotated = await edit(works, begun.row, change, {
    type: 'rotated',
    by: userId,
    detail: { graceSeconds, rotation },
  }).catch(async (error: unknown) => {
    // Whether it was written is not certain: the secret goes only where it was not.
    await tryOr(works, keyId, async () => {
      const held = await works.store.key(keyId)
      if (!held?.secrets.some((one) => one.id === id))
        await works.issuer.pool?.dropSecret(clientId, id)
    })
    throw error
  })
  if (graceSeconds > 0) return hiddenSecret({ key: keyOf(rotated, now), replayed: false }, value)
  let last = rotated
  await tryOr(works, keyId, async () => (last = (await settle(works, rotated)) ?? rotated))
  return hiddenSecret({ key: keyOf(last, now), replayed: false }, value)
}

async function add(works: Works, row: KeyRow): Promise<IssuedSecret> {
  // A secret that nobody knows would take the second one's place.
  await dropStrangers(works, row)
  return works.issuer.addSecret(row.clientId ?? '')
}

/**
 * Writes that a second secret is coming, so that one whose maker died is found.
 *
 * @returns The rotation, or that the same was asked for and done before.
 */
async function begin(
  works: Works,
  row: KeyRow,
  id: string,
  once: Once | undefined,
  graceSeconds: number,
): Promise<{ row: KeyRow } | 'done before'> {
  const at = works.clock.now()
  const held = once && (await works.store.once(once.token, at))
  if (held) {
    if (held.request !== once.request) throw reused()
    const events = await works.store.events(row.id)
    if (events.some(({ detail }) => detail?.['rotation'] === held.ref)) return 'done before'
  }
  checkActive(row, at)
  if (row.rotation) throw refuse('UNDER_WAY', 'The key is being rotated.')
  let current = row
  if (row.secrets.length > 1) {
    if (graceSeconds > 0) {
      throw refuse(
        'UNDER_WAY',
        'The grace of the last rotation lasts. Only graceSeconds 0 cuts it.',
      )
    }
    // An issuer holds two secrets at most: the older one goes before its time.
    const ended = row.secrets.map((one) => ({
      ...one,
      ...(one.expiresAt !== undefined && { expiresAt: at }),
    }))
    current = await edit(works, row, { secrets: ended })
    current = (await settle(works, current)) ?? current
  }
  const after: KeyRow = {
    ...current,
    version: current.version + 1,
    rotation: { id, startedAt: at },
  }
  const again = once && { once: { ...once, insteadOf: held?.ref } }
  const outcome = await works.store.write({ before: current, after, at, ...again })
  if (outcome.done) return { row: after }
  throw refused(outcome)
}

import type { Clock } from '@iamfetch/core'
import type { KeyIssuer } from './issuer.ts'
import { dueAt, type KeyRow } from './key.ts'
import type { SetLimits } from './limits.ts'
import { refuse, type KeyRefusal } from './refusal.ts'
import type { KeyEvent, KeyStore, Outcome } from './store.ts'

/** What every operation works with. */
export interface Works {
  readonly issuer: KeyIssuer
  readonly store: KeyStore
  readonly limits: SetLimits
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  /** Makes this process read a key anew. */
  readonly forget: (clientId: string) => void
  /** Told what did not succeed and was left for the sweeper. */
  readonly onDeferred: (error: unknown, keyId: string) => void
}

/** What a change of an existing key is about. */
type Edit = Partial<Omit<KeyRow, 'id' | 'userId' | 'version'>>

/**
 * Writes a changed key, if it is still as it was read.
 *
 * @returns The key as it is now.
 * @throws {@link IamFetchError} `KEY_CHANGED` if it is not.
 */
export async function edit(
  works: Works,
  before: KeyRow,
  change: Edit,
  event?: Omit<KeyEvent, 'at'>,
): Promise<KeyRow> {
  const after: KeyRow = { ...before, ...change, version: before.version + 1 }
  const at = works.clock.now()
  const outcome = await works.store.write({
    before,
    after,
    at,
    ...(event && { event: { ...event, at } }),
  })
  if (before.clientId !== undefined) works.forget(before.clientId)
  if (outcome.done) return after
  throw refused(outcome)
}

/** The error of a change that was not written. */
export function refused({ because }: Exclude<Outcome, { done: true }>): Error {
  const [code, message] = WHY[because]
  return refuse(code, message)
}

type Why = readonly [code: KeyRefusal, message: string]
const CHANGED: Why = ['KEY_CHANGED', 'The key was changed by somebody else meanwhile.']
const WHY: Readonly<Record<'limit' | 'username' | 'once' | 'client-id' | 'version', Why>> = {
  limit: ['KEY_LIMIT_REACHED', 'You have as many keys as a user may have.'],
  username: ['USERNAME_TAKEN', 'The username belongs to another user.'],
  once: ['UNDER_WAY', 'The same request is being worked on.'],
  'client-id': CHANGED,
  version: CHANGED,
}

/** The error of an idempotency key that came with something else before. */
export const reused = (): Error =>
  refuse('IDEMPOTENCY_KEY_REUSED', 'The idempotency key came with another request before.')

/**
 * Reads a key of a user.
 *
 * @throws {@link IamFetchError} `KEY_NOT_FOUND` if there is none, and if it is another user's: nobody learns which.
 */
export async function ownKey(works: Works, userId: string, keyId: string): Promise<KeyRow> {
  const row = await works.store.key(keyId)
  if (row && row.userId === userId && wasActive(row)) return row
  throw refuse('KEY_NOT_FOUND', 'There is no such key.')
}

/** Refuses a key that works no more. @throws {@link IamFetchError} `KEY_REVOKED` */
export function checkActive({ state, expiresAt = Infinity }: KeyRow, now: number): void {
  if (state === 'active' && now < expiresAt) return
  throw refuse('KEY_REVOKED', 'The key was revoked or has expired.')
}

/** Whether the key was ever handed out. */
export const wasActive = ({ state, clientId }: KeyRow): boolean =>
  state !== 'pending' && clientId !== undefined

/** Whether something about a key waits to be done. */
export const isDue = (row: KeyRow, now: number): boolean => (dueAt(row) ?? Infinity) <= now

/** Does what can also be done later by the sweeper. @returns Whether it was done. */
export async function tryOr(
  works: Works,
  keyId: string,
  run: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    works.onDeferred(error, keyId)
    return false
  }
}

import { KEY_ID } from './check.ts'
import type { KeyContext } from './context.ts'
import { dueAt, type KeyRow } from './key.ts'
import { refuse, type KeyRefusal } from './refusal.ts'
import type { KeyEvent, Outcome } from './store.ts'

/** The members of a row that a change may set. */
type RowChange = Partial<Omit<KeyRow, 'id' | 'userId' | 'version'>>

/**
 * Writes a changed row, if it is still as it was read.
 *
 * @returns The row as it is now.
 * @throws {@link IamFetchError} `KEY_CHANGED` if it is not.
 */
export async function updateRow(
  context: KeyContext,
  before: KeyRow,
  change: RowChange,
  event?: Omit<KeyEvent, 'at'>,
): Promise<KeyRow> {
  const after: KeyRow = { ...before, ...change, version: before.version + 1 }
  const at = context.clock.now()
  const outcome = await context.store.write({
    before,
    after,
    at,
    ...(event && { event: { ...event, at } }),
  })
  if (before.clientId !== undefined) context.forget(before.clientId)
  if (outcome.done) return after
  throw notWritten(outcome)
}

/** The error for a change that a store did not write. */
export function notWritten({ because }: Exclude<Outcome, { done: true }>): Error {
  const { code, message } = NOT_WRITTEN[because]
  return refuse(code, message)
}

interface NotWritten {
  code: KeyRefusal
  message: string
}

const CHANGED: NotWritten = {
  code: 'KEY_CHANGED',
  message: 'The key was changed by another request in the meantime.',
}
const NOT_WRITTEN: Readonly<
  Record<'limit' | 'username' | 'once' | 'client-id' | 'version', NotWritten>
> = {
  limit: { code: 'KEY_LIMIT_REACHED', message: 'You have as many keys as a user may have.' },
  username: { code: 'USERNAME_TAKEN', message: 'The username belongs to another user.' },
  once: { code: 'UNDER_WAY', message: 'The same request is being processed.' },
  'client-id': CHANGED,
  version: CHANGED,
}

/** The error for an idempotency key that was used for another request. */
export const idempotencyKeyReused = (): Error =>
  refuse('IDEMPOTENCY_KEY_REUSED', 'The idempotency key was used for another request.')

/**
 * Reads a key of a user. An ID that cannot be one of a key does not reach the store.
 *
 * @throws {@link IamFetchError} `KEY_NOT_FOUND` if there is none, and if it is another user's: the response does not show which.
 */
export async function ownKey(context: KeyContext, userId: string, keyId: string): Promise<KeyRow> {
  const isKeyId = typeof keyId === 'string' && KEY_ID.test(keyId)
  const row = isKeyId ? await context.store.key(keyId) : undefined
  if (row && row.userId === userId && wasActive(row)) return row
  throw refuse('KEY_NOT_FOUND', 'There is no such key.')
}

/** @throws {@link IamFetchError} `KEY_REVOKED` for a key that no longer works. */
export function checkActive({ state, expiresAt = Infinity }: KeyRow, now: number): void {
  if (state === 'active' && now < expiresAt) return
  throw refuse('KEY_REVOKED', 'The key was revoked or has expired.')
}

/** Whether the key was ever handed out. */
export const wasActive = ({ state, clientId }: KeyRow): boolean =>
  state !== 'pending' && clientId !== undefined

/** Whether something has to be done about a key. */
export const isDue = (row: KeyRow, now: number): boolean => (dueAt(row) ?? Infinity) <= now

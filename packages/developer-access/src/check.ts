import { createHash } from 'node:crypto'
import type { KeyIssuer } from './issuer.ts'
import type { SetLimits } from './limits.ts'
import { refuse } from './refusal.ts'
import type { StoredUser } from './store.ts'

/** What a new key is. */
export interface NewKey {
  /** What its owner recognises it by: 1 to 100 visible characters on one line. */
  label: string
  /** For Cognito, `<resource server>/<scope>`; never more than the user holds. */
  scopes: readonly string[]
  /** How long it lives, in seconds; `null` without an end. @default null, or `limits.lifetimeSeconds` */
  expiresInSeconds?: number | null | undefined
}

/** The members of a key that may be changed. Those that are missing stay as they are. */
export interface KeyPatch {
  label?: string | undefined
  scopes?: readonly string[] | undefined
  /** How long it lives from now on, in seconds; `null` without an end. */
  expiresInSeconds?: number | null | undefined
}

/** The form of a key's ID. Nothing else reaches a store. */
export const KEY_ID: RegExp = /^key_[\w-]{1,64}$/

/**
 * Checks a label, scopes and an expiry, before anything is written.
 *
 * @param held  The scopes that the user holds now.
 * @throws {@link IamFetchError} `REQUEST_INVALID`, `SCOPES_NOT_HELD`
 */
export function checkKey(
  { label, scopes, expiresInSeconds }: KeyPatch,
  held: readonly string[],
  issuer: KeyIssuer,
  limits: SetLimits,
): void {
  if (label !== undefined) checkLabel('label', label)
  if (scopes !== undefined) checkScopes(scopes, held, issuer)
  if (expiresInSeconds !== undefined) checkExpiry(expiresInSeconds, limits)
}

function checkScopes(scopes: readonly string[], held: readonly string[], issuer: KeyIssuer): void {
  const { least: minimum, most: maximum } = issuer.scopes
  if (!Array.isArray(scopes) || scopes.length < minimum || scopes.length > maximum) {
    throw refuse('REQUEST_INVALID', `"scopes" must be a list of ${minimum} to ${maximum} scopes.`)
  }
  if (!scopes.every(isScope) || new Set(scopes).size < scopes.length) {
    throw refuse('REQUEST_INVALID', '"scopes" must be different texts without spaces.')
  }
  const beyond = scopes.filter((scope) => !held.includes(scope))
  if (beyond.length === 0) return
  const heldNames = held.length ? held.join(', ') : 'none'
  throw refuse(
    'SCOPES_NOT_HELD',
    `You do not hold ${beyond.join(', ')} yourself. You hold: ${heldNames}.`,
  )
}

function checkExpiry(expiresInSeconds: number | null, { lifetimeSeconds }: SetLimits): void {
  if (expiresInSeconds === null && lifetimeSeconds === Infinity) return
  const isWithin = isSeconds(expiresInSeconds) && expiresInSeconds >= 1
  if (isWithin && expiresInSeconds <= lifetimeSeconds) return
  const most = lifetimeSeconds < Infinity ? ` and at most ${lifetimeSeconds}` : ''
  throw refuse('REQUEST_INVALID', `"expiresInSeconds" must be a whole number, at least 1${most}.`)
}

/** @throws {@link IamFetchError} `REQUEST_INVALID` */
export function checkGrace(
  graceSeconds: unknown,
  limits: SetLimits,
): asserts graceSeconds is number {
  if (isSeconds(graceSeconds) && graceSeconds >= 0 && graceSeconds <= limits.graceSeconds) return
  throw refuse(
    'REQUEST_INVALID',
    `"graceSeconds" must be a whole number from 0 to ${limits.graceSeconds}.`,
  )
}

/** @throws {@link IamFetchError} `REQUEST_INVALID` */
export function checkReason(reason: unknown): asserts reason is string | undefined {
  if (reason !== undefined) checkLabel('reason', reason)
}

/** @throws {@link IamFetchError} `REQUEST_INVALID` for a text that is too long for a store, or empty. */
export function checkUserId(userId: unknown): asserts userId is string {
  if (isName(userId)) return
  throw refuse(
    'REQUEST_INVALID',
    '"userId" must be a text of 1 to 512 characters without control characters.',
  )
}

/** @throws {@link IamFetchError} `REQUEST_INVALID` */
export function checkUser({ userId, username, email, issuer }: StoredUser): void {
  checkUserId(userId)
  const optional = { email, issuer }
  for (const [name, value] of Object.entries({ username, ...optional })) {
    if (isName(value) || (name in optional && value === undefined)) continue
    throw refuse(
      'REQUEST_INVALID',
      `"${name}" must be a text of 1 to 512 characters without control characters.`,
    )
  }
}

/** The longest sort key of a DynamoDB item. */
const MAX_NAME_BYTES = 1_000

/** Whether a text may name a user or a client in a store. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^[^\p{Cc}\p{Cs}]{1,512}$/u.test(value) &&
  Buffer.byteLength(value) <= MAX_NAME_BYTES

/** A fingerprint that differs if any of the parts differs. */
export const fingerprint = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')

/**
 * Checks an idempotency key.
 *
 * @throws {@link IamFetchError} `REQUEST_INVALID`
 * @see [The Idempotency-Key header](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)
 */
export function checkIdempotencyKey(key: unknown): asserts key is string | undefined {
  if (key === undefined || (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key))) return
  throw refuse(
    'REQUEST_INVALID',
    'An idempotency key must have 1 to 255 printable ASCII characters.',
  )
}

function checkLabel(name: string, value: unknown): void {
  if (typeof value === 'string' && LABEL.test(value) && VISIBLE.test(value)) return
  throw refuse(
    'REQUEST_INVALID',
    `"${name}" must be a text of 1 to 100 visible characters, on one line.`,
  )
}

/**
 * On one line, and without characters that are invisible or change the direction of what follows them on a page. The two
 * variation selectors that emoji need are allowed.
 *
 * @see [Unicode: Default_Ignorable_Code_Point](https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point)
 */
const LABEL =
  /^(?:(?![\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}])[\s\S]|[\uFE0E\uFE0F]){1,100}$/u

/** Anything but spaces, the blank braille pattern and marks, which need a character to be on. */
const VISIBLE = /[^\s\p{M}\u2800]/u

/** @see [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) */
const isScope = (value: unknown): boolean =>
  typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(value)

const isSeconds = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) <= 3_200_000_000

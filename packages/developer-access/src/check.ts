import { createHash } from 'node:crypto'
import type { KeyIssuer } from './issuer.ts'
import type { SetLimits } from './limits.ts'
import { refuse } from './refusal.ts'

/** What a new key shall be. */
export interface NewKey {
  /** For its owner to recognise it by. 1 to 100 characters. */
  label: string
  /** As `<resource server>/<scope>`; never more than the user holds. */
  scopes: readonly string[]
  /** How long it lives, in seconds. @default for ever, or `limits.lifetimeSeconds` */
  expiresInSeconds?: number | undefined
}

/** What may be changed of a key; what is left out stays. */
export interface KeyPatch {
  label?: string | undefined
  scopes?: readonly string[] | undefined
  /** From now on, in seconds; `null` for ever. */
  expiresInSeconds?: number | null | undefined
}

/**
 * Refuses a request that cannot be meant, before anything happens.
 *
 * @param held  The scopes that the user holds.
 * @throws {@link IamFetchError} `REQUEST_INVALID`, `SCOPES_NOT_HELD`
 */
export function checkKey(
  { label, scopes, expiresInSeconds }: KeyPatch,
  held: readonly string[],
  issuer: KeyIssuer,
  { lifetimeSeconds }: SetLimits,
): void {
  if (label !== undefined && !isLabel(label)) {
    throw refuse('REQUEST_INVALID', 'label is a text of 1 to 100 characters, on one line.')
  }
  if (scopes !== undefined) {
    const { least, most } = issuer.scopes
    if (!(Array.isArray(scopes) && scopes.every(isScope) && unique(scopes))) {
      throw refuse('REQUEST_INVALID', 'scopes is a list of different scopes, each a text.')
    }
    if (scopes.length < least || scopes.length > most) {
      throw refuse('REQUEST_INVALID', `scopes has to have ${least} to ${most} of them.`)
    }
    const beyond = scopes.filter((scope) => !held.includes(scope))
    if (beyond.length > 0) {
      throw refuse('SCOPES_NOT_HELD', `You do not hold ${beyond.join(', ')} yourself.`)
    }
  }
  if (expiresInSeconds === undefined) return
  const forEver = expiresInSeconds === null && lifetimeSeconds === Infinity
  const seconds = isSeconds(expiresInSeconds) && expiresInSeconds >= 1
  if (!forEver && !(seconds && expiresInSeconds <= lifetimeSeconds)) {
    throw refuse(
      'REQUEST_INVALID',
      `expiresInSeconds is a whole number, at least 1${lifetimeSeconds < Infinity ? ` and at most ${lifetimeSeconds}` : ''}.`,
    )
  }
}

/** @throws {@link IamFetchError} `REQUEST_INVALID` */
export function checkGrace(
  graceSeconds: unknown,
  limits: SetLimits,
): asserts graceSeconds is number {
  if (isSeconds(graceSeconds) && graceSeconds >= 0 && graceSeconds <= limits.graceSeconds) return
  throw refuse(
    'REQUEST_INVALID',
    `graceSeconds is a whole number from 0 to ${limits.graceSeconds}.`,
  )
}

/** @throws {@link IamFetchError} `REQUEST_INVALID` */
export function checkReason(reason: unknown): asserts reason is string | undefined {
  if (reason === undefined || isLabel(reason)) return
  throw refuse('REQUEST_INVALID', 'reason is a text of 1 to 100 characters, on one line.')
}

/** A fingerprint of parts, that is the same only where all of them are. */
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
  throw refuse('REQUEST_INVALID', 'An idempotency key is 1 to 255 printable characters.')
}

/** On one line, and nothing in it turns the direction of what stands around it on somebody's page. */
const isLabel = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^[^\p{Cc}\u2028-\u202E\u2066-\u2069]{1,100}$/u.test(value) &&
  value.trim() !== ''

/** As RFC 6749 has them. */
const isScope = (value: unknown): boolean =>
  typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(value)

const isSeconds = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) <= 3_200_000_000

const unique = (list: readonly unknown[]): boolean => new Set(list).size === list.length

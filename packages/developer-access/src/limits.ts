import { checkOptions, copyOptions, invalidOption, type OptionNames } from '@iamfetch/core'

/** What users may have, and how soon things take effect. */
export interface Limits {
  /** Live keys of one user. @default 10 */
  keysPerUser?: number | undefined
  /**
   * Longest life of a key, in seconds, counted from when it was created: no change and no rotation prolongs it. With it no
   * key lives without an end. @default none
   */
  lifetimeSeconds?: number | undefined
  /** Longest grace of a rotation, in seconds. @default 604800, a week */
  graceSeconds?: number | undefined
  /**
   * How long a process uses what it read of a key, in seconds: after this time a revocation is known everywhere. 0 reads the
   * store for every call. At most 60.
   *
   * @default 2
   */
  revocationSeconds?: number | undefined
  /** How often the last use is written, in seconds. @default 60 */
  lastUsedSeconds?: number | undefined
  /** How long an idempotency key is remembered, in seconds. @default 86400, a day */
  idempotencySeconds?: number | undefined
}

/** Limits with a value for each. */
export type SetLimits = { readonly [Name in keyof Limits]-?: number }

const OWNER = 'createDeveloperAccess: "limits"'
const NAMES: OptionNames<Limits> = {
  keysPerUser: true,
  lifetimeSeconds: true,
  graceSeconds: true,
  revocationSeconds: true,
  lastUsedSeconds: true,
  idempotencySeconds: true,
}

/**
 * Fills in the defaults.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function setLimits(limits: Limits = {}): SetLimits {
  checkOptions(OWNER, limits, NAMES)
  const given = copyOptions(limits)
  for (const [name, value] of Object.entries(given)) {
    const least = name === 'keysPerUser' || name === 'lifetimeSeconds' ? 1 : 0
    const maximum = name === 'revocationSeconds' ? 60 : Infinity
    if (value === undefined || (typeof value === 'number' && value >= least && value <= maximum)) {
      continue
    }
    const range = maximum < Infinity ? `from ${least} to ${maximum}` : `of at least ${least}`
    throw invalidOption(OWNER, `"${name}" must be a number ${range}`, value)
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...DEFAULTS, ...Object.fromEntries(set) }
}

const DEFAULTS: SetLimits = {
  keysPerUser: 10,
  lifetimeSeconds: Infinity,
  graceSeconds: 604_800,
  revocationSeconds: 2,
  lastUsedSeconds: 60,
  idempotencySeconds: 86_400,
}

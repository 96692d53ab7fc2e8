/** What users may have, and how soon things take effect. */
export interface Limits {
  /** Live keys of one user. @default 10 */
  keysPerUser?: number | undefined
  /** Longest life of a key, in seconds; with it no key lives for ever. @default none */
  lifetimeSeconds?: number | undefined
  /** Longest grace of a rotation, in seconds. @default 604800, a week */
  graceSeconds?: number | undefined
  /**
   * How long a process goes by what it read of a key, in seconds: after this time a revocation holds
   * everywhere. 0 reads the store for every call. At most 60.
   *
   * @default 2
   */
  revocationSeconds?: number | undefined
  /** How often the last use is written, in seconds. @default 60 */
  lastUsedSeconds?: number | undefined
  /** How long an idempotency key is remembered, in seconds. @default 86400, a day */
  idempotencySeconds?: number | undefined
}

/** Limits, none of them left open. */
export type SetLimits = { readonly [Name in keyof Limits]-?: number }

/**
 * Fills in what was left out.
 *
 * @throws {@link TypeError} for a number that cannot be meant.
 */
export function setLimits(given: Limits = {}): SetLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in DEFAULTS)) throw new TypeError(`limits.${name} is no limit.`)
    const least = name === 'keysPerUser' || name === 'lifetimeSeconds' ? 1 : 0
    const most = name === 'revocationSeconds' ? 60 : Infinity
    if (value !== undefined && !(value >= least && value <= most)) {
      throw new TypeError(`limits.${name} is a number from ${least} to ${most}.`)
    }
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

import { copyOptions } from '@iamfetch/core'
import { checkedOptions } from './checked-options.ts'
import { CALLER_OPTIONS, checkCallerOptions } from './check-options.ts'
import { poolsByIssuer } from './issuers.ts'
import type { CallerOptions, TrustedUserPool } from './options.ts'
import { readRules, type CallerRules } from './rules.ts'
import { createVerifier, type TokenVerifier } from './verify.ts'

/** Options that were checked, and what was created from them. */
export interface Trust {
  readonly options: CallerOptions
  readonly rules: CallerRules
  readonly verifier: TokenVerifier
  /** The trusted user pools by each issuer that their tokens may name; `undefined` if any issuer is accepted. */
  readonly poolOfIssuer: ReadonlyMap<unknown, TrustedUserPool> | undefined
}

/**
 * Returns the trust of some options; the same one for the same object.
 *
 * @param caller  The function that was given the options.
 * @throws {@link TypeError} with the code `INVALID_OPTION`.
 */
export function trustOf(caller: string, options: CallerOptions): Trust {
  const known = trusts.get(options)
  if (known) return known
  const created = createTrust(caller, checkedOptions(caller, options, CALLER_OPTIONS))
  trusts.set(options, created)
  return created
}

/** Creates the trust of options whose names are checked already. */
export function createTrust(caller: string, given: CallerOptions): Trust {
  const options = copyOptions(given)
  for (const name of ['userPools', 'loadBalancers'] as const) {
    const list = options[name]
    if (Array.isArray(list)) Object.assign(options, { [name]: list.map(copyOptions) })
  }
  checkCallerOptions(caller, options)
  const rules = readRules(caller, options)
  const poolOfIssuer = options.userPools && poolsByIssuer(options.userPools)
  const verifier = createVerifier(options)
  return { options: Object.freeze(options), rules, verifier, poolOfIssuer }
}

const trusts = new WeakMap<CallerOptions, Trust>()

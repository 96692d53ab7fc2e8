import { invalidOption, type IamFetchError, type OptionNames } from '@iamfetch/core'
import type { Caller } from './caller.ts'
import { checkedOptions } from './checked-options.ts'
import { CALLER_OPTIONS } from './check-options.ts'
import type { CallerOptions } from './options.ts'
import { isRefusal } from './refusal.ts'
import { resolveWith } from './resolve.ts'
import { SIGNED_IN_KINDS } from './rules.ts'
import { createTrust } from './trust.ts'

/**
 * Which proofs to trust, which callers to let in, and what happens with the others. Without `kinds` every kind of caller but
 * a guest is let in.
 */
export interface GateOptions extends CallerOptions {
  /** Receives the reason of a refusal, for the log. The client does not receive it. */
  onRefusal?: ((error: IamFetchError, event: unknown) => void) | undefined
  /** Added to the response to a refusal: a REST API leaves the CORS headers to the function. @default none */
  refusalHeaders?: Readonly<Record<string, string>> | undefined
}

/** What a gate decided. */
export type Admission = { caller: Caller } | { refused: IamFetchError }

/**
 * Creates the function that lets a caller in or refuses. Of kind, groups and scopes, all that are given have to hold.
 *
 * @param options  See {@link GateOptions}.
 * @param creator  The function to name in errors about the options.
 * @throws {@link TypeError} at once, with the code `INVALID_OPTION`, for a wrong or an unknown option.
 * @returns A function that reports a refusal and throws everything else, for example what `owner` and `tenant` throw.
 */
export function callerGate(
  options: GateOptions,
  creator = 'callerGate',
): (event: unknown) => Promise<Admission> {
  const checked = checkedOptions(creator, options, GATE_OPTIONS)
  const { onRefusal, refusalHeaders, kinds = SIGNED_IN_KINDS, ...others } = checked
  if (onRefusal !== undefined && typeof onRefusal !== 'function') {
    throw invalidOption(creator, '"onRefusal" must be a function', onRefusal)
  }
  if (refusalHeaders === null || !['object', 'undefined'].includes(typeof refusalHeaders)) {
    throw invalidOption(creator, '"refusalHeaders" must be an object', refusalHeaders)
  }
  const trust = createTrust(creator, { ...others, kinds })
  return async (event) => {
    try {
      return { caller: await resolveWith(trust, event) }
    } catch (error) {
      if (!isRefusal(error)) throw error
      onRefusal?.(error, event)
      return { refused: error }
    }
  }
}

const GATE_OPTIONS: OptionNames<GateOptions> = {
  ...CALLER_OPTIONS,
  onRefusal: true,
  refusalHeaders: true,
}

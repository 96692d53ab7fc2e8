import type { IamFetchError } from '@iamfetch/core'
import type { Caller } from './caller.ts'
import { isRefusal, refusal } from './refusal.ts'
import { resolveCaller } from './resolve.ts'
import type { CallerOptions } from './trust.ts'
import { verifierOf } from './verify.ts'

/** Whom to believe, who of them may go on, and what happens with the others. */
export interface GateOptions extends CallerOptions {
  /** One of these kinds. @default every kind but 'guest' */
  kinds?: readonly Caller['kind'][] | undefined
  /** In one of these groups. A machine that calls for itself is in none. @default any */
  groups?: readonly string[] | undefined
  /** With one of these scopes, as with the scopes of a gateway's route. @default any */
  scopes?: readonly string[] | undefined
  /** Told why somebody was refused, for the log. The client is not told. */
  onRefusal?: ((error: IamFetchError, event: unknown) => void) | undefined
  /** Added to the answer to a refusal: a REST API leaves the CORS headers to the function. @default none */
  refusalHeaders?: Readonly<Record<string, string>> | undefined
}

/** What a gate decided. */
export type Admission = { caller: Caller } | { refused: IamFetchError }

/**
 * Makes the function that lets a caller in or refuses. Of kind, groups and scopes, all that are given have
 * to hold.
 *
 * @throws {@link TypeError} at once, for options that cannot be meant. An empty list is one: it says everybody,
 *   or nobody.
 * @returns A function that tells a refusal and throws everything else, as what `owner` and `tenant` throw.
 */
export function callerGate(options: GateOptions): (event: unknown) => Promise<Admission> {
  const { kinds, groups, scopes, onRefusal } = options
  for (const [name, list] of Object.entries({ kinds, groups, scopes })) {
    const listed =
      Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string')
    if (list !== undefined && !listed) {
      throw new TypeError(`${name} is an array of at least one text, or left out.`)
    }
  }
  verifierOf(options)
  return async (event) => {
    try {
      const caller = await resolveCaller(event, options)
      check(caller, options)
      return { caller }
    } catch (error) {
      if (!isRefusal(error)) throw error
      onRefusal?.(error, event)
      return { refused: error }
    }
  }
}

function check({ kind, ...caller }: Caller, { kinds, groups, scopes }: GateOptions): void {
  if (kinds ? !kinds.includes(kind) : kind === 'guest') {
    throw refusal('FORBIDDEN', `A ${kind} may not call this.`)
  }
  if (groups && !groups.some((group) => caller.groups.includes(group))) {
    throw refusal('GROUP_MISSING', `The caller is in none of the groups ${groups.join(', ')}.`)
  }
  if (scopes && !scopes.some((scope) => caller.scopes.includes(scope))) {
    throw refusal('SCOPES_MISSING', `The caller has none of the scopes ${scopes.join(', ')}.`)
  }
}

import { invalidOption } from '@iamfetch/core'
import type { Caller } from './caller.ts'
import { checkList } from './check-options.ts'
import type { CallerOptions } from './options.ts'
import { refusal } from './refusal.ts'

/** Which callers are let in. All rules that are given have to hold. */
export type CallerRules = Pick<CallerOptions, 'kinds' | 'groups' | 'scopes'>

/**
 * Checks and copies rules: an array that is changed later must not open a gate.
 *
 * @throws {@link TypeError} with the code `INVALID_OPTION`. An empty list is wrong, too: it could mean every caller or none.
 */
export function readRules(creator: string, { kinds, groups, scopes }: CallerRules): CallerRules {
  for (const [name, list] of Object.entries({ kinds, groups, scopes })) {
    checkList(creator, name, list)
    for (const entry of list ?? []) {
      if (typeof entry === 'string' && entry !== '') continue
      throw invalidOption(creator, `"${name}" must list texts`, entry)
    }
  }
  for (const kind of kinds ?? []) {
    if (KINDS.includes(kind)) continue
    throw invalidOption(creator, `"kinds" must list kinds of callers (${KINDS.join(', ')})`, kind)
  }
  return {
    kinds: kinds && [...kinds],
    groups: groups && [...groups],
    scopes: scopes && [...scopes],
  }
}

/** Every kind of caller but a guest: what a gate lets in by default. */
export const SIGNED_IN_KINDS: readonly Caller['kind'][] = [
  'user',
  'machine',
  'machine-for-user',
  'role',
]

const KINDS: readonly Caller['kind'][] = [...SIGNED_IN_KINDS, 'guest']

/** @throws {@link IamFetchError} `FORBIDDEN`, `GROUP_MISSING` or `SCOPES_MISSING` */
export function checkRules(caller: Caller, { kinds, groups, scopes }: CallerRules): void {
  if (kinds && !kinds.includes(caller.kind)) {
    throw refusal('FORBIDDEN', `A caller of the kind "${caller.kind}" may not call this.`)
  }
  if (groups && !groups.some((group) => caller.groups.includes(group))) {
    throw groupMissing(caller, groups)
  }
  if (scopes && !scopes.some((scope) => caller.scopes.includes(scope))) {
    throw refusal('SCOPES_MISSING', `The caller has none of the scopes "${scopes.join('", "')}".`)
  }
}

function groupMissing(caller: Caller, groups: readonly string[]): Error {
  const isAmbiguous = caller.kind === 'user' && caller.ambiguousClaims?.includes('cognito:groups')
  if (!isAmbiguous) {
    return refusal('GROUP_MISSING', `The caller is in none of the groups "${groups.join('", "')}".`)
  }
  const isContext = caller.shape === 'rest-lambda' || caller.shape === 'http-lambda'
  return refusal(
    'GROUP_MISSING',
    'The event has the groups of the caller as a text that can be read in more than one way, so the check on "groups" refuses it.',
    { remedy: isContext ? REMEDY_FOR_CONTEXT : REMEDY_FOR_CLAIMS },
  )
}

const REMEDY_FOR_CONTEXT =
  'Let the Lambda authorizer write the groups as a JSON array, or set "authorizerContext" to a function that returns an array.'
const REMEDY_FOR_CLAIMS =
  `Set "userPools" and send the token in "Authorization": the groups are then read from the token itself. ` +
  `Set "proof" to 'verified' to require that of every call.`

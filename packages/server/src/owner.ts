import { invalidOption, type OptionNames } from '@iamfetch/core'
import type { Caller } from './caller.ts'
import { checkedOptions } from './checked-options.ts'
import type { CallerOptions, Owner } from './options.ts'
import { refusal } from './refusal.ts'

/**
 * Turns a machine that belongs to a user into a caller for that user.
 *
 * Subject and actor stay apart, so that a log shows both. Its scopes are those that the token has and the user granted; its
 * groups are the user's.
 *
 * @throws {@link IamFetchError} `TOKEN_REJECTED` for a token from before `notBefore`, to the second, and for one that does not
 *   say when it was issued.
 * @throws {@link TypeError} for a result of `owner` with a wrong or an unknown property.
 * @see [RFC 8693 §4.1, actor](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)
 */
export async function actingFor(
  machine: Caller,
  owner: NonNullable<CallerOptions['owner']>,
): Promise<Caller> {
  const found = await owner(machine)
  if (!found) return machine
  const checked = checkedOptions('owner', found, OWNER_NAMES)
  const { subject, username, email, issuer, groups = [], scopes, tenant, notBefore } = checked
  if (typeof subject !== 'string' || !subject) {
    throw invalidOption('owner', '"subject" must be the user for whom the machine calls', subject)
  }
  for (const [name, list] of Object.entries({ groups, scopes })) {
    if (list === undefined || Array.isArray(list)) continue
    throw invalidOption('owner', `"${name}" must be an array`, list)
  }
  for (const [name, text] of Object.entries({ username, email, issuer, tenant })) {
    if (text === undefined || (typeof text === 'string' && text !== '')) continue
    throw invalidOption('owner', `"${name}" must be a text or undefined`, text)
  }
  if (notBefore !== undefined) checkNotBefore(machine, notBefore)
  return {
    ...machine,
    kind: 'machine-for-user',
    subject,
    actor: Object.freeze({ clientId: machine.subject }),
    ...(username !== undefined && { username }),
    ...(email !== undefined && { email }),
    ...(issuer !== undefined && { issuer }),
    groups: Object.freeze([...groups]),
    scopes: Object.freeze(machine.scopes.filter((scope) => !scopes || scopes.includes(scope))),
    ...(tenant !== undefined && { tenant }),
  }
}

const OWNER_NAMES: OptionNames<Owner> = {
  subject: true,
  username: true,
  email: true,
  issuer: true,
  groups: true,
  scopes: true,
  tenant: true,
  notBefore: true,
}

function checkNotBefore(machine: Caller, notBefore: Date): void {
  if (!(notBefore instanceof Date) || Number.isNaN(notBefore.getTime())) {
    throw invalidOption('owner', '"notBefore" must be a valid Date', notBefore)
  }
  const { issuedAt } = machine
  if (issuedAt && issuedAt.getTime() >= notBefore.getTime()) return
  throw refusal(
    'TOKEN_REJECTED',
    `The token was issued ${issuedAt ? `at ${issuedAt.toISOString()}` : 'at an unknown time'}; tokens from before ${notBefore.toISOString()} are refused.`,
  )
}

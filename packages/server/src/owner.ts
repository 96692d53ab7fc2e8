import type { Caller } from './caller.ts'
import { refusal } from './refusal.ts'
import type { CallerOptions } from './trust.ts'

/**
 * Makes a machine that belongs to a user into a caller for that user.
 *
 * Subject and actor stay apart, so that a log shows both. Its scopes are those that the token has and the
 * user granted; its groups are the user's.
 *
 * @throws {@link IamFetchError} `TOKEN_REJECTED` for a token from before `notBefore`, to the second, and for one
 *   that does not say when it was issued.
 * @see [RFC 8693 §4.1, actor](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)
 */
export async function actingFor(
  machine: Caller,
  owner: NonNullable<CallerOptions['owner']>,
): Promise<Caller> {
  const of = await owner(machine)
  if (!of) return machine
  const { subject, username, email, groups = [], scopes, tenant, notBefore } = of
  if (!subject) throw new TypeError('owner answers with a subject, or with nothing.')
  if (notBefore && !(Number(machine.issuedAt) >= notBefore.getTime())) {
    throw refusal('TOKEN_REJECTED', 'The token is older than what its client is allowed.')
  }
  return {
    ...machine,
    kind: 'machine-for-user',
    subject,
    actor: Object.freeze({ clientId: machine.subject }),
    ...(username !== undefined && { username }),
    ...(email !== undefined && { email }),
    groups: Object.freeze([...groups]),
    scopes: Object.freeze(machine.scopes.filter((scope) => !scopes || scopes.includes(scope))),
    ...(tenant !== undefined && { tenant }),
  }
}

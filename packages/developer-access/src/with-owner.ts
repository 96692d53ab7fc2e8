import { withCaller, type Answer, type Caller, type GateOptions } from '@iamfetch/server'
import type { Owners } from './owner.ts'
import type { KeyStore } from './store.ts'

/** Whom a handler is for: as for `withCaller`, but the owner is found here. */
export type OwnerOptions = Omit<GateOptions, 'owner' | 'verifyToken'>

/** Which of a product's users a signed-in caller is. */
export type IdOf = (caller: Caller) => string | Promise<string>

/**
 * Completes the options of `withCaller` and of the middleware beside it, so that a key's call is its user's.
 *
 * Users and keys are let in; a machine that belongs to nobody only by `kinds`.
 */
export const ownerOptions = <Options extends OwnerOptions>(
  { ofMachine, verifyToken }: Owners,
  options: Options,
): Options & GateOptions => ({
  kinds: ['user', 'machine-for-user'],
  ...options,
  owner: ofMachine,
  verifyToken,
})

/**
 * Makes the caller of a user who signed in the same as that of the user's keys: the product's own ID as
 * subject and, where only a signature proves the user, name and address as they are in the store.
 */
export async function sameUser(caller: Caller, store: KeyStore, idOf: IdOf): Promise<Caller> {
  if (caller.kind !== 'user') return caller
  const userId = await idOf(caller)
  const stored = caller.username === undefined ? await store.user({ userId }) : undefined
  const { username = stored?.username, email = stored?.email } = caller
  return Object.freeze({
    ...caller,
    subject: userId,
    ...(username !== undefined && { username }),
    ...(email !== undefined && { email }),
  })
}

/** Wraps a Lambda handler. See {@link DeveloperAccess.withOwner}. */
export function withOwner<Event, Context, Result>(
  handler: (event: Event, context: Context, caller: Caller) => Result | Promise<Result>,
  { owners, store, idOf }: { owners: Owners; store: KeyStore; idOf: IdOf },
  options: OwnerOptions,
): (event: Event, context: Context) => Promise<Result | Answer> {
  return withCaller(
    async (event: Event, context: Context, caller) =>
      handler(event, context, await sameUser(caller, store, idOf)),
    ownerOptions(owners, options),
  )
}

import { copyOptions, invalidOption } from '@iamfetch/core'
import { withCaller, type Answer, type Caller, type GateOptions } from '@iamfetch/server'
import { issuerName, poolIssuer } from './issuer-name.ts'
import { withAuthorization, type KeySource } from './key-source.ts'
import type { Owners } from './owner.ts'
import type { KeyStore, StoredUser } from './store.ts'

/** Who may call a handler: as for `withCaller`, but the owner is found here. */
export type OwnerOptions = Omit<GateOptions, 'owner' | 'verifyToken'>

/** Returns the product's own ID of a signed-in caller. */
export type IdOf = (caller: Caller) => string | Promise<string>

/**
 * Completes the options of `withCaller` and of the middleware in `@iamfetch/server`, so that a key's call is its user's.
 *
 * Users and keys are let in; a machine that belongs to no user only by `kinds`.
 */
export const ownerOptions = <Options extends OwnerOptions>(
  { ofMachine, verifyToken }: Owners,
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without options there is nothing to complete
  options: Options = {} as Options,
): Options & GateOptions => ({
  kinds: ['user', 'machine-for-user'],
  ...copyOptions(options),
  owner: ofMachine,
  verifyToken,
})

/**
 * Refuses options that are set here: passed along, they would be ignored.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function checkGate(owner: string, gate: object, setHere: readonly string[]): void {
  const given = setHere.find((name) => name in gate)
  if (given !== undefined)
    throw invalidOption(owner, `"${given}" is not an option, because it is set here`)
}

/**
 * Returns how users are distinguished: by `users.idOf`, or by the subject of their tokens. A subject is unique within its issuer
 * only, so that with several issuers `idOf` is required: the default would give one user the keys of another.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [OpenID Connect Core §5.7: claim stability and uniqueness](https://openid.net/specs/openid-connect-core-1_0.html#ClaimStability)
 */
export function userIdOf(owner: string, idOf: IdOf | undefined, gate: OwnerOptions): IdOf {
  if (idOf) {
    return async (caller) => {
      const id = await idOf(caller)
      // Without one, all users would be one.
      if (typeof id === 'string' && id !== '') return id
      throw invalidOption('createDeveloperAccess', '"users.idOf" must return a text', id)
    }
  }
  const issuers = issuersOf(gate)
  if (issuers.length > 1) {
    throw invalidOption(
      owner,
      `"users.idOf" of createDeveloperAccess is required, because "userPools" and "loadBalancers" trust several issuers (${issuers.join(', ')}), and a subject is unique within its issuer only`,
    )
  }
  return (caller) => caller.subject
}

/** The issuers whose users a gate lets in; none if it leaves that to the gateway. */
function issuersOf({ userPools, loadBalancers }: OwnerOptions): string[] {
  const pools = (userPools ?? []).map(({ userPoolId }) => poolIssuer(userPoolId))
  const providers = (loadBalancers ?? []).map(({ issuer }) => issuerName(issuer))
  return [...new Set([...pools, ...providers])]
}

/**
 * Turns the caller of a signed-in user into that of the user's keys: the product's own ID as subject and, if only a
 * signature proves the user, name and address as they are in the store.
 *
 * @param isSubject  Whether the ID is the subject of the caller's token, which is unique within its issuer only: then a user of
 *   another issuer in the store is not the caller.
 */
export async function sameUser(
  caller: Caller,
  store: KeyStore,
  idOf: IdOf,
  { isSubject = false }: { isSubject?: boolean } = {},
): Promise<Caller> {
  if (caller.kind !== 'user') return caller
  const userId = await idOf(caller)
  const known = caller.username === undefined ? await store.user({ userId }) : undefined
  const isOther = known && isSubject && !isOfIssuer(known, caller)
  const stored = isOther ? undefined : known
  const { username = stored?.username, email = stored?.email } = caller
  return Object.freeze({
    ...caller,
    subject: userId,
    ...(username !== undefined && { username }),
    ...(email !== undefined && { email }),
  })
}

/** Whether a stored user may be the caller: a subject of one issuer is not that of another. */
const isOfIssuer = (user: StoredUser, { issuer }: Caller): boolean =>
  issuer === undefined || user.issuer === undefined || user.issuer === issuerName(issuer)

/** What {@link withOwner} needs to find callers. */
export interface OwnerLookup {
  owners: Owners
  store: KeyStore
  idOf: IdOf | undefined
  keyFrom: readonly KeySource[]
  /** Whether a text is a key. */
  isKey: (text: string) => boolean
}

/** Wraps a Lambda handler. See {@link DeveloperAccess.withOwner}. */
export function withOwner<Event, Context, Result>(
  handler: (event: Event, context: Context, caller: Caller) => Result | Promise<Result>,
  { owners, store, idOf, keyFrom, isKey }: OwnerLookup,
  options: OwnerOptions,
): (event: Event, context: Context) => Promise<Result | Answer> {
  checkGate('withOwner', options, ['owner', 'verifyToken'])
  const guarded = withCaller(
    async (_event: Event, original: { event: Event; context: Context }, caller) =>
      handler(
        original.event,
        original.context,
        await sameUser(caller, store, userId, { isSubject }),
      ),
    ownerOptions(owners, options),
  )
  const userId = userIdOf('withOwner', idOf, options)
  const isSubject = idOf === undefined
  return (event, context) => guarded(withAuthorization(event, keyFrom, isKey), { event, context })
}

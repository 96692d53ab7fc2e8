import { callerChanged, cleared, invalidOption, isIamFetchError, type Owner } from '@iamfetch/core'
import {
  explainRole,
  type CognitoCredentials,
  type CredentialStatus,
  type RoleExplanation,
} from '@iamfetch/cognito'
import { allOptionsOf, copyOfCall } from '../call-copy.ts'
import { withOnCaller, type OnCaller } from '../on-caller.ts'

/** The user and the role that cached data belongs to. */
export interface Caller {
  /** `iss` of the user's token: the same `sub` of another issuer is another user, even at one provider. */
  readonly issuer: string | undefined
  /** The user. `undefined` for a guest, if no user is signed in, and before the token was read for the first time. */
  readonly sub: string | undefined
  /** The role that was requested or that the token predicts. `undefined` if the token leaves it open. */
  readonly role: string | undefined
}

/** The last part of a key of this package. */
export interface CallerKey {
  readonly caller: Caller
}

/** Returns the caller that a status describes. */
export function callerOf(status: CredentialStatus): Caller {
  const { issuer, sub } = status
  return { issuer, sub, role: predictedRole(status)?.role }
}

/** Predicts the role of the next exchange. `undefined` before a token was read. */
export function predictedRole(
  status: Pick<CredentialStatus, 'sub' | 'roles' | 'preferredRole' | 'role'>,
): RoleExplanation | undefined {
  const { sub, roles, preferredRole, role } = status
  if (sub === undefined) return undefined
  const claims = {
    ...(roles && { 'cognito:roles': roles }),
    ...(preferredRole && { 'cognito:preferred_role': preferredRole }),
  }
  return explainRole(claims, { role })
}

/** Names a user across all issuers. */
export const userName = ({ issuer, sub }: Omit<Caller, 'role'>): string =>
  JSON.stringify([issuer, sub])

/** Names a user in a role. */
export const callerName = ({ issuer, sub, role }: Caller): string =>
  JSON.stringify([issuer, sub, role])

/** Returns the caller at the end of a key that was created here, also one that was stored as JSON. */
export function callerIn(key: readonly unknown[] | undefined): Caller | undefined {
  const last = key?.at(-1)
  return isCallerKey(last) ? last.caller : undefined
}

function isCallerKey(part: unknown): part is CallerKey {
  if (typeof part !== 'object' || part === null || !('caller' in part)) return false
  const { caller } = part
  if (typeof caller !== 'object' || caller === null) return false
  return Object.entries(caller).every(
    ([name, value]) =>
      CALLER_PARTS.includes(name) && ['string', 'undefined'].includes(typeof value),
  )
}

/**
 * Throws if a key is not the caller's. A page can give work for one caller to a query or mutation of another: with
 * `setQueryDefaults` or `setMutationDefaults`, or with another key behind the options.
 *
 * @throws `IamFetchError` `CLEARED` for the key of another caller; `TypeError` for a key that names no caller, under which all
 *   users would share data.
 */
export function checkKey(hook: string, name: string, key: unknown, caller: Caller): void {
  if (!Array.isArray(key)) return
  const owner = callerIn(key)
  if (!owner) {
    throw invalidOption(hook, `"${name}" must be the key that the options were created with`, key)
  }
  if (callerName(owner) !== callerName(caller)) throw cleared()
}

const CALLER_PARTS = ['issuer', 'sub', 'role']

/** What work for one caller needs. */
interface Iam {
  /** What `createIamFetch` returned for the credentials. */
  readonly fetch: typeof globalThis.fetch
  readonly credentials: CognitoCredentials
}

/**
 * Runs work for one caller, and discards its result if the user or the role changed in the meantime.
 *
 * The `fetch` that the work gets sends nothing for another user or role, also if the work was waiting when they changed, and if
 * nothing has noticed the change yet: a call finds it when it reads the token.
 *
 * The comparison is stricter than a key: a role that was requested and the same role chosen by the token are one key, but a
 * call that began with one of them may end with the role of a newer token.
 *
 * @throws `IamFetchError` `CLEARED` if another user or role is there at the start, at the end or in between;
 *   what `credentials()` throws if no user is signed in (`LOGIN_REQUIRED`).
 */
export async function runAs<T>(
  caller: Caller,
  { fetch, credentials }: Iam,
  work: (fetch: typeof globalThis.fetch) => T | Promise<T>,
): Promise<T> {
  // The user is not known yet. This reads the token; only a guest has no `sub` afterwards.
  if (caller.sub === undefined) await credentials()
  if (!isPresent(caller, credentials)) throw cleared()
  const rights = rightsOf(credentials.status())
  let changed = false
  const look = (): void => {
    changed ||= rightsOf(credentials.status()) !== rights
  }
  const throwIfChanged = (): void => {
    look()
    if (changed) throw cleared()
  }
  const fetchForCaller: typeof globalThis.fetch = async (given, options) => {
    throwIfChanged()
    const isOwn = ownFunctions.has(fetch)
    // A function of ours is called now, and reads everything at once.
    const [input, init] = isOwn ? [given, allOptionsOf(options)] : copyOfCall(given, options)
    if (!isOwn) {
      await credentials.checkSignIn()
      throwIfChanged()
    }
    const onCaller: OnCaller = (owner, by) => {
      if (by === fetch) ownFunctions.add(fetch)
      throwIfChanged()
      if (!mayBe(caller, owner)) throw callerChanged()
    }
    return fetch(input, withOnCaller(init, onCaller))
  }
  const stop = credentials.subscribe(look)
  try {
    const result = await work(fetchForCaller)
    throwIfChanged()
    return result
  } finally {
    stop()
  }
}

/**
 * Functions of `createIamFetch`, and ours around one: they report the caller of each call. A function of the page around one may not
 * pass the options on, or only for some of its calls, and would sign for a user who signed in unnoticed: before its calls, the token
 * is read.
 */
const ownFunctions = new WeakSet<typeof globalThis.fetch>()

/** Whether a call is the caller's. Who owns plain credentials or an opaque token is not known. */
const mayBe = ({ issuer, sub }: Caller, owner: Owner): boolean =>
  owner.subject === undefined || (owner.issuer === issuer && owner.subject === sub)

/** Whether a caller is the one whom the credentials are for now. */
export const isPresent = (caller: Caller, credentials: CognitoCredentials): boolean =>
  callerName(callerOf(credentials.status())) === callerName(caller)

/** The user, and everything that the role depends on. */
function rightsOf(status: CredentialStatus): string {
  const { role, roles, preferredRole } = status
  return JSON.stringify([userName(status), role, roles, preferredRole])
}

/** Whether an error says that the caller is no longer there. Such a call is never repeated. */
export const isForAnotherCaller = (error: unknown): boolean =>
  isIamFetchError(error, 'CLEARED') || isIamFetchError(error, 'CALLER_CHANGED')

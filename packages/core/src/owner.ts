import type { Credentials } from './credentials.ts'
import type { Ending } from './ending.ts'
import { IamFetchError } from './error.ts'
import { jwtPayload } from './jwt.ts'

/** Who owns a token or credentials, as far as that is known. Not the role: one owner may have several. */
export interface Owner {
  /** The same text for the same owner. `undefined` if the owner has no name: a guest, an opaque token, a plain provider. */
  readonly key?: string | undefined
  /** `iss` of the ID token. */
  readonly issuer?: string | undefined
  /** `sub` of the ID token. */
  readonly subject?: string | undefined
  /** The Cognito identity. It distinguishes owners that have no key. */
  readonly identityId?: string | undefined
  /** Ends with the sign-in that the credentials came from: on `clear()` and when another user signs in. */
  readonly signIn?: Ending | undefined
}

/** A symbol that all copies of this package in a process share, so that each recognises credentials of the others. */
const OWNER = Symbol.for('@iamfetch/owner')

/**
 * Notes on credentials who owns them.
 *
 * The note is a getter that is not enumerable: it is not printed, and JSON and copies leave it out. It stays on the object when the
 * AWS SDK adds `$source` there, and an object that is derived from the credentials inherits it.
 */
export function setOwner<C extends Credentials>(credentials: C, owner: Owner): C {
  return Object.defineProperty(credentials, OWNER, { get: () => owner, configurable: true })
}

/** Reads who owns credentials. */
export function ownerOf(credentials: Credentials): Owner {
  const { identityId, [OWNER]: owner }: Credentials & { readonly [OWNER]?: Owner } = credentials
  return { ...owner, identityId }
}

/**
 * Reads who owns a bearer token: `iss` and `sub`, or `iss` and the client ID if the token has no subject. The owner of an opaque
 * token is not known.
 */
export function ownerOfToken(token: string): Owner {
  const { iss, sub, client_id, azp } = jwtPayload(token) ?? {}
  const client = client_id ?? azp
  const issuer = typeof iss === 'string' ? { issuer: iss } : undefined
  if (typeof sub === 'string') {
    return { key: JSON.stringify([issuer && iss, sub]), ...issuer, subject: sub }
  }
  // A client ID means nothing without the issuer that gave it.
  if (!issuer || typeof client !== 'string') return {}
  return { key: JSON.stringify([iss, null, client]), ...issuer }
}

/**
 * Returns whether two owners are the same.
 *
 * - If both have a key, the keys decide.
 * - Otherwise, if both have an identity ID, the IDs decide: a guest who becomes a user and keeps the identity is still the same owner.
 * - Otherwise two owners without a key count as the same, unless the identity ID of the expected one is known. An owner with a key and
 *   one without are never the same.
 *
 * @param expected    Who is expected.
 * @param actual  Who was found.
 */
export function isSameOwner(expected: Owner, actual: Owner): boolean {
  if (expected.key !== undefined && actual.key !== undefined) return expected.key === actual.key
  if (expected.identityId !== undefined && actual.identityId !== undefined) {
    return expected.identityId === actual.identityId
  }
  if (expected.key === undefined && expected.identityId !== undefined) return false
  return expected.key === actual.key
}

/** The error of a call whose user is not the present one any more. */
export const callerChanged = (): IamFetchError =>
  new IamFetchError(
    'CALLER_CHANGED',
    'The user changed while the call was under way, so nothing more was sent.',
    {
      remedy:
        'Repeat the call only if the present user wants it; an earlier attempt may have been carried out.',
    },
  )

/** The error of what waited for something that was cleared in the meantime. */
export const cleared = (): IamFetchError =>
  new IamFetchError(
    'CLEARED',
    'The credentials were cleared while the call was under way, so nothing more was sent.',
    {
      remedy:
        'Repeat the call after the next sign-in if it is still wanted; an earlier attempt may have been carried out.',
      retryable: true,
    },
  )

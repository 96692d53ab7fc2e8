import type { Credentials } from './credentials.ts'
import type { Ending } from './ending.ts'
import { IamFetchError } from './error.ts'
import { jwtPayload } from './jwt.ts'

/** Who owns a token or credentials, as far as that can be told. Not the role: one owner may have several. */
export interface Owner {
  /** The same text for the same owner. `undefined` if the owner has no name: a guest, an opaque token, a plain provider. */
  readonly key?: string | undefined
  /** `iss` of the ID token. */
  readonly issuer?: string | undefined
  /** `sub` of the ID token. */
  readonly subject?: string | undefined
  /** The Cognito identity. It tells owners apart that have no key. */
  readonly identityId?: string | undefined
  /** Ends with the sign-in that the credentials came from: on `clear()` and when another user signs in. */
  readonly signIn?: Ending | undefined
}

/** A symbol of the whole process: credentials of another copy of this package are recognised. */
const OWNER = Symbol.for('@iamfetch/owner')

/**
 * Notes on credentials who owns them.
 *
 * In a getter that is not enumerable: nothing prints it, JSON and copies leave it out. It stays on the object when the AWS
 * SDK notes `$source` there, and it is inherited by an object that is derived from it.
 */
export function setOwner<C extends Credentials>(credentials: C, owner: Owner): C {
  return Object.defineProperty(credentials, OWNER, { get: () => owner, configurable: true })
}

/** Reads whose credentials they are. */
export function ownerOf(credentials: Credentials): Owner {
  const { identityId, [OWNER]: owner }: Credentials & { readonly [OWNER]?: Owner } = credentials
  return { ...owner, identityId }
}

/**
 * Reads whose bearer token it is: `iss` and `sub`, or `iss` and the client ID if the token has no subject. The owner of an
 * opaque token is not known.
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
 * Whether two owners are the same. Names decide if both have one, else identity IDs if both have one: a guest who becomes a
 * user and keeps the identity is still the same. If neither can be compared, two owners without a name are taken for the
 * same, unless the identity of the first is known; a named one is never taken for one without a name.
 *
 * @param one    Who is expected.
 * @param other  Who was found.
 */
export function isSameOwner(one: Owner, other: Owner): boolean {
  if (one.key !== undefined && other.key !== undefined) return one.key === other.key
  if (one.identityId !== undefined && other.identityId !== undefined) {
    return one.identityId === other.identityId
  }
  if (one.key === undefined && one.identityId !== undefined) return false
  return one.key === other.key
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

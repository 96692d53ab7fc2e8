import { callerChanged, IamFetchError, ownerOfToken, type Owner } from '@iamfetch/core'

/** The header in which a user's ID token is sent with a signature. `identityHeader` of `@iamfetch/server` reads it. */
export const IDENTITY_HEADER = 'x-amz-iamfetch-identity'

/** An ID token that is sent with each request. */
export interface Companion {
  /** Reads the token; throws if there is none. */
  readonly read: () => Promise<string>
}

/**
 * Where `withIdToken` notes its token source on the function that it returns: a call has to read the token when it starts.
 *
 * A symbol of the whole process: the function of another copy of this package is recognised.
 */
const COMPANION = Symbol.for('@iamfetch/companion')

/** Notes the companion on a `beforeSign`. */
export function noteCompanion<F extends object>(beforeSign: F, companion: Companion): F {
  return Object.assign(beforeSign, { [COMPANION]: companion })
}

/** The companion that is noted on a `beforeSign`; `undefined` if no ID token is sent. */
export function companionOf(beforeSign: object): Companion | undefined {
  const { [COMPANION]: companion }: { [COMPANION]?: Companion } = beforeSign
  return companion
}

/** Checks that the ID token that is sent belongs to the user who made the call. */
export interface CompanionCheck {
  /** Notes whose the first token is. */
  readonly pin: (token: string) => void
  /** Throws `CALLER_CHANGED` for a token of another user than the first token's, and of another than the credentials'. */
  readonly check: (token: string | undefined, owner: Owner) => void
}

/** Creates a {@link CompanionCheck} for one call. */
export function companionCheck(): CompanionCheck {
  let pinned: Owner | undefined
  return {
    pin(token) {
      pinned = ownerOfToken(token)
    },
    check(token, owner) {
      if (token === undefined) return
      const tokenOwner = ownerOfToken(token)
      pinned ??= tokenOwner
      if (tokenOwner.key !== pinned.key) throw callerChanged()
      if (owner.issuer !== undefined && tokenOwner.issuer === undefined) throw unreadable()
      // Credentials that are not a user's, such as a service's own, have no issuer to compare with.
      if (owner.issuer === undefined) return
      if (tokenOwner.issuer !== owner.issuer || tokenOwner.subject !== owner.subject)
        throw callerChanged()
    },
  }
}

const unreadable = (): IamFetchError =>
  new IamFetchError(
    'TOKEN_INVALID',
    `The token in the header "${IDENTITY_HEADER}" has no "iss" and "sub", so nothing was sent.`,
    { remedy: 'Return the ID token exactly as it was issued.' },
  )

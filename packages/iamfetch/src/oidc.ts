import {
  callerChanged,
  checkOptions,
  hideSecrets,
  IamFetchError,
  invalidOption,
  ownerOfToken,
  type Clock,
} from '@iamfetch/core'

/** What is taken of a signed-in `User` of `oidc-client-ts`. */
export interface OidcUser {
  id_token?: string | undefined
  /** The claims of the ID token; `exp` in seconds since the epoch. */
  profile: { iss?: string | undefined; sub: string; exp?: number | undefined }
}

/** What is taken of a `UserManager` of `oidc-client-ts`, also of the one that `react-oidc-context` is given. */
export interface OidcUserManager {
  getUser(): Promise<OidcUser | null>
  signinSilent(): Promise<OidcUser | null>
  events: {
    addUserLoaded(listener: (user: OidcUser) => void): () => void
    addUserUnloaded(listener: () => void): () => void
    addUserSignedOut(listener: () => void): () => void
    removeUserSignedOut(listener: () => void): void
  }
}

/**
 * Creates a function that returns the ID token of the user whom `oidc-client-ts` or `react-oidc-context` signed in, for `cognitoCredentials({ idToken })` and
 * `createTokenFetch({ token })`.
 *
 * The library's `user.expired` is about the access token. Here the expiry of the ID token counts: a minute before it, and with
 * `forceRefresh`, `signinSilent()` is called, once for all concurrent calls. A token that still works is returned even if that fails.
 *
 * @param manager        The `UserManager`. With React create it once and pass it to `<AuthProvider userManager={…}>` as well.
 * @param options.clock  The time that `exp` is compared with. A token that was just issued is accepted whatever the clock says. Defaults to `Date`.
 * @returns A function that throws {@link IamFetchError} `LOGIN_REQUIRED` if no user is signed in, if there is no ID token, or if the
 *   provider says that the session has ended; `CALLER_CHANGED` if renewing returns the token of another user; `ID_TOKEN_EXPIRED` if renewing returns the same ID token; and what else
 *   `signinSilent()` throws.
 * @see [oidc-client-ts: UserManager](https://authts.github.io/oidc-client-ts/classes/UserManager.html)
 * @example
 * ```ts
 * const credentials = cognitoCredentials({ identityPoolId, idToken: oidcIdToken(userManager) })
 * ```
 */
export function oidcIdToken(
  manager: OidcUserManager,
  given: { clock?: Clock | undefined } = {},
): (options?: { forceRefresh?: boolean }) => Promise<string> {
  checkManager('oidcIdToken', manager)
  checkOptions('oidcIdToken', given, { clock: 'clock' })
  const { clock = Date } = given
  /** The renewal under way, and of which token. */
  let renewing: { of: string; done: Promise<string> } | undefined
  /** What the last renewal returned, and whether it was the same token. */
  let brought: { token: string; again: boolean } | undefined

  const renew = async (of: string): Promise<string> => {
    const user = await manager.signinSilent().catch(rethrow)
    const token = user?.id_token
    if (!token) throw noIdToken(user)
    // The read began when another user was signed in, and a call that began with it is that user's.
    if (ownerOfToken(token).key !== ownerOfToken(of).key) throw callerChanged()
    brought = { token, again: token === of }
    return token
  }

  return async ({ forceRefresh = false } = {}) => {
    const user = await manager.getUser()
    const { id_token: token, profile } = user ?? {}
    if (!token) throw noIdToken(user)
    const leftMs = (profile?.exp ?? Infinity) * 1_000 - clock.now()
    const known = brought?.token === token
    // By a clock that is fast every token has expired, and each call would renew it.
    if (!forceRefresh && (leftMs > MARGIN_MS || known)) {
      if (known && brought?.again && leftMs <= 0) throw notRenewed()
      return token
    }
    if (renewing?.of !== token) {
      const renewal = { of: token, done: renew(token) }
      renewing = renewal
      const end = (): void => void (renewing === renewal && (renewing = undefined))
      renewal.done.then(end, end)
    }
    try {
      const next = await renewing.done
      if (next === token && leftMs <= 0) throw notRenewed()
      return next
    } catch (error) {
      if (forceRefresh || leftMs <= 0 || error instanceof IamFetchError) throw error
      return token
    }
  }
}

/** Credentials of a user who signs in and out. */
export interface ClearableCredentials {
  clear(): void
  checkSignIn?(): Promise<unknown>
}

/**
 * Clears credentials when the user of `oidc-client-ts` signs out or another user signs in.
 *
 * A silent renewal of the same user clears nothing, nor does one that failed. After a sign-in the token is read again, so that
 * `status()` says who is signed in.
 *
 * @param credentials  What has a `clear()`: `cognitoCredentials(…)`, `awsSdkCredentials(…)`.
 * @returns A function that stops listening.
 * @example
 * ```ts
 * const stop = clearWithOidc(userManager, cognito) // call `stop()` to end it
 * ```
 */
export function clearWithOidc(
  manager: OidcUserManager,
  credentials: ClearableCredentials,
): () => void {
  checkManager('clearWithOidc', manager)
  if (typeof manager.events?.addUserSignedOut !== 'function') {
    throw invalidOption('clearWithOidc', '"manager" must have the "events" of a UserManager')
  }
  if (typeof credentials?.clear !== 'function') {
    throw invalidOption('clearWithOidc', '"credentials" must have a "clear" function', credentials)
  }
  const { events } = manager
  /** Who is signed in. The same `sub` of another issuer is another user. */
  let present: string | undefined
  /** An event says more than the read that began before it. */
  let hasChanged = false
  const stop = (): void => {
    hasChanged = true
    present = undefined
    credentials.clear()
  }
  // A user who is there already is not a change.
  manager.getUser().then(
    (user) => {
      if (user && !hasChanged) present = nameOf(user)
    },
    () => {
      if (!hasChanged) stop()
    },
  )
  const ends = [
    events.addUserLoaded((user) => {
      hasChanged = true
      if (present === nameOf(user)) return
      present = nameOf(user)
      credentials.clear()
      // It never rejects.
      void credentials.checkSignIn?.()
    }),
    events.addUserUnloaded(stop),
    events.addUserSignedOut(stop),
  ]
  return () => ends.forEach((end) => end())
}

function checkManager(owner: string, manager: OidcUserManager): void {
  if (typeof manager?.getUser === 'function') return
  throw invalidOption(owner, '"manager" must be a UserManager of oidc-client-ts', manager)
}

const nameOf = ({ profile: { iss, sub } }: OidcUser): string => JSON.stringify([iss, sub])

/** How long before its expiry a token is renewed. */
const MARGIN_MS = 60_000

/** The codes of OAuth and OpenID Connect for a session that only a new sign-in restores. */
const SESSION_OVER = /^(invalid_grant|(login|interaction|consent|account_selection)_required)$/

/** The library's error contains the form that was sent, and the refresh token is in it: it does not become a cause. */
function rethrow(error: unknown): never {
  const code = typeof error === 'object' && error && 'error' in error ? error.error : undefined
  if (typeof code !== 'string') throw error
  // A code is a name; a provider that repeats what it was sent must not get it into a log.
  const shown = /^[\w.-]{1,60}$/.test(code) ? hideSecrets(code) : 'an unknown error'
  if (SESSION_OVER.test(code)) {
    throw loginRequired(`The session has ended: the sign-in provider responded with "${code}".`)
  }
  throw new Error(`The sign-in provider responded with "${shown}" to "signinSilent".`)
}

const loginRequired = (message: string): IamFetchError =>
  new IamFetchError('LOGIN_REQUIRED', message, {
    remedy: 'Call signinRedirect() to sign the user in.',
  })

/** Without the scope `openid` a provider issues no ID token to a user who is signed in. */
const noIdToken = (user: object | null): IamFetchError =>
  user
    ? new IamFetchError('LOGIN_REQUIRED', 'The provider issued no ID token for the user.', {
        remedy: 'Add "openid" to "scope" of the UserManager, then sign in again.',
      })
    : loginRequired('No user is signed in: "getUser" or "signinSilent" returned no user.')

const notRenewed = (): IamFetchError =>
  new IamFetchError(
    'ID_TOKEN_EXPIRED',
    'The ID token has expired, and "signinSilent" returned the same one.',
    {
      remedy:
        'Configure the provider to return an ID token with each refresh, or renew in an iframe: set "silent_redirect_uri" and request no refresh token.',
    },
  )

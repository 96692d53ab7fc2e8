import { checkOptions, IamFetchError, type Clock } from '@iamfetch/core'

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
    addUserLoaded(heard: (user: OidcUser) => void): () => void
    addUserUnloaded(heard: () => void): () => void
    addUserSignedOut(heard: () => void): () => void
    removeUserSignedOut(heard: () => void): void
  }
}

/**
 * Gives the ID token of the user whom `oidc-client-ts` or `react-oidc-context` signed in, for `cognitoCredentials({ idToken })` and
 * `createTokenFetch({ token })`.
 *
 * The library's `user.expired` is about the access token. Here the ID token's own end counts: a minute before it, and with
 * `forceRefresh`, `signinSilent()` is called, once for all who ask meanwhile. A token that still works is given even if that fails.
 *
 * @param manager        The `UserManager`. With React make it once and give it to `<AuthProvider userManager={…}>` as well.
 * @param options.clock  The time to hold `exp` against. A token that has just come is believed whatever the clock says. Default: Date.
 * @returns A function that throws {@link IamFetchError} `LOGIN_REQUIRED` when nobody is signed in or the provider says
 *   that the session is over, `ID_TOKEN_EXPIRED` when renewing brings no other ID token, and passes on what else
 *   `signinSilent()` throws.
 * @see [oidc-client-ts: UserManager](https://authts.github.io/oidc-client-ts/classes/UserManager.html)
 */
export function oidcIdToken(
  manager: OidcUserManager,
  given: { clock?: Clock | undefined } = {},
): (options?: { forceRefresh?: boolean }) => Promise<string> {
  checkOptions('oidcIdToken', given, { clock: true })
  const { clock = Date } = given
  /** The renewal under way, and of which token. */
  let renewing: { of: string; done: Promise<string> } | undefined
  /** What the last renewal brought, and whether it was the token of before. */
  let brought: { token: string; again: boolean } | undefined

  const renew = async (of: string): Promise<string> => {
    const token = (await manager.signinSilent().catch(rethrow))?.id_token
    if (!token) throw nobody()
    brought = { token, again: token === of }
    return token
  }

  return async ({ forceRefresh = false } = {}) => {
    const { id_token: token, profile } = (await manager.getUser()) ?? {}
    if (!token) throw nobody()
    const leftMs = (profile?.exp ?? Infinity) * 1_000 - clock.now()
    const known = brought?.token === token
    // By a clock that is fast every token is over, and each call would ask for another one.
    if (!forceRefresh && (leftMs > MARGIN_MS || known)) {
      if (known && brought?.again && leftMs <= 0) throw notRenewed()
      return token
    }
    if (renewing?.of !== token) {
      const one = { of: token, done: renew(token) }
      renewing = one
      const end = (): void => void (renewing === one && (renewing = undefined))
      one.done.then(end, end)
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
 * @returns The function that ends it.
 */
export function clearWithOidc(
  manager: OidcUserManager,
  credentials: ClearableCredentials,
): () => void {
  const { events } = manager
  /** Whose session it is. The same `sub` of another issuer is another user. */
  let present: string | undefined
  const left = (): void => {
    present = undefined
    credentials.clear()
  }
  // A user who is there already is not a change.
  void manager.getUser().then((user) => {
    if (user) present ??= nameOf(user)
  }, left)
  const ends = [
    events.addUserLoaded((user) => {
      if (present === nameOf(user)) return
      present = nameOf(user)
      credentials.clear()
      // It never rejects.
      void credentials.checkSignIn?.()
    }),
    events.addUserUnloaded(left),
    events.addUserSignedOut(left),
  ]
  return () => ends.forEach((end) => end())
}

const nameOf = ({ profile: { iss, sub } }: OidcUser): string => JSON.stringify([iss, sub])

/** How long before its expiry a token is renewed. */
const MARGIN_MS = 60_000

/** OAuth's and OpenID Connect's words for a session that only a sign-in can bring back. */
const SESSION_OVER = /^(invalid_grant|(login|interaction|consent|account_selection)_required)$/

/** The library's error holds the form that was sent, and the refresh token is in it: it does not become a cause. */
function rethrow(error: unknown): never {
  const { error: code }: { error?: unknown } = Object(error)
  if (typeof code !== 'string') throw error
  if (SESSION_OVER.test(code)) throw nobody(`The sign-in is over: ${code}.`)
  throw new Error(`The provider answered ${code}.`)
}

const nobody = (message = 'Nobody is signed in.'): IamFetchError =>
  new IamFetchError('LOGIN_REQUIRED', message, {
    remedy:
      'Sign in with signinRedirect(); scope needs openid, without which there is no ID token.',
  })

const notRenewed = (): IamFetchError =>
  new IamFetchError('ID_TOKEN_EXPIRED', 'Renewing brought the old ID token.', {
    remedy:
      'Let the provider answer a refresh with an ID token, or use an iframe: without a refresh token, with silent_redirect_uri.',
  })

import { IamFetchError } from '@iamfetch/core'
import { fingerprint } from './fingerprint.ts'
import { decodeIdToken, type IdTokenClaims } from './id-token.ts'
import { refusal } from './refusal.ts'
import { rolesOf } from './role.ts'

/** Gives the ID token of whoever is signed in, nothing when nobody is. */
export type IdTokenSource = (options: {
  forceRefresh: boolean
}) => Promise<string | null | undefined>

/** One ID token and what the exchange needs to know of it. */
export interface Login {
  readonly token: string
  readonly claims: IdTokenClaims
  /** The key of the token in Cognito's `Logins`. */
  readonly provider: string
  /** Names pool, provider and subject. Another one is another user. */
  readonly key: string
  /** Names the token. */
  readonly mark: string
  readonly roles: readonly string[] | undefined
  /** What the token says about roles, to see a change. */
  readonly rights: string
}

/** Who is signed in, as far as the ID tokens seen so far tell. */
export interface Logins {
  /** Whose token came last. Nothing before the first one, and after a sign-out. */
  readonly current: Login | undefined
  /** Why the last look brought no token. */
  readonly trouble: IamFetchError | undefined
  /** Looks at the token. Calls that start together share one look; none gets a look from before it started. */
  look(): Promise<void>
  /** Asks for a new token. */
  renew(): Promise<void>
  /** Forgets the user; looks under way end with `CLEARED`. */
  forget(): void
}

/**
 * Follows the ID tokens of a sign-in.
 *
 * @param read       Turns a token into a login, or throws a typed error.
 * @param onChange   Hears of every login that differs from the one before, before it becomes the current one, and of none.
 *   `before` is the last one there was, even if a sign-out came between.
 */
export function followLogins(
  idToken: IdTokenSource,
  read: (token: string) => Login,
  onChange: (next: Login | undefined, before: Login | undefined) => void,
): Logins {
  let current: Login | undefined
  let last: Login | undefined
  let trouble: IamFetchError | undefined
  let looks = 0
  let latest = 0
  let starting: Promise<void> | undefined

  const ask = async (forceRefresh: boolean): Promise<void> => {
    const turn = ++looks
    let next: Login | undefined
    let failure: IamFetchError | undefined
    let ended = true
    try {
      const token = await idToken({ forceRefresh })
      if (!token) throw refusal('LOGIN_REQUIRED', 'idToken gave no token')
      next = token === current?.token ? current : read(token)
    } catch (cause) {
      const typed = cause instanceof IamFetchError
      failure = typed ? cause : refusal('LOGIN_REQUIRED', 'idToken failed', {}, { cause })
      // A source that fails is no sign-out: what was exchanged goes on serving.
      ended = typed && !cause.retryable
    }
    if (turn < latest) {
      // A later look has answered, or somebody signed out: this one may be about the user before.
      if (!next || next.key !== last?.key) throw cleared()
      return
    }
    latest = turn
    trouble = failure
    if (next === current || !(next || ended)) return
    onChange(next, last)
    current = next
    last = next ?? last
  }

  return {
    get current() {
      return current
    },
    get trouble() {
      return trouble
    },
    look: () =>
      (starting ??= Promise.resolve().then(() => {
        starting = undefined
        return ask(false)
      })),
    renew: () => ask(true),
    forget() {
      latest = ++looks
      current = last = trouble = undefined
    },
  }
}

/**
 * Reads an ID token for a pool.
 *
 * @param providerName  Left out, the issuer without its scheme and without a slash at the end, as the
 *   identity pool names it (Auth0's issuers end with one, amplify-flutter#3478).
 * @throws {@link IamFetchError} `ID_TOKEN_INVALID`, `NOT_AN_ID_TOKEN`.
 */
export function readLogin(token: string, pool: string, providerName: string | undefined): Login {
  const claims = decodeIdToken(token)
  const provider = providerName ?? claims.iss.replace(/^https?:\/\/|\/$/g, '')
  const roles = rolesOf(claims)
  return {
    token,
    claims,
    provider,
    key: `iamfetch:${fingerprint(JSON.stringify([pool, provider, claims.sub]))}`,
    mark: fingerprint(token),
    roles,
    rights: JSON.stringify([roles, claims['cognito:preferred_role']]),
  }
}

const cleared = (): IamFetchError => refusal('CLEARED', 'The user signed out meanwhile')

import { cleared, type IamFetchError } from '@iamfetch/core'
import { decodeIdToken, type IdTokenClaims } from './id-token.ts'
import { refusal } from './refusal.ts'
import { rolesOf } from './role.ts'

/** Gives the ID token of whoever is signed in, nothing when nobody is. */
export type IdTokenSource = (options: {
  forceRefresh: boolean
}) => Promise<string | null | undefined>

/** One ID token and what the exchange needs to know of it; a guest has only the first. */
export interface Login {
  /** Pool, provider and subject. Another one is another user. */
  readonly key: string
  readonly token?: string
  readonly claims?: IdTokenClaims
  /** The key of the token in Cognito's `Logins`. */
  readonly provider?: string
  readonly roles?: readonly string[] | undefined
  /** What the token says about roles, to see a change. */
  readonly rights?: string
  /** The GetId under way, for all who ask at once. */
  asked?: Promise<string> | undefined
}

/** Who is signed in, as far as the ID tokens seen so far tell. Made by {@link followLogins}. */
export interface Logins {
  /** Whose token came last. Nothing before the first one, and after a sign-out. */
  current: Login | undefined
  /** Why there is no token, or why the last look brought none. */
  trouble?: IamFetchError | undefined
  /** Looks at the token. Calls that start together share one look; none gets a look from before it started. */
  readonly look: () => Promise<void>
  /** How many times a new token was asked for and came. */
  renewals: number
  /** Asks for a new token. */
  readonly renew: () => Promise<void>
  /** Forgets the user; looks under way end with `CLEARED`. */
  readonly forget: () => void
}

/**
 * Follows the ID tokens of a sign-in.
 *
 * @param idToken       Nothing for a guest, who never changes.
 * @param pool          The identity pool's ID.
 * @param providerName  The provider, where the issuer does not name it.
 * @param onChange      Hears of every login that differs from the one before, while that is still the current one.
 */
export function followLogins(
  idToken: IdTokenSource | undefined,
  pool: string,
  providerName: string | undefined,
  onChange: (next: Login | undefined) => void,
): Logins {
  const guest = idToken ? undefined : { key: pool }
  let turns = 0
  let latest = 0
  let starting: Promise<void> | undefined

  const ask = async (forceRefresh: boolean): Promise<void> => {
    if (!idToken) return
    const turn = ++turns
    let next: Login | undefined
    let trouble: IamFetchError | undefined
    try {
      const token = await idToken({ forceRefresh })
      if (!token) throw refusal('LOGIN_REQUIRED', 'idToken gave no token')
      const { current } = logins
      next = token === current?.token ? current : readLogin(token, pool, providerName)
    } catch (cause) {
      // A source that fails is no sign-out: what was exchanged goes on serving.
      trouble = refusal('LOGIN_REQUIRED', 'idToken failed', {}, { cause, retryable: true })
    }
    if (turn < latest) {
      // A later look has answered, or somebody signed out: this one may be about the user before.
      if (!next || next.key !== logins.current?.key) throw cleared()
      return
    }
    latest = turn
    logins.trouble = trouble
    if (next === logins.current || trouble?.retryable) return
    onChange(next)
    logins.current = next
  }

  const logins: Logins = {
    current: guest,
    renewals: 0,
    look: () =>
      (starting ??= Promise.resolve().then(() => {
        starting = undefined
        return ask(false)
      })),
    async renew() {
      await ask(true)
      logins.renewals++
    },
    forget() {
      latest = ++turns
      logins.current = guest
      logins.trouble = undefined
    },
  }
  return logins
}

/**
 * Reads an ID token for a pool.
 *
 * @param providerName  Left out, the issuer without its scheme and without a slash at the end, as the
 *   identity pool names it (Auth0's issuers end with one, amplify-flutter#3478).
 * @throws {@link IamFetchError} `ID_TOKEN_INVALID`, `NOT_AN_ID_TOKEN`.
 */
function readLogin(token: string, pool: string, providerName: string | undefined): Login {
  const claims = decodeIdToken(token)
  const provider = providerName ?? claims.iss.replace(/^https?:\/\/|\/$/g, '')
  const roles = rolesOf(claims)
  return {
    key: JSON.stringify([pool, provider, claims.sub]),
    token,
    claims,
    provider,
    roles,
    rights: JSON.stringify([roles, claims['cognito:preferred_role']]),
  }
}

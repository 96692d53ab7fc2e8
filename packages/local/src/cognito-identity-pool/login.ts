import type { JWTPayload } from 'jose'
import { decodeJwt } from 'jose/jwt/decode'
import type { Clock } from '../faults/faults.ts'
import type { Ids } from '../ids.ts'
import { refuse, type Refusal } from '../aws-json/service-error.ts'
import type { SignIns } from '../cognito-user-pool/sign-ins.ts'
import type { TokenKey } from '../cognito-user-pool/token-key.ts'

/** A user whom the user pool vouches for. */
export interface Login {
  provider: string
  sub: string
  claims: JWTPayload
}

/** The rules that a login is checked against. */
export interface LoginCheck {
  ids: Ids
  key: TokenKey
  signIns: SignIns
  clock: Clock
  /** The app clients whose ID tokens the identity pool accepts. */
  clientIds: readonly string[]
}

/**
 * Checks the one login of an exchange: form, audience, issuer, signature, expiry, kind, and that the user
 * has not signed out since (`ServerSideTokenCheck`; that `RevokeToken` ends an ID token too, and the words for
 * it, are unverified).
 *
 * @param logins  The `Logins` map of the request.
 * @returns `undefined` if there are no logins: a guest.
 * @throws a refusal in Cognito's words.
 */
export async function checkLogins(
  logins: ReadonlyMap<string, string>,
  check: LoginCheck,
): Promise<Login | undefined> {
  let login: Login | undefined
  for (const [name, token] of logins) login = await checkLogin(name, token, check)
  return login
}

async function checkLogin(
  name: string,
  token: string,
  { ids, key, signIns, clock, clientIds }: LoginCheck,
): Promise<Login> {
  const claims = read(token)
  if (claims.aud === undefined) throw invalid('Missing a required claim: aud')
  const isOurs = claims.iss === ids.issuer && namesOf(ids).includes(name)
  if (!isOurs && claims.iss !== `https://${name}`) {
    throw invalid(`Issuer doesn't match providerName`, `iss is ${String(claims.iss)}`)
  }
  if (!isOurs || ![claims.aud].flat().some((audience) => clientIds.includes(audience ?? ''))) {
    throw refuse(
      'NotAuthorizedException',
      'Token is not from a supported provider of this identity pool.',
      `supported is ${ids.provider} with the app clients ${clientIds.join(', ')}`,
    )
  }
  if (!(await key.verify(token))) throw invalid(`Couldn't verify signed token.`)
  const now = Math.floor(clock.now() / 1_000)
  if (now >= (claims.exp ?? 0)) throw invalid(`Token expired: ${now} >= ${claims.exp}`)
  if (claims.token_use !== 'id' || claims.sub === undefined) throw noIdToken()
  if (!signIns.find(claims.origin_jti)) {
    throw invalid('Token has been revoked.', 'the user has signed out since')
  }
  return { provider: ids.provider, sub: claims.sub, claims }
}

/** With a local issuer some clients name the provider by the pool's ID, and others by the token's `iss`. */
const namesOf = ({ provider, issuer }: Ids): string[] => [
  provider,
  issuer.replace(/^https?:\/\//, ''),
]

function read(token: string): JWTPayload {
  try {
    return decodeJwt(token)
  } catch {
    throw noIdToken()
  }
}

const invalid = (what: string, reason?: string): Refusal =>
  refuse('NotAuthorizedException', `Invalid login token. ${what}`, reason)

const noIdToken = (): Refusal => invalid('Not a valid OpenId Connect identity token.')

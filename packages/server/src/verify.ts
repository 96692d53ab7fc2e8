import { isIamFetchError, type Clock, type IamFetchError } from '@iamfetch/core'
import { validateCognitoJwtFields } from 'aws-jwt-verify/cognito-verifier'
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  JwtInvalidClaimError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
} from 'aws-jwt-verify/error'
import type { DecomposedJwt } from 'aws-jwt-verify/jwt'
import { JwtVerifierBase, type verifyJwt } from 'aws-jwt-verify/jwt-verifier'
import type { Jwks, JwksCache } from 'aws-jwt-verify/jwk'
import { readClaims, type Claims } from './claims.ts'
import { decodeToken } from './decode-token.ts'
import { albKeysOf, keysOf, type Fetching } from './fetched-keys.ts'
import { issuersOf } from './issuers.ts'
import type { KeySource, KnownKey } from './key-source.ts'
import type { CallerOptions, TrustedLoadBalancer, TrustedUserPool } from './options.ts'
import { refusal } from './refusal.ts'
import { shownClaim } from './shown-claim.ts'

/** A token that was verified here. */
export interface VerifiedToken {
  claims: Claims
  /** The user pool that issued it; `undefined` for a load balancer's token. */
  pool?: TrustedUserPool
  /** The client that a load balancer signed the user in with. */
  clientId?: string
}

/** Verifies tokens by the options that it was created from. */
export interface TokenVerifier {
  /** A user pool's token: signature, issuer, `token_use`, app client, expiry. */
  verifyPoolToken(token: string): Promise<VerifiedToken>
  /** A load balancer's `x-amzn-oidc-data`: signature, signer, client, issuer, expiry. */
  verifyAlbToken(token: string): Promise<VerifiedToken>
}

/**
 * Creates the verifier for some options. The keys are shared with other verifiers, see {@link keysOf}.
 *
 * aws-jwt-verify verifies. The checks that it does not make are here: a token without `exp` and one with `crit` are refused,
 * the time is read from the options' clock, and the header of a load balancer's token has to agree with its payload.
 *
 * @see [aws-jwt-verify](https://github.com/awslabs/aws-jwt-verify#readme)
 */
export function createVerifier(options: CallerOptions): TokenVerifier {
  const { userPools = [], loadBalancers = [], clock = Date, fetch } = options
  const fetching: Fetching = { clock, fetch }
  return {
    verifyPoolToken: poolVerifier(userPools, fetching, clock),
    verifyAlbToken: albVerifier(loadBalancers, fetching, clock),
  }
}

/** Reads a token without verifying it. Everything it says is a claim of its sender. */
export function readUnverified(token: string): Claims {
  return readClaims(decoded(token).payload, 'array')
}

function decoded(token: string): DecomposedJwt {
  const parts = decodeToken(token)
  if (parts) return parts
  if (!/^bearer\b/i.test(token))
    throw refusal('TOKEN_INVALID', 'The token is not a JSON Web Token.')
  throw refusal('TOKEN_INVALID', 'The "authorization" header has "Bearer" twice.', {
    remedy:
      'Send "Bearer", a space and the token alone. The token that you copied begins with "Bearer".',
  })
}

function poolVerifier(
  userPools: readonly TrustedUserPool[],
  fetching: Fetching,
  clock: Clock,
): TokenVerifier['verifyPoolToken'] {
  const rulesOf = new Map<unknown, { pool: TrustedUserPool; rules: Rules }>()
  const sources = new Map<string, KeySource>()
  for (const pool of userPools) {
    for (const issuer of issuersOf(pool)) {
      const jwksUri = `${issuer}/.well-known/jwks.json`
      sources.set(jwksUri, keysOf(pool.userPoolId, pool.jwks, jwksUri, fetching))
      rulesOf.set(issuer, { pool, rules: rulesOfPool(pool, issuer, jwksUri) })
    }
  }
  const allRules = [...rulesOf.values()].map(({ rules }) => rules)
  const verifier = allRules.length > 0 ? PartsVerifier.of(allRules, sources) : undefined
  return async (token) => {
    const parts = decoded(token)
    const { iss, exp, nbf } = parts.payload
    const match = rulesOf.get(iss)
    if (!verifier || !match) {
      throw refusal(
        'TOKEN_INVALID',
        `The token has ${shownClaim('iss', iss)}; it must be the issuer of one of "userPools".`,
      )
    }
    await verifier.verifyParts(parts, match.rules)
    checkTime(exp, nbf, clock)
    return { claims: readClaims(parts.payload, 'array'), pool: match.pool }
  }
}

/** The rules for a user pool's token, in the form of aws-jwt-verify. */
function rulesOfPool(pool: TrustedUserPool, issuer: string, jwksUri: string): Rules {
  const { clientIds, tokenUse = null } = pool
  const fields = { clientId: clientIds && [...clientIds], tokenUse }
  return {
    issuer,
    jwksUri,
    audience: null,
    // Its own check reads `Date`; ours reads the clock of the options.
    graceSeconds: Infinity,
    customJwtCheck: ({ header, payload }) => {
      refuseCritical(header)
      validateCognitoJwtFields(payload, fields)
    },
  }
}

function albVerifier(
  loadBalancers: readonly TrustedLoadBalancer[],
  fetching: Fetching,
  clock: Clock,
): TokenVerifier['verifyAlbToken'] {
  const entries = loadBalancers.map((entry) => {
    const { albArn, clientId, issuer, jwks } = entry
    const clients = typeof clientId === 'string' ? [clientId] : [...clientId]
    const jwksUri = `${issuer}#${albArn}`
    const source =
      jwks === undefined
        ? albKeysOf(albArn.split(':')[3]!, fetching)
        : keysOf(albArn, jwks, jwksUri, fetching)
    const rules: Rules = {
      issuer,
      jwksUri,
      audience: null,
      graceSeconds: Infinity,
      customJwtCheck: ({ header }) => refuseCritical(header),
    }
    const verifier = PartsVerifier.of([rules], new Map([[jwksUri, source]]))
    return { albArn, issuer, clients, rules, verifier }
  })
  return async (token) => {
    const parts = decoded(token)
    const { signer, iss, client, exp } = headerFields(parts)
    // The header is signed with the payload, so the fields that select the entry are verified with it.
    const ofAlb = entries.filter(({ albArn }) => albArn === signer)
    const match = ofAlb.find(
      ({ issuer, clients }) => issuer === iss && clients.some((id) => id === client),
    )
    if (!match) throw notOfLoadBalancers(parts, ofAlb.length > 0)
    await match.verifier.verifyParts(parts, match.rules)
    // The user info may have its own `exp`; the load balancer writes another one into the header.
    const { payload } = parts
    const earlier = Math.min(secondsOf(exp), secondsOf(payload.exp ?? Infinity))
    checkTime(earlier, payload.nbf, clock)
    const claims = readClaims({ ...payload, exp: earlier }, 'array')
    return typeof client === 'string' ? { claims, clientId: client } : { claims }
  }
}

const headerFields = ({ header }: DecomposedJwt): Readonly<Record<string, unknown>> => ({
  ...header,
})

const secondsOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)

function notOfLoadBalancers(parts: DecomposedJwt, isKnownAlb: boolean): Error {
  const { signer, client, iss } = headerFields(parts)
  const what = isKnownAlb
    ? `has ${shownClaim('client', client)} and ${shownClaim('iss', iss)}, which "loadBalancers" does not name for its load balancer`
    : `has ${shownClaim('signer', signer)}; it must be the "albArn" of one of "loadBalancers"`
  return refusal('TOKEN_INVALID', `The token in "x-amzn-oidc-data" ${what}.`)
}

type VerifyRules = Parameters<typeof verifyJwt>[2]
type Rules = VerifyRules & { issuer: string; jwksUri: string; audience: null }

/** aws-jwt-verify's verifier, for tokens that are decoded already. */
class PartsVerifier extends JwtVerifierBase<VerifyRules, Rules, true> {
  static of(rules: Rules[], sources: ReadonlyMap<string, KeySource>): PartsVerifier {
    // aws-jwt-verify holds the imported key of a key ID. `cacheJwks` makes it forget those of an issuer.
    const forget = (jwksUri: string): void => {
      for (const { issuer } of rules.filter((id) => id.jwksUri === jwksUri)) {
        verifier.cacheJwks({ keys: [] }, issuer)
      }
    }
    const verifier = new PartsVerifier(rules, cacheOf(sources, forget))
    return verifier
  }

  async verifyParts(parts: DecomposedJwt, rules: Rules): Promise<void> {
    try {
      await this.verifyDecomposedJwt(parts, rules.jwksUri, rules)
    } catch (error) {
      throw refusalOf(error, parts)
    }
  }
}

/** Key sources in the form of aws-jwt-verify. */
function cacheOf(
  sources: ReadonlyMap<string, KeySource>,
  forget: (jwksUri: string) => void,
): JwksCache {
  const seen = new Map<string, KnownKey>()
  return {
    async getJwk(jwksUri, { header }) {
      const { kid } = header
      const key = kid === undefined ? undefined : await sources.get(jwksUri)?.find(kid)
      if (kid === undefined || !key) {
        throw new KidNotFoundInJwksError('The key of the token is not in the key set.')
      }
      const id = `${jwksUri}#${kid}`
      if (seen.has(id) && seen.get(id) !== key) forget(jwksUri)
      seen.set(id, key)
      return key
    },
    getCachedJwk() {
      throw new KidNotFoundInJwksError('Keys are only read asynchronously.')
    },
    addJwks: () => {},
    getJwks: async (): Promise<Jwks> => ({ keys: [] }),
  }
}

/** A token that requires an extension must be refused by a verifier that does not know it ([RFC 7515 §4.1.11](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11)). */
function refuseCritical(header: object): void {
  if (Object.hasOwn(header, 'crit')) {
    throw refusal(
      'TOKEN_INVALID',
      'The header "crit" of the token asks for an extension that is not supported.',
    )
  }
}

function refusalOf(error: unknown, { payload }: DecomposedJwt): IamFetchError {
  if (isIamFetchError(error)) return error
  const cause = { cause: error }
  if (error instanceof CognitoJwtInvalidClientIdError) {
    const { client_id: client, aud } = payload
    const shown = client === undefined ? shownClaim('aud', aud) : shownClaim('client_id', client)
    return refusal('TOKEN_INVALID', `The token has ${shown}; it must be one of "clientIds".`, cause)
  }
  if (error instanceof CognitoJwtInvalidTokenUseError) {
    const use = shownClaim('token_use', payload['token_use'])
    return refusal('TOKEN_INVALID', `The token has ${use}, which is not accepted here.`, cause)
  }
  if (error instanceof KidNotFoundInJwksError || error instanceof JwtWithoutValidKidError) {
    return refusal(
      'TOKEN_INVALID',
      'The token was signed with a key that the issuer does not publish.',
      cause,
    )
  }
  if (error instanceof JwtInvalidClaimError) {
    return refusal('TOKEN_INVALID', 'The token is for another issuer, client or use.', cause)
  }
  return refusal('TOKEN_INVALID', 'The signature of the token is wrong.', cause)
}

function checkTime(exp: unknown, nbf: unknown, clock: Clock): void {
  const now = clock.now() / 1_000
  if (typeof exp !== 'number' || Number.isNaN(exp)) {
    throw refusal('TOKEN_INVALID', 'The token has no expiry ("exp").')
  }
  if (now >= exp) throw refusal('TOKEN_EXPIRED', `The token has expired ${describeMoment(exp)}.`)
  if (nbf !== undefined && !(typeof nbf === 'number' && now >= nbf)) {
    throw refusal('TOKEN_INVALID', 'The token is not valid yet ("nbf").')
  }
}

function describeMoment(seconds: number): string {
  const moment = new Date(seconds * 1_000)
  return Number.isNaN(moment.getTime()) ? 'long ago' : `at ${moment.toISOString()}`
}

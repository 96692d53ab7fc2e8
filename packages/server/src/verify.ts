import {
  describeValue,
  isIamFetchError,
  jwtHeader,
  jwtPayload,
  type Clock,
  type IamFetchError,
} from '@iamfetch/core'
import { validateCognitoJwtFields } from 'aws-jwt-verify/cognito-verifier'
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  JwtInvalidClaimError,
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
  ParameterValidationError,
} from 'aws-jwt-verify/error'
import { JwtVerifier, type verifyJwt } from 'aws-jwt-verify/jwt-verifier'
import type { Jwks, JwksCache } from 'aws-jwt-verify/jwk'
import { parseClaims, readClaims, type Claims } from './claims.ts'
import { albKeysOf, keysOf, type Fetching } from './fetched-keys.ts'
import { issuersOf } from './issuers.ts'
import type { KeySource, KnownKey } from './key-source.ts'
import type { CallerOptions, TrustedLoadBalancer, TrustedUserPool } from './options.ts'
import { refusal } from './refusal.ts'

/** A token that was verified here. */
export interface VerifiedToken {
  claims: Claims
  /** The user pool that issued it; `undefined` for a load balancer's token. */
  pool?: TrustedUserPool
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
 * aws-jwt-verify does the work. What it leaves open is done here: a token without `exp` and one with `crit` are refused,
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
  const payload = token.length > MAX_TOKEN_LENGTH ? undefined : jwtPayload(token)
  if (!payload) throw notAToken()
  return readClaims(payload, 'array')
}

/** Request headers are limited to some 10 KB on the way; a larger text is not decoded. */
const MAX_TOKEN_LENGTH = 16_384

function poolVerifier(
  userPools: readonly TrustedUserPool[],
  fetching: Fetching,
  clock: Clock,
): TokenVerifier['verifyPoolToken'] {
  const poolOf = new Map<unknown, TrustedUserPool>()
  const sources = new Map<string, KeySource>()
  const rules = userPools.flatMap((pool) =>
    issuersOf(pool).map((issuer) => {
      const jwksUri = `${issuer}/.well-known/jwks.json`
      poolOf.set(issuer, pool)
      sources.set(jwksUri, keysOf(pool.userPoolId, pool.jwks, jwksUri, fetching))
      return rulesOf(pool, issuer, jwksUri)
    }),
  )
  const verifier = rules.length > 0 ? verifierWith(rules, sources) : undefined
  return async (token) => {
    const payload = verifier && (await verified(token, () => verifier.verify(token)))
    if (!payload)
      throw refusal('TOKEN_INVALID', 'The token cannot be verified without "userPools".')
    checkTime(payload.exp, payload.nbf, clock)
    const pool = poolOf.get(payload.iss)
    return { claims: parseClaims(payload, 'array').claims, ...(pool && { pool }) }
  }
}

/** What a user pool's token has to satisfy, in the form of aws-jwt-verify. */
function rulesOf(pool: TrustedUserPool, issuer: string, jwksUri: string) {
  const { clientIds, tokenUse = null } = pool
  const fields = { clientId: clientIds && [...clientIds], tokenUse }
  return {
    issuer,
    jwksUri,
    audience: null,
    // Its own check reads `Date`; ours reads the clock of the options.
    graceSeconds: Infinity,
    customJwtCheck: ({ header, payload }: JwtParts) => {
      refuseCritical(header)
      validateCognitoJwtFields(payload, fields)
    },
  }
}

type JwtParts = Parameters<NonNullable<Parameters<typeof verifyJwt>[2]['customJwtCheck']>>[0]

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
    const customJwtCheck = ({ header }: JwtParts): void => refuseCritical(header)
    const rules = { issuer, jwksUri, audience: null, graceSeconds: Infinity, customJwtCheck }
    const verifier = verifierWith([rules], new Map([[jwksUri, source]]))
    return { albArn, issuer, clients, verifier }
  })
  return async (token) => {
    const header = token.length > MAX_TOKEN_LENGTH ? undefined : jwtHeader(token)
    if (!header) throw notAToken()
    // The header is signed with the payload, so what selects the entry is verified with it.
    const ofAlb = entries.filter(({ albArn }) => albArn === header['signer'])
    const found = ofAlb.find(
      ({ issuer, clients }) =>
        issuer === header['iss'] && clients.some((one) => one === header['client']),
    )
    if (!found) throw notOfLoadBalancers(header, ofAlb.length > 0)
    const payload = await verified(token, () => found.verifier.verify(token))
    // The user info may bring an `exp` of its own; the load balancer writes its own into the header.
    const exp = Math.min(secondsOf(header['exp']), secondsOf(payload.exp ?? Infinity))
    checkTime(exp, payload.nbf, clock)
    return { claims: readClaims({ ...payload, exp }, 'array') }
  }
}

const secondsOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)

function notOfLoadBalancers(header: Readonly<Record<string, unknown>>, isKnownAlb: boolean): Error {
  const { signer, client, iss } = header
  const what = isKnownAlb
    ? `names the client ${describeValue(client)} of the issuer ${describeValue(iss)}, which "loadBalancers" does not name for its load balancer`
    : `was signed by ${describeValue(signer)}, which is not the "albArn" of one of "loadBalancers"`
  return refusal('TOKEN_INVALID', `The token in "x-amzn-oidc-data" ${what}.`)
}

type Rules = ReturnType<typeof rulesOf>

function verifierWith(rules: Rules[], sources: ReadonlyMap<string, KeySource>) {
  const verifier = JwtVerifier.create(rules, {
    jwksCache: cacheOf(sources, (issuerKeys) => forget(issuerKeys)),
  })
  // aws-jwt-verify holds the imported key of a key ID. `cacheJwks` makes it forget those of an issuer.
  const forget = (jwksUri: string): void => {
    for (const { issuer } of rules.filter((one) => one.jwksUri === jwksUri)) {
      verifier.cacheJwks({ keys: [] }, issuer)
    }
  }
  return verifier
}

/** Key sources in the form in which aws-jwt-verify asks for them. */
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

/** A token that asks for an extension must be refused by who does not know it ([RFC 7515 §4.1.11](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11)). */
function refuseCritical(header: object): void {
  if (Object.hasOwn(header, 'crit')) {
    throw refusal(
      'TOKEN_INVALID',
      'The header "crit" of the token asks for an extension that is not supported.',
    )
  }
}

async function verified<T>(token: string, verify: () => Promise<T>): Promise<T> {
  if (token.length > MAX_TOKEN_LENGTH) throw notAToken()
  try {
    return await verify()
  } catch (error) {
    throw refusalOf(error, token)
  }
}

const notAToken = (): Error => refusal('TOKEN_INVALID', 'The token is not a JSON Web Token.')

function refusalOf(error: unknown, token: string): IamFetchError {
  if (isIamFetchError(error)) return error
  // What it says may quote the token.
  if (error instanceof JwtParseError)
    return refusal('TOKEN_INVALID', 'The token is not a JSON Web Token.')
  const cause = { cause: error }
  const payload = jwtPayload(token)
  // Thrown for an issuer that no rule names.
  if (error instanceof ParameterValidationError) {
    const issuer = describeValue(payload?.['iss'])
    return refusal(
      'TOKEN_INVALID',
      `The token was issued by ${issuer}, which is not one of "userPools".`,
      cause,
    )
  }
  if (error instanceof CognitoJwtInvalidClientIdError) {
    const client = describeValue(payload?.['client_id'] ?? payload?.['aud'])
    return refusal(
      'TOKEN_INVALID',
      `The token was issued to the client ${client}, which is not in "clientIds".`,
      cause,
    )
  }
  if (error instanceof CognitoJwtInvalidTokenUseError) {
    const use = describeValue(payload?.['token_use'])
    return refusal(
      'TOKEN_INVALID',
      `The token has the "token_use" ${use}, which is not accepted here.`,
      cause,
    )
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

import { IamFetchError, type Clock } from '@iamfetch/core'
import { AlbJwtVerifier } from 'aws-jwt-verify/alb-verifier'
import { CognitoJwtVerifier } from 'aws-jwt-verify/cognito-verifier'
import {
  FetchError,
  JwtExpiredError,
  JwtInvalidClaimError,
  JwtParseError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import { decomposeUnverifiedJwt, type DecomposedJwt } from 'aws-jwt-verify/jwt'
import { readClaims, type Claims } from './claims.ts'
import { givenKeys } from './keys.ts'
import { refusal } from './refusal.ts'
import { checkOptions, poolOfIssuer, type CallerOptions, type TrustedUserPool } from './trust.ts'

/** A token that was verified here. */
export interface VerifiedToken {
  claims: Claims
  /** The user pool that issued it; nothing for a load balancer's. */
  pool?: TrustedUserPool
}

/** Verifies tokens by the options that it was made from. */
export interface TokenVerifier {
  /** A user pool's token: signature, issuer, `token_use`, app client, expiry. */
  verifyPoolToken(token: string): Promise<VerifiedToken>
  /** A load balancer's `x-amzn-oidc-data`: signature, signer, client, issuer, expiry. */
  verifyAlbToken(token: string): Promise<VerifiedToken>
}

/**
 * Gives the verifier of some options, the same one for the same object, so that keys are fetched once.
 *
 * aws-jwt-verify does the work. What it leaves open is closed here: a token without `exp` is refused, and
 * the time is the options' clock.
 *
 * @throws {@link TypeError} for options that cannot be meant.
 * @see [aws-jwt-verify](https://github.com/awslabs/aws-jwt-verify#readme)
 */
export function verifierOf(options: CallerOptions): TokenVerifier {
  const made = verifiers.get(options) ?? makeVerifier(options)
  verifiers.set(options, made)
  return made
}

/** Reads a token without verifying it. Whatever it says is a claim of whoever sent it. */
export function readUnverified(token: string): Claims {
  return readClaims(parse(token).payload, 'array')
}

const verifiers = new WeakMap<CallerOptions, TokenVerifier>()
const fetchedKeys = new SimpleJwksCache()

function makeVerifier(options: CallerOptions): TokenVerifier {
  checkOptions(options)
  const { userPools = [], loadBalancers = [], clock = Date } = options
  // Its own check of the time reads `Date`; with another clock the one below decides alone.
  const time = clock === Date ? {} : { graceSeconds: Infinity }
  const ofPools = new Map(
    userPools.map((pool) => {
      const { userPoolId, clientIds, tokenUse = null, jwks } = pool
      const clientId = clientIds && [...clientIds]
      const jwksCache = jwks ? givenKeys(jwks, clock) : fetchedKeys
      const rules = { userPoolId, clientId, tokenUse, ...time }
      return [pool, CognitoJwtVerifier.create(rules, { jwksCache })] as const
    }),
  )
  const ofLoadBalancers = loadBalancers.map(({ albArn, clientId, issuer, jwks }) => ({
    albArn,
    verifier: AlbJwtVerifier.create(
      { albArn, clientId, issuer, ...time },
      jwks && { jwksCache: givenKeys(jwks, clock) },
    ),
  }))
  return {
    async verifyPoolToken(token) {
      const pool = poolOfIssuer(parse(token).payload.iss, userPools)
      const verifier = pool && ofPools.get(pool)
      if (!verifier) throw refusal('TOKEN_INVALID', 'The token is of none of userPools.')
      const claims = await checked(() => verifier.verify(token))
      checkTime(claims, clock)
      return { claims: readClaims(claims, 'array'), pool }
    },
    async verifyAlbToken(token) {
      const { header } = parse(token)
      const signer = ofLoadBalancers.find(({ albArn }) => albArn === header['signer'])
      if (!signer) throw refusal('TOKEN_INVALID', 'x-amzn-oidc-data is of none of loadBalancers.')
      const claims = await checked(() => signer.verifier.verify(token))
      // The load balancer writes the expiry into the header; its payload has what the user info said.
      checkTime({ ...claims, exp: claims.exp ?? header['exp'] }, clock)
      return { claims: readClaims(claims, 'array') }
    },
  }
}

/** Request headers end at some 10 KB on the way; nothing larger is worth decoding. */
const LONGEST_TOKEN = 16_384

function parse(token: string): DecomposedJwt {
  if (token.length > LONGEST_TOKEN) throw refusal('TOKEN_INVALID', 'The token is too long.')
  try {
    return decomposeUnverifiedJwt(token)
  } catch {
    // What it says may quote the token.
    throw refusal('TOKEN_INVALID', 'The token is no JWT.')
  }
}

async function checked<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    throw refused(error)
  }
}

function refused(error: unknown): IamFetchError {
  if (error instanceof IamFetchError) return error
  if (error instanceof FetchError || error instanceof WaitPeriodNotYetEndedJwkError) {
    return refusal('SERVICE_UNAVAILABLE', 'The keys to verify the token could not be had.', error)
  }
  if (error instanceof JwtExpiredError)
    return refusal('TOKEN_EXPIRED', 'The token has expired.', error)
  const claim = error instanceof JwtInvalidClaimError
  const what = claim ? 'is for somebody else (issuer, client, use)' : 'could not be verified'
  const cause = error instanceof JwtParseError ? undefined : error
  return refusal('TOKEN_INVALID', `The token ${what}.`, cause)
}

function checkTime({ exp, nbf }: { exp?: unknown; nbf?: unknown }, clock: Clock): void {
  const now = clock.now() / 1_000
  if (typeof exp !== 'number') throw refusal('TOKEN_INVALID', 'The token never expires.')
  if (now >= exp) throw refusal('TOKEN_EXPIRED', 'The token has expired.')
  if (typeof nbf === 'number' && now < nbf)
    throw refusal('TOKEN_INVALID', 'The token is not valid yet.')
}

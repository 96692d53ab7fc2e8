import type { Clock } from '@iamfetch/core'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { aliceClaims, fixtureIds, machineClaims } from '../src/fixtures.ts'
import type { TrustedLoadBalancer, TrustedUserPool } from '../src/index.ts'

/** A moment at which the fixtures' tokens are valid, in milliseconds. */
const duringTokens = Date.UTC(2026, 0, 1, 0, 30)

/** A clock that stands at that moment. */
export const clock: Clock = { now: (): number => duringTokens }

const KID = 'abcdefgh-pool-key'
const ALB_KID = 'abb8289f-e3a4-4a34-9472-c2105e2b2482'
const pool = await generateKeyPair('RS256', { extractable: true })
const alb = await generateKeyPair('ES256', { extractable: true })

const publicJwk = async (key: CryptoKey, more: JWK): Promise<JWK> => ({
  ...(await exportJWK(key)),
  use: 'sig',
  ...more,
})

/** The user pool's public keys. */
const poolKeys: { keys: JWK[] } = {
  keys: [await publicJwk(pool.publicKey, { kid: KID, alg: 'RS256' })],
}

/** The load balancer's. */
const albKeys: { keys: JWK[] } = {
  keys: [await publicJwk(alb.publicKey, { kid: ALB_KID, alg: 'ES256' })],
}

/** The fixtures' user pool. */
export const userPool: TrustedUserPool = {
  userPoolId: fixtureIds.userPoolId,
  clientIds: [fixtureIds.clientId, fixtureIds.machineClientId],
  jwks: poolKeys,
}

/** The fixtures' load balancer. */
export const loadBalancer: TrustedLoadBalancer = {
  albArn: fixtureIds.albArn,
  clientId: fixtureIds.clientId,
  issuer: `https://cognito-idp.eu-central-1.amazonaws.com/${fixtureIds.userPoolId}`,
  jwks: albKeys,
}

/** Options that believe in both, at a time when their tokens are valid. */
export const trust: {
  userPools: TrustedUserPool[]
  loadBalancers: TrustedLoadBalancer[]
  clock: Clock
} = { userPools: [userPool], loadBalancers: [loadBalancer], clock }

interface Signing {
  key?: CryptoKey
  header?: Record<string, unknown>
  /** Extensions that `jose` may name in `crit`, which it refuses to sign otherwise. */
  crit?: Record<string, boolean>
}

/** A token of the pool: Alice's ID token with these claims changed; `undefined` takes one away. */
export const poolToken = (
  claims: Record<string, unknown> = {},
  { key = pool.privateKey, header = {}, crit = {} }: Signing = {},
): Promise<string> =>
  new SignJWT({ ...aliceClaims, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: KID, ...header })
    .sign(key, { crit })

/** A machine's access token with these claims changed. */
export const machineToken = (claims: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT({ ...machineClaims, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: KID })
    .sign(pool.privateKey)

/** What a load balancer puts into `x-amzn-oidc-data`. */
export const albToken = (
  claims: Record<string, unknown> = {},
  { key = alb.privateKey, header = {}, crit = {} }: Signing = {},
): Promise<string> =>
  new SignJWT({
    sub: String(aliceClaims['sub']),
    email: 'alice@example.com',
    email_verified: 'true',
    username: 'alice',
    exp: Number(aliceClaims['exp']),
    iss: loadBalancer.issuer,
    ...claims,
  })
    .setProtectedHeader({
      alg: 'ES256',
      typ: 'JWT',
      kid: ALB_KID,
      signer: fixtureIds.albArn,
      client: fixtureIds.clientId,
      iss: loadBalancer.issuer,
      exp: Number(aliceClaims['exp']),
      ...header,
    })
    .sign(key, { crit })

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { JSONWebKeySet, JWTPayload } from 'jose'
import { compactVerify } from 'jose/jws/compact/verify'
import { SignJWT } from 'jose/jwt/sign'
import { exportJWK } from 'jose/key/export'
import type { Random } from '../random.ts'

/** The signing key of a user pool, created at start. */
export interface TokenKey {
  sign(claims: JWTPayload): Promise<string>
  /** Checks form, algorithm, key and signature, and nothing else. @returns The claims, `undefined` if it is not ours. */
  verify(token: string): Promise<JWTPayload | undefined>
  /** The public half. */
  jwks(): Promise<JSONWebKeySet>
  /** Both halves, for a stack that takes this one's place. */
  pair(): Promise<TokenKeyPair>
}

/** A signing key as plain data. */
export interface TokenKeyPair {
  readonly kid: string
  /** PKCS #8 in PEM. */
  readonly privateKey: string
}

const generate = promisify(generateKeyPair)

/**
 * Creates a 2048-bit RSA key for RS256. It is created on another thread (about 50–300 ms): nothing waits for it before the first
 * token is signed or the key set is requested.
 *
 * @param known  The key of an earlier stack, whose tokens stay valid.
 */
export function createTokenKey(random: Random, known?: TokenKeyPair): TokenKey {
  const kid = known?.kid ?? Buffer.from(random(32)).toString('base64')
  const keyPair = known
    ? Promise.resolve(createPrivateKey(known.privateKey))
    : generate('rsa', { modulusLength: 2_048 }).then(({ privateKey }) => privateKey)
  // The first caller gets the failure.
  keyPair.catch(() => {})
  const publicKey = async (): Promise<KeyObject> => createPublicKey(await keyPair)
  return {
    async sign(claims) {
      return new SignJWT(claims).setProtectedHeader({ kid, alg: 'RS256' }).sign(await keyPair)
    },
    async verify(token) {
      try {
        const options = { algorithms: ['RS256'] }
        const { payload, protectedHeader } = await compactVerify(token, await publicKey(), options)
        if (protectedHeader.kid !== kid) return undefined
        const claims: JWTPayload = JSON.parse(new TextDecoder().decode(payload))
        return claims
      } catch {
        return undefined
      }
    },
    async jwks() {
      return { keys: [{ ...(await exportJWK(await publicKey())), kid, alg: 'RS256', use: 'sig' }] }
    },
    async pair() {
      const privateKey = (await keyPair).export({ type: 'pkcs8', format: 'pem' }).toString()
      return { kid, privateKey }
    },
  }
}

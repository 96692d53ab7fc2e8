import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { compactVerify, exportJWK, SignJWT, type JSONWebKeySet, type JWTPayload } from 'jose'
import type { Random } from './random.ts'

/** The signing key of a user pool, made at start. */
export interface TokenKey {
  sign(claims: JWTPayload): Promise<string>
  /** Checks form, algorithm, key and signature, and nothing else. @returns The claims, `undefined` if it is not ours. */
  verify(token: string): Promise<JWTPayload | undefined>
  /** The public half. */
  jwks(): Promise<JSONWebKeySet>
}

const generate = promisify(generateKeyPair)

/**
 * Makes a 2048-bit RSA key for RS256. It is made on another thread (some 50–300 ms): nothing waits for it
 * before the first token is signed or the key set is asked for.
 */
export function createTokenKey(random: Random): TokenKey {
  const kid = Buffer.from(random(32)).toString('base64')
  const pair = generate('rsa', { modulusLength: 2_048 })
  // Whoever asks first hears of a failure.
  pair.catch(() => {})
  const publicKey = async (): Promise<KeyObject> => createPublicKey((await pair).privateKey)
  return {
    async sign(claims) {
      return new SignJWT(claims)
        .setProtectedHeader({ kid, alg: 'RS256' })
        .sign((await pair).privateKey)
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
  }
}

import type { Clock } from '@iamfetch/core'
import { KidNotFoundInJwksError } from 'aws-jwt-verify/error'
import { assertIsJwks, findJwkInJwks, type Jwks, type JwksCache } from 'aws-jwt-verify/jwk'
import type { Json } from 'aws-jwt-verify/safe-json-parse'
import { own } from './own.ts'
import { refusal } from './refusal.ts'
import type { TrustedUserPool } from './trust.ts'

/**
 * Holds public keys that the options give, in the form that aws-jwt-verify asks for them.
 *
 * A function is called once for any number of waiting tokens, and again when a token names a key that is
 * not held, at most every 10 seconds: whoever invents key IDs cannot make it busy.
 *
 * @throws {@link TypeError} for something that is no key set.
 */
export function givenKeys(jwks: NonNullable<TrustedUserPool['jwks']>, clock: Clock): JwksCache {
  let held: Jwks | undefined
  let loading: Promise<void> | undefined
  let askAgainAt = -Infinity
  const hold = (keys: unknown): void => {
    const json: Json = JSON.parse(JSON.stringify(keys))
    assertIsJwks(json)
    held = json
  }
  const load = async (get: () => Promise<unknown>): Promise<void> => {
    try {
      hold(await get())
      askAgainAt = clock.now() + ASK_AGAIN_MS
    } catch (error) {
      throw refusal('SERVICE_UNAVAILABLE', 'jwks gave no key set.', error)
    }
  }
  const find = (kid: string | undefined): ReturnType<typeof findJwkInJwks> =>
    kid === undefined || held === undefined ? undefined : findJwkInJwks(held, kid)
  const get = async (kid: string | undefined) => {
    if (typeof jwks === 'function' && !find(kid) && (loading || clock.now() >= askAgainAt)) {
      loading ??= load(jwks).finally(() => (loading = undefined))
      await loading
    }
    const jwk = find(kid)
    if (!jwk) throw new KidNotFoundInJwksError('The key of the token is not in the key set.')
    return jwk
  }
  if (typeof jwks !== 'function') {
    if (!Array.isArray(own(jwks, 'keys')))
      throw new TypeError('jwks is a key set: { keys: [...] }.')
    hold(jwks)
  }
  return {
    getJwk: (_uri, { header }) => get(header.kid),
    getCachedJwk: (_uri, { header }) => {
      const jwk = find(header.kid)
      if (!jwk) throw new KidNotFoundInJwksError('The key of the token is not in the key set.')
      return jwk
    },
    addJwks: (_uri, keys) => hold(keys),
    getJwks: async () => held ?? { keys: [] },
  }
}

const ASK_AGAIN_MS = 10_000

import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import { signedJwt, type AssertionClaims } from './client-assertion.ts'

/** A signature algorithm of a client assertion. */
export type AssertionAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'

/** Which key signs. Pass either `privateKey` or `sign`. */
export interface PrivateKeyJwtOptions {
  /** A `CryptoKey`, a JSON Web Key, or PKCS #8 in PEM (`-----BEGIN PRIVATE KEY-----`). */
  privateKey?: CryptoKey | JsonWebKey | string | undefined
  /**
   * Signs with a key that cannot be read, for example in AWS KMS. Receives the bytes to sign, and returns the signature: for
   * ES algorithms as DER, as KMS does, or as the two numbers of a JWS.
   */
  // `Uint8Array<ArrayBuffer>`, in a form that TypeScript before 5.7 knows as well.
  sign?: ((data: Uint8Array & { readonly buffer: ArrayBuffer }) => Promise<Uint8Array>) | undefined
  /** Defaults to the algorithm of the key, and to RS256 for PEM and `sign`. */
  algorithm?: AssertionAlgorithm | undefined
  /** The `kid` by which the issuer finds the public key. */
  keyId?: string | undefined
  /** More header parameters, such as `x5t#S256` for Entra ID. */
  header?: Readonly<Record<string, string>> | undefined
}

/** Client authentication with a private key. Created by {@link privateKeyJwt}. */
export interface PrivateKeyJwt {
  readonly method: 'private_key_jwt'
  /** Returns the signed assertion. */
  assertion(claims: AssertionClaims): Promise<string>
}

const OWNER = 'privateKeyJwt'
const NAMES: OptionNames<PrivateKeyJwtOptions> = {
  privateKey: true,
  sign: true,
  algorithm: true,
  keyId: true,
  header: true,
}

/**
 * Client authentication by a JWT that is signed with a private key, instead of a client secret.
 *
 * The key never leaves this process, or not even enters it with `sign`. Each assertion lives for 60 seconds and is used once.
 * Cognito does not support it; Auth0, Okta, Entra ID and Keycloak do.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`. A key that WebCrypto does not accept is an error of the first call.
 * @see [RFC 7523 §2.2](https://www.rfc-editor.org/rfc/rfc7523#section-2.2)
 * @example
 * ```ts
 * const source = oauthTokenEndpoint({
 *   url: 'https://example.okta.com/oauth2/default/v1/token',
 *   clientId: '0oa1example',
 *   auth: privateKeyJwt({ privateKey: pem, keyId: 'key-1' }),
 * })
 * const token = machineToken({ source, scopes: ['notes.read'] })
 * ```
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): PrivateKeyJwt {
  checkOptions(OWNER, options, NAMES)
  const { privateKey, sign, keyId, header } = options
  if ((privateKey === undefined) === (sign === undefined)) {
    throw invalidOption(OWNER, 'pass either "privateKey" or "sign"')
  }
  if (sign !== undefined && typeof sign !== 'function') {
    throw invalidOption(OWNER, '"sign" must be a function', sign)
  }
  const algorithm = options.algorithm ?? algorithmOfKey(privateKey)
  const parameters = ALGORITHMS.get(algorithm)
  if (!parameters) {
    const known = [...ALGORITHMS.keys()].join(', ')
    throw invalidOption(OWNER, `"algorithm" must be one of ${known}`, algorithm)
  }
  let key: Promise<CryptoKey> | undefined
  const signature = async (data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> => {
    if (sign) return jwsSignature(await sign(data), parameters.numberBytes)
    key ??= importKey(privateKey!, parameters)
    return new Uint8Array(await crypto.subtle.sign(parameters.sign, await key, data))
  }
  return {
    method: 'private_key_jwt',
    assertion: (claims) =>
      signedJwt(
        { ...header, alg: algorithm, ...(keyId !== undefined && { kid: keyId }) },
        claims,
        signature,
      ),
  }
}

interface AlgorithmParameters {
  import: RsaHashedImportParams | EcKeyImportParams | Algorithm
  sign: AlgorithmIdentifier | RsaPssParams | EcdsaParams
  /** The length of each of the two numbers of an ECDSA signature. */
  numberBytes?: number
}

const rsa = (name: string, bits: number): AlgorithmParameters => ({
  import: { name, hash: `SHA-${bits}` },
  sign: name === 'RSA-PSS' ? { name, saltLength: bits / 8 } : { name },
})
const ecdsa = (namedCurve: string, bits: number, numberBytes: number): AlgorithmParameters => ({
  import: { name: 'ECDSA', namedCurve },
  sign: { name: 'ECDSA', hash: `SHA-${bits}` },
  numberBytes,
})

/** @see [RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1) */
const ALGORITHMS: ReadonlyMap<string, AlgorithmParameters> = new Map([
  ['RS256', rsa('RSASSA-PKCS1-v1_5', 256)],
  ['RS384', rsa('RSASSA-PKCS1-v1_5', 384)],
  ['RS512', rsa('RSASSA-PKCS1-v1_5', 512)],
  ['PS256', rsa('RSA-PSS', 256)],
  ['PS384', rsa('RSA-PSS', 384)],
  ['PS512', rsa('RSA-PSS', 512)],
  ['ES256', ecdsa('P-256', 256, 32)],
  ['ES384', ecdsa('P-384', 384, 48)],
  ['ES512', ecdsa('P-521', 512, 66)],
  ['EdDSA', { import: { name: 'Ed25519' }, sign: { name: 'Ed25519' } }],
])

/** The algorithm that a key names. */
function algorithmOfKey(key: PrivateKeyJwtOptions['privateKey']): string {
  if (typeof key !== 'object') return 'RS256'
  if ('alg' in key && typeof key.alg === 'string') return key.alg
  if (isCryptoKey(key)) {
    for (const [name, parameters] of ALGORITHMS) {
      if (isFor(key.algorithm, parameters.import)) return name
    }
  }
  const curves: Record<string, string> = {
    'P-256': 'ES256',
    'P-384': 'ES384',
    'P-521': 'ES512',
    Ed25519: 'EdDSA',
  }
  return 'crv' in key && typeof key.crv === 'string' ? (curves[key.crv] ?? 'RS256') : 'RS256'
}

function isFor(algorithm: KeyAlgorithm, expected: AlgorithmParameters['import']): boolean {
  if (algorithm.name !== expected.name) return false
  if ('namedCurve' in expected) {
    return 'namedCurve' in algorithm && algorithm.namedCurve === expected.namedCurve
  }
  if (!('hash' in expected)) return true
  const hash = 'hash' in algorithm ? algorithm.hash : undefined
  return typeof hash === 'object' && hash !== null && 'name' in hash && hash.name === expected.hash
}

async function importKey(
  key: NonNullable<PrivateKeyJwtOptions['privateKey']>,
  { import: algorithm }: AlgorithmParameters,
): Promise<CryptoKey> {
  const { subtle } = crypto
  try {
    if (typeof key === 'string') {
      return await subtle.importKey('pkcs8', bytesOfPem(key), algorithm, false, ['sign'])
    }
    if (isCryptoKey(key)) return key
    // WebCrypto refuses a key whose declared use differs, which says nothing about its form.
    const { kty, crv, x, y, d, n, e, p, q, dp, dq, qi } = key
    const jwk = { kty, crv, x, y, d, n, e, p, q, dp, dq, qi }
    const defined = Object.fromEntries(
      Object.entries(jwk).filter(([, value]) => value !== undefined),
    )
    return await subtle.importKey('jwk', defined, algorithm, false, ['sign'])
  } catch {
    // The platform's error may quote the key, so it is dropped.
    throw invalidOption(
      OWNER,
      '"privateKey" must be a CryptoKey, a private JSON Web Key or PKCS #8 in PEM that fits "algorithm"',
    )
  }
}

const isCryptoKey = (key: CryptoKey | JsonWebKey): key is CryptoKey => 'algorithm' in key

function bytesOfPem(pem: string): Uint8Array<ArrayBuffer> {
  const base64 = /-----BEGIN PRIVATE KEY-----([\s\S]+?)-----END PRIVATE KEY-----/.exec(pem)?.[1]
  const binary = atob((base64 ?? '').replace(/\s/g, ''))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/**
 * Turns an ECDSA signature in DER into the form of a JWS: two numbers of a fixed length. Anything else is returned as it is.
 *
 * @see [RFC 7518 §3.4](https://www.rfc-editor.org/rfc/rfc7518#section-3.4)
 */
function jwsSignature(signature: Uint8Array, numberBytes: number | undefined): Uint8Array {
  const isDer = numberBytes !== undefined && signature.length !== 2 * numberBytes
  if (!isDer || signature[0] !== 0x30) return signature
  const jws = new Uint8Array(2 * numberBytes)
  // A length of 128 or more has a second byte, which only P-521 needs.
  let at = signature[1]! > 0x80 ? 3 : 2
  for (const end of [numberBytes, 2 * numberBytes]) {
    const length = signature[at + 1]!
    const number = signature.slice(at + 2, at + 2 + length)
    const digits = number.slice(Math.max(0, number.length - numberBytes))
    jws.set(digits, end - digits.length)
    at += 2 + length
  }
  return jws
}

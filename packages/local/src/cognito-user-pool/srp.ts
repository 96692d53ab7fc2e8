import { createHash, createHmac, getDiffieHellman, hkdfSync } from 'node:crypto'

/**
 * SRP-6a as Cognito speaks it: the 3072-bit group of RFC 5054 with the generator 2, SHA-256, HKDF with the
 * info "Caldera Derived Key", and a proof that signs pool, user, secret block and time.
 *
 * The server keeps salt and verifier. The password never reaches it in this flow.
 *
 * @see [RFC 5054 §2.5](https://www.rfc-editor.org/rfc/rfc5054#section-2.5)
 */
export interface Verifier {
  salt: bigint
  /** `g^x mod N` */
  verifier: bigint
}

/** What the server drew for one sign-in. */
export interface Challenge {
  b: bigint
  B: bigint
}

// The prime of RFC 5054's 3072-bit group is the one of RFC 3526's group 15.
const N = toInteger(getDiffieHellman('modp15').getPrime())
const g = 2n
const k = toInteger(sha256(signed(N), signed(g)))

/**
 * Computes the verifier of a password.
 *
 * @param poolName  The user pool's ID without region and underscore.
 */
export function verifierOf(
  poolName: string,
  username: string,
  password: string,
  salt: Uint8Array,
): Verifier {
  const saltInteger = toInteger(salt)
  const inner = sha256(Buffer.from(`${poolName}${username}:${password}`))
  const x = toInteger(sha256(signed(saltInteger), inner))
  return { salt: saltInteger, verifier: power(g, x) }
}

/** Draws the server's half. @param secret  At least 32 unpredictable bytes. */
export function challenge({ verifier }: Verifier, secret: Uint8Array): Challenge {
  const b = toInteger(secret)
  return { b, B: (k * verifier + power(g, b)) % N }
}

/**
 * Computes the key that both sides share if the client knew the password.
 *
 * @returns 16 bytes, or `undefined` for an `A` or a `u` that RFC 5054 requires to be refused.
 */
export function sharedKey(
  { verifier }: Verifier,
  { b, B }: Challenge,
  A: bigint,
): Uint8Array | undefined {
  if (A % N === 0n) return undefined
  const u = toInteger(sha256(signed(A), signed(B)))
  if (u === 0n) return undefined
  const S = power((A % N) * power(verifier, u), b)
  return new Uint8Array(hkdfSync('sha256', signed(S), signed(u), 'Caldera Derived Key', 16))
}

/** Computes `PASSWORD_CLAIM_SIGNATURE`. */
export function claimSignature(
  key: Uint8Array,
  claim: { poolName: string; username: string; secretBlock: Uint8Array; timestamp: string },
): Uint8Array {
  return createHmac('sha256', key)
    .update(claim.poolName)
    .update(claim.username)
    .update(claim.secretBlock)
    .update(claim.timestamp)
    .digest()
}

/** `base^exponent mod N`. Both exponents of a sign-in have 256 bits: about 4 ms each in plain BigInt. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base % N
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % N
    square = (square * square) % N
  }
  return result
}

/** The bytes of Java's `BigInteger.toByteArray()`, which Cognito hashes: a sign bit in front. */
function signed(value: bigint): Buffer {
  const hex = value.toString(16)
  const even = hex.length % 2 ? `0${hex}` : hex
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex')
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

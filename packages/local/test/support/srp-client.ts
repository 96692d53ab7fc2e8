import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** What the client of an SRP sign-in sends, written from RFC 5054 alone. */
export interface SrpClient {
  /** `SRP_A` */
  A: string
  /** The answers to `PASSWORD_VERIFIER`. */
  respond(
    parameters: Record<string, string>,
    options: { poolName: string; password: string; timestamp?: string },
  ): Record<string, string>
}

/** Begins a sign-in. @param secret  The client's private value. Defaults to a random one. */
export function srpClient(secret: Uint8Array = randomBytes(128)): SrpClient {
  const a = BigInt(`0x${Buffer.from(secret).toString('hex')}`)
  const A = power(2n, a)
  return {
    A: A.toString(16),
    respond(parameters, { poolName, password, timestamp = 'Fri Nov 20 10:00:00 UTC 2026' }) {
      const {
        SALT = '',
        SRP_B = '',
        SECRET_BLOCK = '',
        USER_ID_FOR_SRP: username = '',
      } = parameters
      const B = BigInt(`0x${SRP_B}`)
      const k = hash(bytes(N), bytes(2n))
      const u = hash(bytes(A), bytes(B))
      const inner = createHash('sha256').update(`${poolName}${username}:${password}`).digest()
      const x = hash(bytes(BigInt(`0x${SALT}`)), inner)
      const base = (((B - k * power(2n, x)) % N) + N) % N
      const S = power(base, a + u * x)
      const key = Buffer.from(hkdfSync('sha256', bytes(S), bytes(u), 'Caldera Derived Key', 16))
      const signature = createHmac('sha256', key)
        .update(poolName + username)
        .update(Buffer.from(SECRET_BLOCK, 'base64'))
        .update(timestamp)
        .digest('base64')
      return {
        USERNAME: username,
        PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
        PASSWORD_CLAIM_SIGNATURE: signature,
        TIMESTAMP: timestamp,
      }
    },
  }
}

/** The 3072-bit group, letter by letter. @see [RFC 5054, appendix A](https://www.rfc-editor.org/rfc/rfc5054#appendix-A) */
const N = BigInt(
  `0x
  FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1 29024E08 8A67CC74
  020BBEA6 3B139B22 514A0879 8E3404DD EF9519B3 CD3A431B 302B0A6D F25F1437
  4FE1356D 6D51C245 E485B576 625E7EC6 F44C42E9 A637ED6B 0BFF5CB6 F406B7ED
  EE386BFB 5A899FA5 AE9F2411 7C4B1FE6 49286651 ECE45B3D C2007CB8 A163BF05
  98DA4836 1C55D39A 69163FA8 FD24CF5F 83655D23 DCA3AD96 1C62F356 208552BB
  9ED52907 7096966D 670C354E 4ABC9804 F1746C08 CA18217C 32905E46 2E36CE3B
  E39E772C 180E8603 9B2783A2 EC07A28F B5C55DF0 6F4C52C9 DE2BCBF6 95581718
  3995497C EA956AE5 15D22618 98FA0510 15728E5A 8AAAC42D AD33170D 04507A33
  A85521AB DF1CBA64 ECFB8504 58DBEF0A 8AEA7157 5D060C7D B3970F85 A6E1E4C7
  ABF5AE8C DB0933D7 1E8C94E0 4A25619D CEE3D226 1AD2EE6B F12FFA06 D98A0864
  D8760273 3EC86A64 521F2B18 177B200C BBE11757 7A615D6C 770988C0 BAD946E2
  08E24FA0 74E5AB31 43DB5BFC E0FD108E 4B82D120 A93AD2CA FFFFFFFF FFFFFFFF`.replaceAll(/\s/g, ''),
)

function power(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n
  const half = power((base * base) % N, exponent / 2n)
  return exponent % 2n ? (half * base) % N : half
}

function bytes(value: bigint): Buffer {
  const hex = value.toString(16)
  const even = hex.length % 2 ? `0${hex}` : hex
  return Buffer.from(parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even, 'hex')
}

function hash(...parts: Buffer[]): bigint {
  return BigInt(`0x${createHash('sha256').update(Buffer.concat(parts)).digest('hex')}`)
}

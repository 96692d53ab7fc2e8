import { describe, expect, it } from 'vitest'
import { challenge, claimSignature, sharedKey, verifierOf } from '../src/cognito-user-pool/srp.ts'
import { srpClient } from './support/srp-client.ts'

const POOL = 'AbCdEf123'
const bytes = (first: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i === 0 ? first : (i * 37) % 256))

/** Whether client and server, who share no code, come to the same signature. */
function agree(options: {
  password?: string
  salt?: Uint8Array
  server?: Uint8Array
  client?: Uint8Array
}): boolean {
  const { password = 'right', salt = bytes(1, 16), server = bytes(1, 32) } = options
  const client = srpClient(options.client ?? bytes(1, 128))
  const verifier = verifierOf(POOL, 'alice', 'right', salt)
  const drawn = challenge(verifier, server)
  const secretBlock = bytes(9, 64)
  const answer = client.respond(
    {
      SALT: verifier.salt.toString(16),
      SRP_B: drawn.B.toString(16),
      SECRET_BLOCK: Buffer.from(secretBlock).toString('base64'),
      USER_ID_FOR_SRP: 'alice',
    },
    { poolName: POOL, password },
  )
  const key = sharedKey(verifier, drawn, BigInt(`0x${client.A}`))!
  const timestamp = answer['TIMESTAMP']!
  const expected = claimSignature(key, {
    poolName: POOL,
    username: 'alice',
    secretBlock,
    timestamp,
  })
  return Buffer.from(expected).toString('base64') === answer['PASSWORD_CLAIM_SIGNATURE']
}

describe('SRP', () => {
  it.each([0x00, 0x01, 0x7f, 0x80, 0xff])(
    'agrees with a client written from the RFC, whatever bit comes first (%i)',
    (first) => {
      expect(agree({ salt: bytes(first, 16), server: bytes(first, 32) })).toBe(true)
      expect(agree({ client: bytes(first, 128) })).toBe(true)
    },
  )

  it('does not agree with another password', () => {
    expect(agree({ password: 'wrong' })).toBe(false)
    expect(agree({ password: '' })).toBe(false)
  })

  it('has no key for a client whose number is a multiple of the prime', () => {
    const verifier = verifierOf(POOL, 'alice', 'right', bytes(1, 16))
    expect(sharedKey(verifier, challenge(verifier, bytes(1, 32)), 0n)).toBeUndefined()
  })
})

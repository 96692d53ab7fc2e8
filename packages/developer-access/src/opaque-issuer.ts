import { createHash, randomBytes } from 'node:crypto'
import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import { issuedSecret, type IssuedSecret, type KeyIssuer, type PresentedKey } from './issuer.ts'

/** What opaque keys look like. */
export interface OpaqueIssuerOptions {
  /**
   * What every key begins with, so that scanners for leaked secrets find it. 2 to 20 letters and digits.
   *
   * @default 'ifk'
   */
  prefix?: string | undefined
  /** Returns random bytes. @default node:crypto */
  random?: ((bytes: number) => Uint8Array) | undefined
}

const NAMES: OptionNames<OpaqueIssuerOptions> = { prefix: true, random: true }

/**
 * Creates keys that are a text: no app client, no token endpoint, no quota.
 *
 * A call sends the secret itself, `Authorization: Bearer ifk_<client ID>_<secret>`, and it is looked up in the store. The secret
 * has 224 random bits, so its plain SHA-256 is safe to keep: it cannot be guessed.
 *
 * Every key matches `ifk_[0-9a-f]{32}_[0-9a-f]{64}`, with the prefix that is configured. Its last 8 characters are a checksum:
 * the first 8 hex digits of the SHA-256 of everything before. A scanner for leaked secrets finds keys by the pattern and tells
 * them from other texts by the checksum, and a mistyped key is refused without a read of the store.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```ts
 * const access = createDeveloperAccess({ issuer: opaqueIssuer({ prefix: 'acme' }), store })
 * ```
 */
export function opaqueIssuer(options: OpaqueIssuerOptions = {}): KeyIssuer {
  checkOptions('opaqueIssuer', options, NAMES)
  const { prefix = 'ifk', random = randomBytes } = options
  if (typeof prefix !== 'string' || !/^[a-zA-Z0-9]{2,20}$/.test(prefix)) {
    throw invalidOption('opaqueIssuer', '"prefix" must have 2 to 20 letters and digits', prefix)
  }
  if (typeof random !== 'function') {
    throw invalidOption('opaqueIssuer', '"random" must be a function', random)
  }
  const pattern = new RegExp(`^${prefix}_([0-9a-f]{32})_[0-9a-f]{64}$`)
  const drawSecret = (clientId: string): IssuedSecret => {
    const unchecked = `${prefix}_${clientId}_${hex(random(SECRET_BYTES))}`
    const value = unchecked + checksumOf(unchecked)
    return issuedSecret({ id: hex(random(8)), hash: sha256(value) }, value)
  }
  return {
    scopes: { least: 0, most: 100 },
    async issue() {
      const clientId = hex(random(16))
      return { clientId, secret: drawSecret(clientId) }
    },
    addSecret: async (clientId) => drawSecret(clientId),
    issues: (tokenIssuer) => tokenIssuer === undefined,
    read(presented): PresentedKey | undefined {
      const clientId = pattern.exec(presented)?.[1]
      if (clientId === undefined) return undefined
      const unchecked = presented.slice(0, -CHECKSUM_LENGTH)
      const isMistyped = checksumOf(unchecked) !== presented.slice(-CHECKSUM_LENGTH)
      return { clientId, hash: sha256(presented), isMistyped }
    },
  }
}

const SECRET_BYTES = 28
/** In hex digits. */
const CHECKSUM_LENGTH = 8

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const checksumOf = (text: string): string => sha256(text).slice(0, CHECKSUM_LENGTH)

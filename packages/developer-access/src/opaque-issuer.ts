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
 * has 256 random bits, so its plain SHA-256 is safe to keep: it cannot be guessed.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
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
  const form = new RegExp(`^${prefix}_([0-9a-f]{32})_([0-9a-f]{64})$`)
  const drawSecret = (clientId: string): IssuedSecret => {
    const value = `${prefix}_${clientId}_${hex(random(32))}`
    return issuedSecret({ id: hex(random(8)), hash: hashOf(value) }, value)
  }
  return {
    scopes: { least: 0, most: 100 },
    async issue() {
      const clientId = hex(random(16))
      return { clientId, secret: drawSecret(clientId) }
    },
    addSecret: async (clientId) => drawSecret(clientId),
    read(presented): PresentedKey | undefined {
      const clientId = form.exec(presented)?.[1]
      return clientId === undefined ? undefined : { clientId, hash: hashOf(presented) }
    },
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex')

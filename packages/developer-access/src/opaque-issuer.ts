import { createHash, randomBytes } from 'node:crypto'
import { issuedSecret, type IssuedSecret, type KeyIssuer, type PresentedKey } from './issuer.ts'

/** How opaque keys look. */
export interface OpaqueIssuerOptions {
  /**
   * What every key begins with, so that scanners for leaked secrets find it. 2 to 20 letters and digits.
   *
   * @default 'ifk'
   */
  prefix?: string | undefined
  /** Gives random bytes. @default node:crypto */
  random?: ((bytes: number) => Uint8Array) | undefined
}

/**
 * Makes keys that are nothing but a text: no app client, no token endpoint, no quota.
 *
 * A call brings the secret itself along, `Authorization: Bearer ifk_<client ID>_<secret>`, and it is looked up
 * in the store. The secret has 256 random bits, so its plain SHA-256 is safe to keep: there is nothing to guess.
 *
 * @throws {@link TypeError} for a prefix that cannot be meant.
 */
export function opaqueIssuer({
  prefix = 'ifk',
  random = randomBytes,
}: OpaqueIssuerOptions = {}): KeyIssuer {
  if (!/^[a-zA-Z0-9]{2,20}$/.test(prefix)) throw new TypeError('prefix: 2 to 20 letters and digits')
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

import { hashSoon } from '#edge'
import { bufferRequest } from './native-body.ts'
import { NativeUrl } from './native-url.ts'
import { hex } from './sha256.ts'
import {
  createSigner as createOnWeb,
  type Signer,
  type SignerOptions,
  type SignerPlatform,
} from './signer.ts'

export { sha256Hex } from '#edge'
export { regionOf } from './host.ts'
export { presignParts, signParts, type Parts, type Signed, type SigningContext } from './sign.ts'
export { bufferRequest, NativeUrl }
export type { UrlReader, WireUrl } from './url.ts'
export type { Signer, SignerOptions }

/** How a signer of React Native signs. */
export interface NativeSignerOptions extends SignerOptions {
  /**
   * A native SHA-256 for bodies, which gives the 32 bytes: Hermes has no compiler to machine code, so a large body takes the
   * portable one long. `(data) => digest(CryptoDigestAlgorithm.SHA256, data)` of `expo-crypto`; `(data) =>
   * createHash('sha256').update(data).digest()` of `react-native-quick-crypto`.
   * @default crypto.subtle where there is one, else the portable hash
   */
  sha256?: NativeHash | undefined
}

/** Hashes bytes with SHA-256. */
export type NativeHash = (
  // `Uint8Array<ArrayBuffer>`, in a form that TypeScript before 5.7 knows as well.
  data: Uint8Array & { readonly buffer: ArrayBuffer },
) => ArrayBuffer | Uint8Array | Promise<ArrayBuffer | Uint8Array>

/**
 * Makes a signer for one API, on React Native: as that of the portable entry, with a URL parser and a reader of bodies of
 * its own, because React Native's globals do not suffice for either.
 *
 * Needs `Request`, `Headers` and, to read blobs, `FileReader`: all there without a polyfill.
 *
 * @throws TypeError as `createSigner` of the portable entry.
 */
export function createSigner(options: NativeSignerOptions): Signer {
  const { sha256 } = options
  const hash = async (data: Uint8Array | string): Promise<string> => {
    if (!sha256 || typeof data === 'string') return hashSoon(data)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- bodies are never shared memory
    const bytes = new Uint8Array(await sha256(data as Uint8Array<ArrayBuffer>))
    if (bytes.length !== 32) throw new TypeError('sha256: gave something that is no SHA-256')
    return hex(bytes)
  }
  const native: SignerPlatform = { URL: NativeUrl, buffer: bufferRequest, hash }
  const signer = createOnWeb({ ...options, ...native })
  return {
    sign: (input, init) => signer.sign(input, init),
    // What was signed, as the platform's own URL, which keeps the text that it is given.
    presign: async (url, how) => new URL((await signer.presign(url, how)).href),
  }
}

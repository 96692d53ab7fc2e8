import { hashSoon } from '#edge'
import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import { bufferRequest } from './native-body.ts'
import { NativeUrl } from './native-url.ts'
import { hex } from './sha256.ts'
import {
  requestSignerOn,
  SIGNER_OPTIONS,
  type ReadRequest,
  type RequestSigner,
  type SignedRequest,
  type SignerOptions,
  type SigningPlatform,
} from './request-signer.ts'
import { signerOn, type Signer, type SignerPlatform } from './signer.ts'

export { sha256Hex } from '#edge'
export { awsHostOf, regionOf, scopeFor, type AwsHost } from './host.ts'
export type { Payload } from './payload.ts'
export { presignParts, signParts, type Parts, type Signed, type SigningContext } from './sign.ts'
export { bufferRequest, NativeUrl }
export type { UrlReader, WireUrl } from './url.ts'
export type { ReadRequest, RequestSigner, SignedRequest, Signer, SignerOptions }

/** How a signer of React Native signs. */
export interface NativeSignerOptions extends SignerOptions {
  /**
   * A native SHA-256 for bodies, which returns the 32 bytes: Hermes has no compiler to machine code, so the portable hash takes
   * long for a large body. `(data) => digest(CryptoDigestAlgorithm.SHA256, data)` of `expo-crypto`; `(data) =>
   * createHash('sha256').update(data).digest()` of `react-native-quick-crypto`.
   * @default crypto.subtle if there is one, else the portable hash
   */
  sha256?: NativeHash | undefined
}

/** Hashes bytes with SHA-256. */
export type NativeHash = (
  // `Uint8Array<ArrayBuffer>`, in a form that TypeScript before 5.7 knows as well.
  data: Uint8Array & { readonly buffer: ArrayBuffer },
) => ArrayBuffer | Uint8Array | Promise<ArrayBuffer | Uint8Array>

/**
 * Creates a signer for one API, on React Native: like that of the portable entry, but with its own URL parser and reader of bodies,
 * because React Native's globals are not sufficient for either.
 *
 * Needs `Request`, `Headers` and, to read blobs, `FileReader`, which are there without a polyfill.
 *
 * @throws `TypeError` as `createSigner` of the portable entry.
 */
export function createSigner(options: NativeSignerOptions): Signer {
  checkOptions('createSigner', options, NAMES)
  return signerOn(platformOf(options), options)
}

/** Creates what signs requests without `Request` objects, on React Native: see {@link createSigner}. */
export function createRequestSigner(options: NativeSignerOptions): RequestSigner {
  checkOptions('createRequestSigner', options, NAMES)
  return requestSignerOn(platformOf(options), options)
}

const platformOf = ({ sha256 }: NativeSignerOptions): SignerPlatform => ({
  URL: NativeUrl,
  read: bufferRequest,
  hash: nativeHash(sha256),
})

/** Returns what hashes bodies with a native hash if there is one, and everything else as the portable entry does. */
export function nativeHash(sha256: NativeHash | undefined): SigningPlatform['hash'] {
  return async (data) => {
    if (!sha256 || typeof data === 'string') return hashSoon(data)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- bodies are never shared memory
    const bytes = new Uint8Array(await sha256(data as Uint8Array<ArrayBuffer>))
    if (bytes.length === 32) return hex(bytes)
    throw invalidOption(
      'createSigner',
      `"sha256" must return the 32 bytes of a SHA-256 digest, got ${bytes.length} bytes`,
    )
  }
}

const NAMES: OptionNames<NativeSignerOptions> = { ...SIGNER_OPTIONS, sha256: 'function' }

export { hashSoon, sha256Hex } from '#edge'
export { bufferRequest, readRequest, type Read } from './body.ts'
export { awsHostOf, regionOf, scopeFor, type AwsHost } from './host.ts'
export type { Payload } from './payload.ts'
export {
  createRequestSigner,
  urlSigner,
  type ReadRequest,
  type RequestSigner,
  type SignedRequest,
  type SignerOptions,
  type UrlSigner,
} from './request-signer.ts'
export { checkPresignOptions, createSigner, type PresignOptions, type Signer } from './signer.ts'
export { presignParts, signParts, type Parts, type Signed, type SigningContext } from './sign.ts'

export { hashSoon, sha256Hex } from '#edge'
export { bufferRequest, readRequest, type Buffered } from './body.ts'
export { awsHostOf, regionOf, scopeFor, type AwsHost, type SigningScope } from './host.ts'
export type { Payload } from './payload.ts'
export {
  checkExpiration,
  checkValues,
  createRequestSigner,
  credentialsNow,
  throwIfSignedOut,
  signRequest,
  type ReadRequest,
  type RequestSigner,
  type SignedRequest,
  type SignerOptions,
} from './request-signer.ts'
export { checkPresignOptions, createSigner, type PresignOptions, type Signer } from './signer.ts'
export { checkMode, checkSignedHeader } from './signed-headers.ts'
export {
  checkPresign,
  presignParts,
  signParts,
  type Parts,
  type Signed,
  type SigningContext,
} from './sign.ts'

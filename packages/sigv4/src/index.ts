export { sha256Hex } from '#edge'
export { bufferRequest, readRequest, type Read } from './body.ts'
export { awsHostOf, regionOf, scopeFor, type AwsHost } from './host.ts'
export {
  checkPresignOptions,
  createRequestSigner,
  createSigner,
  type PresignOptions,
  type ReadRequest,
  type RequestSigner,
  type SignedRequest,
  type Signer,
  type SignerOptions,
} from './signer.ts'
export { presignParts, signParts, type Parts, type Signed, type SigningContext } from './sign.ts'

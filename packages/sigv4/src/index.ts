export { sha256Hex } from '#edge'
export { bufferRequest } from './body.ts'
export { awsHostOf, regionOf, scopeFor, type AwsHost } from './host.ts'
export {
  checkPresignOptions,
  createSigner,
  type PresignOptions,
  type Signer,
  type SignerOptions,
} from './signer.ts'
export { presignParts, signParts, type Parts, type Signed, type SigningContext } from './sign.ts'

import { inject } from 'vitest'

/** What a page needs to upload through a route that IAM guards. */
export interface UploadsConfig {
  url: string
  region: string
  identityPoolId: string
  endpoint: string
  idTokens: { alice: string; bob: string }
}

declare module 'vitest' {
  interface ProvidedContext {
    originAccessControl: string
    streamingServer: string
    uploads: UploadsConfig
  }
}

/** The URL of a distribution with origin access control, for tests in a browser. */
export const originAccessControl = (): string => inject('originAccessControl')

/** The URL of a server whose responses tests write piece by piece, for tests in a browser. */
export const streamingServer = (): string => inject('streamingServer')

/** A local stack with a route that presigns uploads, for tests in a browser. */
export const uploads = (): UploadsConfig => inject('uploads')

import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    originAccessControl: string
    streamingServer: string
  }
}

/** The URL of a distribution with origin access control, for tests in a browser. */
export const originAccessControl = (): string => inject('originAccessControl')

/** The URL of a server whose responses tests write piece by piece, for tests in a browser. */
export const streamingServer = (): string => inject('streamingServer')

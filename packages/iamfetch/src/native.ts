import {
  bufferRequest,
  createSigner,
  NativeUrl,
  type NativeHash,
  type Signer,
} from '@iamfetch/sigv4/native'
import { tooLate } from './attempts.ts'
import {
  createIamFetch as createOnWeb,
  type IamFetchOptions,
  type SignerContext,
} from './iam-fetch.ts'
import { withIdToken as withIdTokenOnWeb } from './id-token.ts'
import type { Platform } from './platform.ts'
import { sendNatively, type Send } from './native-send.ts'
import { createTokenFetch as createTokenOnWeb, type TokenFetchOptions } from './token-fetch.ts'
import { signedWebSocketUrl as signOnWeb, type WebSocketUrlOptions } from './web-socket.ts'

export * from './index.ts'
export {
  bufferRequest,
  createSigner,
  NativeUrl,
  type NativeHash,
  type NativeSignerOptions,
} from '@iamfetch/sigv4/native'
export {
  followAppState,
  identityStoreIn,
  type AppStates,
  type AsyncStorage,
  type SecureStorage,
} from '@iamfetch/cognito/native'

/** As for `createIamFetch` of `iamfetch`, and a native hash. */
export interface NativeIamFetchOptions extends IamFetchOptions {
  /** A native SHA-256 for bodies, of `expo-crypto` say. @default as for `createSigner` of `@iamfetch/sigv4/native` */
  sha256?: NativeHash | undefined
}

/**
 * Makes a `fetch` that signs each request, on React Native: the `createIamFetch` of `iamfetch`, standing on what React
 * Native has.
 *
 * Follows no redirect where `fetch` is Expo's. React Native's own follows them before anybody is asked; the answer is
 * refused then.
 *
 * @returns A function to put in place of `fetch`; it throws what that of `iamfetch` throws.
 * @throws `TypeError` as that of `iamfetch`.
 */
export const createIamFetch = (options: NativeIamFetchOptions): typeof globalThis.fetch => {
  const { sha256 } = options
  const signer: (context: NativeSignerContext) => Signer = options.signer ?? createSigner
  return withReasons(options, (fetch) =>
    createOnWeb({
      ...options,
      signer: (context) => signer({ ...context, sha256 }),
      ...native,
      fetch,
    }),
  )
}

/**
 * Makes the `signer` of a `createIamFetch` that sends the user's ID token along, on React Native: that of
 * `iamfetch/id-token`, signing with `createSigner` of `@iamfetch/sigv4/native` and the `sha256` of the `createIamFetch`.
 *
 * @param idToken  What it throws ends the call; nothing is sent then. What is no JSON Web Token is `TOKEN_INVALID`.
 */
export const withIdToken = (idToken: () => Promise<string>): ((context: SignerContext) => Signer) =>
  withIdTokenOnWeb(idToken, createSigner)

/** What a signer is made of; the native hash goes along. */
interface NativeSignerContext extends SignerContext {
  sha256?: NativeHash | undefined
}

/** Makes a `fetch` that sends `Authorization: Bearer`, on React Native. See {@link createIamFetch}. */
export const createTokenFetch = (options: TokenFetchOptions): typeof globalThis.fetch =>
  withReasons(options, (fetch) => createTokenOnWeb({ ...options, ...native, fetch }))

/** Signs the URL of a WebSocket API, on React Native. */
export const signedWebSocketUrl = (options: WebSocketUrlOptions): Promise<URL> =>
  signOnWeb(options, createSigner)

const native: Platform = { URL: NativeUrl, buffer: bufferRequest, any: firstOf }

/**
 * Gives calls that are ended their reason back: the `AbortController` of React Native (abort-controller 3) forgets it.
 */
function withReasons(
  { fetch, deadlineMs = Infinity }: Pick<IamFetchOptions, 'fetch' | 'deadlineMs'>,
  make: (fetch: Send) => typeof globalThis.fetch,
): typeof globalThis.fetch {
  const call = make(sendNatively(fetch))
  return async (input, init) => {
    const { signal }: RequestInit = init?.signal === undefined ? Object(input) : init
    if (signal) complete(signal)
    try {
      return await call(input, init)
    } catch (error) {
      if (error !== undefined) throw error
      throw signal?.aborted ? abortError() : tooLate(deadlineMs)
    }
  }
}

/** `AbortSignal.any`, which React Native has not, and Expo with another reason. */
function firstOf(signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController()
  const { signal } = controller
  const follow = (): void => {
    for (const one of signals) one.removeEventListener('abort', follow)
    const { reason } = signals.find(({ aborted }) => aborted)!
    controller.abort(reason)
    // Where the controller forgot it.
    if (signal.reason !== reason) Object.defineProperty(signal, 'reason', { value: reason })
  }
  for (const one of signals) one.addEventListener('abort', follow)
  if (signals.some(({ aborted }) => aborted)) follow()
  return complete(signal)
}

/** Gives a signal the one method that is asked of it later on. */
function complete(signal: AbortSignal): AbortSignal {
  const given: { throwIfAborted?: unknown } = signal
  if (!given.throwIfAborted) {
    Object.defineProperty(signal, 'throwIfAborted', {
      value() {
        if (signal.aborted) throw signal.reason
      },
    })
  }
  return signal
}

const abortError = (): Error => Object.assign(new Error('Aborted'), { name: 'AbortError' })

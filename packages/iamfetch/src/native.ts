import { checkOptions, type OptionNames } from '@iamfetch/core'
import {
  bufferRequest,
  createSigner,
  nativeHash,
  NativeUrl,
  type NativeHash,
  type Signer,
} from '@iamfetch/sigv4/native'
import {
  IAM_FETCH_OPTION_NAMES,
  iamFetchOn,
  type IamFetchOptions,
  type SignerContext,
} from './iam-fetch.ts'
import { sendNatively } from './native-send.ts'
import type { Platform } from './platform.ts'
import { TOKEN_FETCH_OPTION_NAMES, tokenFetchOn, type TokenFetchOptions } from './token-fetch.ts'
import { webSocketUrlOn, type WebSocketUrlOptions } from './web-socket.ts'

export * from './index.ts'
export { withIdToken } from './id-token.ts'
export {
  bufferRequest,
  createRequestSigner,
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

/** The options of `createIamFetch` of `iamfetch`, and a native hash. */
export interface NativeIamFetchOptions extends IamFetchOptions {
  /**
   * A native SHA-256 for bodies, for example of `expo-crypto`. Defaults to that of `createSigner` of `@iamfetch/sigv4/native`.
   */
  sha256?: NativeHash | undefined
}

const OPTION_NAMES: OptionNames<NativeIamFetchOptions> = {
  ...IAM_FETCH_OPTION_NAMES,
  sha256: 'function',
}

/**
 * Creates a `fetch` that signs each request, on React Native: the `createIamFetch` of `iamfetch`, built on what React
 * Native has.
 *
 * Expo's `fetch` follows no redirect. React Native's own follows them before it can be prevented; the response is refused then.
 *
 * @returns A function to use in place of `fetch`; it throws what that of `iamfetch` throws.
 * @throws `TypeError` as that of `iamfetch`.
 */
export function createIamFetch(options: NativeIamFetchOptions): typeof globalThis.fetch {
  checkOptions('createIamFetch', options, OPTION_NAMES)
  const { sha256, ...shared } = options
  const platform: Platform = { ...NATIVE, hash: nativeHash(sha256) }
  const given: ((context: NativeSignerContext) => Signer) | undefined = options.signer
  const signer = given && ((context: SignerContext) => given({ ...context, sha256 }))
  return withReasons(
    iamFetchOn(platform, { ...shared, signer, fetch: sendNatively(options.fetch) }),
  )
}

/** What a signer is created with, and the native hash. */
interface NativeSignerContext extends SignerContext {
  sha256?: NativeHash | undefined
}

/** Creates a `fetch` that sends `Authorization: Bearer`, on React Native. See {@link createIamFetch}. */
export function createTokenFetch(options: TokenFetchOptions): typeof globalThis.fetch {
  checkOptions('createTokenFetch', options, TOKEN_FETCH_OPTION_NAMES)
  return withReasons(tokenFetchOn(NATIVE, { ...options, fetch: sendNatively(options.fetch) }))
}

/** Signs the URL of a WebSocket API, on React Native. */
export const signWebSocketUrl = (options: WebSocketUrlOptions): Promise<URL> =>
  webSocketUrlOn(createSigner, options)

const NATIVE: Platform = {
  URL: NativeUrl,
  read: bufferRequest,
  hash: nativeHash(undefined),
  any: firstOf,
}

/**
 * Restores the reason of calls that were aborted: the `AbortController` of React Native (abort-controller 3) forgets it.
 */
function withReasons(call: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const signal =
      init?.signal === undefined && typeof input === 'object' && 'signal' in input
        ? input.signal
        : init?.signal
    if (signal) complete(signal)
    // Called at once, so that it belongs to the user who is signed in now.
    return call(input, init).catch((error: unknown) => {
      if (error !== undefined) throw error
      throw abortError()
    })
  }
}

/** `AbortSignal.any`, which React Native lacks, and which has another reason in Expo. */
function firstOf(signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController()
  const { signal } = controller
  const follow = (): void => {
    for (const source of signals) source.removeEventListener('abort', follow)
    const { reason } = signals.find(({ aborted }) => aborted)!
    controller.abort(reason)
    // Where the controller forgot it.
    if (signal.reason !== reason) Object.defineProperty(signal, 'reason', { value: reason })
  }
  for (const source of signals) source.addEventListener('abort', follow)
  if (signals.some(({ aborted }) => aborted)) follow()
  return complete(signal)
}

/** Adds to a signal the one method that is called later. */
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

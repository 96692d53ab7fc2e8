import {
  callerChanged,
  ending,
  IamFetchError,
  isSameOwner,
  ownerOf,
  unlessEnded,
  type CallCredentials,
  type Clock,
  type Credentials,
  type CredentialsProvider,
  type CredentialsSource,
  type Owner,
} from '@iamfetch/core'

/** Starts calls with the credentials of a source. */
export interface CredentialCalls {
  readonly startCall: () => CallCredentials
  /** Drops credentials that a service refused. `undefined` if nothing can replace them. */
  readonly invalidate?: ((credentials: Credentials) => void) | undefined
}

/**
 * Adapts every kind of credentials source, so that it starts calls.
 *
 * - A provider with `startCall` knows who is calling.
 * - Static credentials are used as they are; nothing can replace them.
 * - A provider with `invalidate` keeps its own cache and is called for each attempt.
 * - What a plain function returns, such as the AWS SDK's `fromCognitoIdentityPool`, which exchanges on every call, is kept until
 *   shortly before its `expiration`. Without an `expiration` the function is called for each attempt.
 *
 * For the last three the owner is the one noted on the credentials, else the identity ID. Without either it cannot be checked
 * that two attempts have the same owner.
 */
export function credentialCallsOf(source: CredentialsSource, clock: Clock): CredentialCalls {
  if (typeof source !== 'function') {
    // Whose they are is read at once: an object that is changed in place is another user's the next moment.
    return { startCall: () => startPlainCall(async () => source, ownerOf(source)) }
  }
  const invalidate = source.invalidate && ((refused: Credentials) => source.invalidate?.(refused))
  if (source.startCall) return { startCall: () => source.startCall!(), invalidate }
  if (invalidate) return { startCall: () => startPlainCall(() => source()), invalidate }
  return cachedCalls(source, clock)
}

/** Credentials are renewed this long before they expire, as by the AWS SDK, but not before nine tenths of their life. */
const RENEW_BEFORE_MS = 300_000

function cachedCalls(source: CredentialsProvider, clock: Clock): CredentialCalls {
  let held: { credentials: Credentials; renewAt: number; expiresAt: number } | undefined
  let loading: Promise<Credentials> | undefined
  let options: { forceRefresh: true } | undefined
  /** The function wraps a provider of ours, which has a cache and knows its user. A cache in front of it would not. */
  let wrapsOwned = false

  const request = async (): Promise<Credentials> => {
    const credentials = existing(await source(options))
    options = undefined
    return credentials
  }
  const load = async (): Promise<Credentials> => {
    const credentials = await request()
    wrapsOwned ||= ownerOf(credentials).signIn !== undefined
    const now = clock.now()
    const expiresAt = new Date(credentials.expiration ?? now).getTime()
    const renewAt = expiresAt - Math.min(RENEW_BEFORE_MS, (expiresAt - now) / 10)
    held = { credentials, renewAt, expiresAt }
    return credentials
  }
  const get = async (): Promise<Credentials> => {
    if (wrapsOwned) return request()
    const before = held
    if (before && clock.now() < before.renewAt) return before.credentials
    const isOfAnotherCall = loading !== undefined
    // Begun in the step in which the call starts: `clear()` may follow in the same one.
    loading ??= load().finally(() => (loading = undefined))
    const credentials = await loading.catch((error: unknown) => {
      // Credentials that still work are not given up because new ones cannot be had.
      if (before && before === held && clock.now() < before.expiresAt) return before.credentials
      throw error
    })
    if (!wrapsOwned || !isOfAnotherCall) return credentials
    // Another call began this load, perhaps when another user was signed in. If the same user is still signed in, it was this
    // user in between, too.
    const renewed = await request()
    const owner = ownerOf(credentials)
    if (owner.signIn?.error || !isSameOwner(owner, ownerOf(renewed))) throw callerChanged()
    return renewed
  }
  return {
    startCall: () => startPlainCall(get),
    invalidate(refused) {
      const isHeld = held?.credentials === refused
      if (isHeld) held = undefined
      if (isHeld || wrapsOwned) options = { forceRefresh: true }
    },
  }
}

/** A call with a function that returns credentials: the first credentials show who is calling. */
function startPlainCall(source: () => Promise<Credentials>, known?: Owner): CallCredentials {
  const ended = ending()
  let stop: (() => void) | undefined
  const request = async (): Promise<Credentials> => existing(await source())
  // Begun here, so that they are those of the user who is signed in when the call starts.
  const first = request()
  const owner = first.then((credentials) => {
    const currentOwner = known ?? ownerOf(credentials)
    stop = currentOwner.signIn?.onEnd(ended.end)
    return currentOwner
  })
  owner.catch(() => {})
  return {
    owner,
    ended,
    async get({ readAgain = false } = {}) {
      await owner
      return unlessEnded(ended, readAgain ? request() : first)
    },
    close: () => stop?.(),
  }
}

/** Some providers return nothing if no user is signed in. */
function existing(value: Credentials | undefined): Credentials {
  if (typeof value === 'object' && value !== null) return value
  throw new IamFetchError('CREDENTIALS_INCOMPLETE', '"credentials" returned no credentials.', {
    remedy: 'Sign in first; check that the function in "credentials" returns what it fetched.',
  })
}

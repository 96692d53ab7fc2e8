import {
  callerChanged,
  ending,
  fresh,
  IamFetchError,
  isSameOwner,
  ownerOf,
  unlessEnded,
  type CallCredentials,
  type Clock,
  type Credentials,
  type CredentialsProvider,
  type CredentialsSource,
} from '@iamfetch/core'

/** Starts calls with the credentials of a source. */
export interface CredentialCalls {
  readonly startCall: () => CallCredentials
  /** Drops credentials that a service refused. `undefined` if nothing can replace them. */
  readonly invalidate?: ((credentials: Credentials) => void) | undefined
}

/**
 * Makes every kind of credentials source one that starts calls.
 *
 * - A provider with `startCall` knows who is calling.
 * - Static credentials stay what they are; nothing can replace them.
 * - A provider with `invalidate` keeps its own cache and is called for each attempt.
 * - A plain function, such as the AWS SDK's `fromCognitoIdentityPool`, which exchanges on every call, is kept in
 *   `fresh` until its `expiration`. Without an `expiration` it is called for each attempt.
 *
 * For the last three the owner is the one noted on the credentials, else the identity ID. Without either it cannot be checked
 * that two attempts have the same owner.
 */
export function credentialCallsOf(source: CredentialsSource, clock: Clock): CredentialCalls {
  if (typeof source !== 'function') return { startCall: () => startPlainCall(async () => source) }
  const invalidate = source.invalidate && ((refused: Credentials) => source.invalidate?.(refused))
  if (source.startCall) return { startCall: () => source.startCall!(), invalidate }
  if (invalidate) return { startCall: () => startPlainCall(() => source()), invalidate }
  return cachedCalls(source, clock)
}

function cachedCalls(source: CredentialsProvider, clock: Clock): CredentialCalls {
  let options: { forceRefresh: true } | undefined
  /** The function wraps a provider of ours, which has a cache and knows its user. A cache in front of it would not. */
  let wrapsOwned = false
  /** The load of a call that found nothing cached, begun when the call started. */
  let begun: Promise<Credentials> | undefined
  const ask = async (): Promise<Credentials> => source(options)
  const held = fresh<Credentials>(
    async () => {
      const asked = begun ?? ask()
      begun = undefined
      const value = existing(await asked)
      options = undefined
      wrapsOwned ||= ownerOf(value).signIn !== undefined
      return { value, expiresAt: value.expiration?.getTime() ?? clock.now() }
    },
    { clock },
  )
  const askDirectly = (): Promise<Credentials> => {
    const given = options
    options = undefined
    return source(given)
  }
  const get = async (): Promise<Credentials> => {
    if (wrapsOwned) return askDirectly()
    const { state } = held.status()
    // Not a moment later: `clear()` may follow in the same step.
    if (state === 'empty' || state === 'failed') begun = ask()
    const value = await held.get()
    if (!wrapsOwned || (state !== 'loading' && state !== 'refreshing')) return value
    // Another call began this load, perhaps when another user was signed in. If the same user is still signed in, it was this
    // user in between, too.
    const own = existing(await askDirectly())
    if (ownerOf(value).signIn?.error || !isSameOwner(ownerOf(value), ownerOf(own))) {
      throw callerChanged()
    }
    return own
  }
  return {
    startCall: () => startPlainCall(get),
    invalidate(refused) {
      if (held.invalidate(refused) || wrapsOwned) options = { forceRefresh: true }
    },
  }
}

/** A call with a function that returns credentials: the first ones tell who is calling. */
function startPlainCall(source: () => Promise<Credentials>): CallCredentials {
  const ended = ending()
  let stop: (() => void) | undefined
  const ask = async (): Promise<Credentials> => existing(await source())
  // Begun here, so that they are those of the user who is signed in when the call starts.
  const first = ask()
  const owner = first.then((credentials) => {
    const found = ownerOf(credentials)
    stop = found.signIn?.onEnd(ended.end)
    return found
  })
  owner.catch(() => {})
  return {
    owner,
    ended,
    async get({ readAgain = false } = {}) {
      await owner
      return unlessEnded(ended, readAgain ? ask() : first)
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

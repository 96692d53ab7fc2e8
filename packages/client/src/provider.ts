import { fresh, type Clock, type Credentials, type CredentialsSource } from '@iamfetch/core'

/** Credentials as the attempts see them: asked for each time, and told when a service refuses them. */
export interface Provider {
  get(): Promise<Credentials>
  /** Drops these very credentials; the next `get` brings others where there are others. */
  invalidate(credentials: Credentials): void
}

/**
 * Gives every kind of credentials source one face.
 *
 * - Static credentials stay what they are; nothing can replace them.
 * - A provider with `invalidate` keeps its own cache and is asked directly.
 * - A plain function, such as the AWS SDK's `fromCognitoIdentityPool`, which exchanges on every call, is kept in
 *   `fresh` until its `expiration`. Without an `expiration` it is asked on every attempt.
 */
export function providerOf(source: CredentialsSource, clock: Clock): Provider {
  if (typeof source !== 'function') {
    return { get: () => Promise.resolve(source), invalidate: () => {} }
  }
  if (source.invalidate) {
    return { get: () => source(), invalidate: (credentials) => source.invalidate?.(credentials) }
  }
  let refused = false
  const held = fresh<Credentials>(
    async () => {
      const value = await source(refused ? { forceRefresh: true } : undefined)
      refused = false
      return { value, expiresAt: value?.expiration?.getTime() ?? clock.now() }
    },
    { clock },
  )
  return {
    get: () => held.get(),
    invalidate(credentials) {
      refused ||= held.invalidate(credentials)
    },
  }
}

import {
  fresh,
  type Clock,
  type Credentials,
  type CredentialsProvider,
  type CredentialsSource,
} from '@iamfetch/core'

/**
 * Makes every kind of credentials source a provider that is asked for each attempt.
 *
 * - Static credentials stay what they are; nothing can replace them.
 * - A provider with `invalidate` keeps its own cache and is asked directly.
 * - A plain function, such as the AWS SDK's `fromCognitoIdentityPool`, which exchanges on every call, is kept in
 *   `fresh` until its `expiration`. Without an `expiration` it is asked on every attempt.
 */
export function providerOf(source: CredentialsSource, clock: Clock): CredentialsProvider {
  if (typeof source !== 'function') return async () => source
  if (source.invalidate) return source
  let options: { forceRefresh: true } | undefined
  const held = fresh<Credentials>(
    async () => {
      const value = await source(options)
      options = undefined
      return { value, expiresAt: +(value?.expiration ?? clock.now()) }
    },
    { clock },
  )
  return Object.assign(() => held.get(), {
    invalidate(credentials: Credentials) {
      if (held.invalidate(credentials)) options = { forceRefresh: true }
    },
  })
}

import type { Clock } from '@iamfetch/core'
import type { KeyIssuer } from './issuer.ts'
import type { SetLimits } from './limits.ts'
import type { FindProfile } from './owner.ts'
import type { KeyStore } from './store.ts'

/** What every operation on keys needs. */
export interface KeyContext {
  readonly issuer: KeyIssuer
  readonly store: KeyStore
  readonly limits: SetLimits
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  /** Looks up what a user holds now, if the product can. */
  readonly findProfile?: FindProfile | undefined
  /** Forgets a key, so that this process reads it again. */
  readonly forget: (clientId: string) => void
  /** Receives what failed and was left for the sweep. */
  readonly onDeferred: (error: unknown, keyId: string) => void
}

/**
 * Does what the sweep can also do later. An error is reported and not thrown.
 *
 * @returns Whether it was done.
 */
export async function tryOrDefer(
  context: KeyContext,
  keyId: string,
  run: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    context.onDeferred(error, keyId)
    return false
  }
}

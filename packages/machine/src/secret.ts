import { IamFetchError, type Clock } from '@iamfetch/core'
import { within } from './deadline.ts'

/** A secret, with the one before it while a rotation is under way. */
export interface SecretPair {
  current: string
  /** Tried when `current` is refused. */
  previous?: string | undefined
}

/**
 * The client's secret: a text, a pair, or a function that gets either.
 *
 * The function is called before a token is requested, not on each call. `forceRefresh` is true after the
 * secret was refused: whatever cache the function has is to be left aside then.
 */
export type ClientSecret =
  | string
  | SecretPair
  | ((options: { forceRefresh: boolean }) => string | SecretPair | Promise<string | SecretPair>)

const TIMEOUT_MS = 10_000

/**
 * Makes the function that reads the secrets, the current one first.
 *
 * @throws TypeError for anything that is no {@link ClientSecret}.
 */
export function secretReader(
  secret: ClientSecret,
  clock: Clock,
): (options: { forceRefresh: boolean }) => Promise<readonly string[]> {
  if (typeof secret !== 'function') {
    const fixed = textsOf(secret)
    if (!fixed) throw new TypeError('clientSecret: a text, { current, previous } or a function')
    return () => Promise.resolve(fixed)
  }
  return async (options) => {
    let got: readonly string[] | undefined
    let cause: unknown
    try {
      const read = async (): Promise<unknown> => secret(options)
      got = textsOf(await within(clock, TIMEOUT_MS, 'Reading the client secret', read))
    } catch (error) {
      if (error instanceof IamFetchError) throw error
      cause = error
    }
    if (got) return got
    throw new IamFetchError('SECRET_UNAVAILABLE', 'The client secret could not be read.', {
      remedy: 'Look at what `clientSecret` does; it has to return a text or { current, previous }.',
      retryable: true,
      cause,
    })
  }
}

function textsOf(secret: unknown): readonly string[] | undefined {
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
  if (isText(secret)) return [secret]
  if (typeof secret !== 'object' || !secret) return undefined
  const { current, previous } = secret as Partial<SecretPair>
  if (!isText(current) || (previous !== undefined && !isText(previous))) return undefined
  return previous === undefined ? [current] : [current, previous]
}

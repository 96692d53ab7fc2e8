import {
  checkOptions,
  IamFetchError,
  invalidOption,
  isIamFetchError,
  withDeadline,
  type Clock,
  type OptionNames,
} from '@iamfetch/core'

/** A secret, with the previous one while a rotation is under way. */
export interface SecretPair {
  current: string
  /** Tried if `current` is refused. */
  previous?: string | undefined
}

/**
 * The client's secret: a text, a pair, or a function that returns either.
 *
 * The function is called before a token is requested, not on each call. `forceRefresh` is true after the secret was refused:
 * a function with a cache has to skip it then.
 */
export type ClientSecret =
  | string
  | SecretPair
  | ((options: { forceRefresh: boolean }) => string | SecretPair | Promise<string | SecretPair>)

/** Reads the secrets, the current one first. */
export type SecretReader = (options: { forceRefresh: boolean }) => Promise<readonly string[]>

const TIMEOUT_MS = 10_000
const PAIR_NAMES: OptionNames<SecretPair> = { current: true, previous: true }

/**
 * Creates the function that reads the secrets.
 *
 * @throws `TypeError` for anything that is not a {@link ClientSecret}.
 */
export function secretReader(secret: ClientSecret, clock: Clock): SecretReader {
  if (typeof secret !== 'function') {
    if (typeof secret === 'object' && secret !== null) {
      checkOptions('machineToken: "clientSecret"', secret, PAIR_NAMES)
    }
    const fixed = textsOf(secret)
    if (!fixed) throw wrongSecret(secret)
    return () => Promise.resolve(fixed)
  }
  return async (options) => {
    let texts: readonly string[] | undefined
    let cause: unknown
    try {
      const read = async (): Promise<unknown> => secret(options)
      texts = textsOf(await withDeadline(clock, TIMEOUT_MS, 'Reading the client secret', read))
    } catch (error) {
      if (isIamFetchError(error)) throw error
      cause = error
    }
    if (texts) return texts
    throw new IamFetchError('SECRET_UNAVAILABLE', 'The client secret could not be read.', {
      remedy:
        'Check the function that you passed as "clientSecret". It must return a text or { current, previous }.',
      retryable: true,
      cause,
    })
  }
}

/** What is there instead of a secret may be one in another form, so it is not shown. */
function wrongSecret(secret: unknown): TypeError {
  // Without the option it is empty, as with an environment variable that is not set.
  if (secret === '') {
    return invalidOption(
      'machineToken',
      '"clientSecret" is missing or empty; it must be a text, { current, previous }, or a function that returns either',
    )
  }
  return invalidOption(
    'machineToken',
    '"clientSecret" must be a text, { current, previous }, or a function that returns either',
  )
}

function textsOf(secret: unknown): readonly string[] | undefined {
  if (isText(secret)) return [secret]
  if (typeof secret !== 'object' || secret === null) return undefined
  const { current, previous }: { current?: unknown; previous?: unknown } = secret
  if (!isText(current)) return undefined
  if (previous === undefined) return [current]
  return isText(previous) ? [current, previous] : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

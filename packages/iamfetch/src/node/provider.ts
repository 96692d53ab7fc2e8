import {
  fresh,
  IamFetchError,
  jsonObject,
  type Clock,
  type Credentials,
  type CredentialsProvider,
} from '@iamfetch/core'

/** What a source of credentials returns. */
export interface SourcedCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** When they expire. `undefined` for keys without an expiry. */
  readonly expiration?: Date | undefined
}

/**
 * Creates a provider that requests credentials from a source when they are missing or about to expire, and keeps them in between.
 *
 * Concurrent calls share one request; credentials are renewed in the background from about 75 % of their life.
 *
 * @param load  Requests credentials from the source. Its signal aborts when the result is no longer wanted.
 */
export function cachedProvider(
  load: (signal: AbortSignal) => Promise<SourcedCredentials>,
  clock: Clock,
): CredentialsProvider {
  const slot = fresh<Credentials>(
    async ({ signal }) => {
      const sourced = await load(signal)
      const expiresAt = sourced.expiration?.getTime() ?? Infinity
      return { value: withHiddenSecrets(sourced), expiresAt }
    },
    { clock },
  )
  const provider: CredentialsProvider = (options) =>
    slot.get({ forceRefresh: options?.forceRefresh })
  provider.invalidate = (credentials) => void slot.invalidate(credentials)
  return provider
}

/** Credentials whose secrets can be read but are not in JSON, in an inspection or in a copy by spreading. */
export function withHiddenSecrets(sourced: SourcedCredentials): Credentials {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = sourced
  const shown = { accessKeyId, ...(expiration && { expiration }) }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the two getters complete the type
  return Object.defineProperties(shown, {
    secretAccessKey: { get: () => secretAccessKey },
    ...(sessionToken && { sessionToken: { get: () => sessionToken } }),
  }) as unknown as Credentials
}

/** The error of a source that has no credentials. */
export function unavailable(
  message: string,
  remedy: string,
  details: { cause?: unknown; status?: number; retryable?: boolean } = {},
): IamFetchError {
  return new IamFetchError('CREDENTIALS_UNAVAILABLE', message, { remedy, ...details })
}

/**
 * Reads the four fields of a JSON document with credentials, as ECS, EKS and EC2 write them.
 *
 * @param source  Names the source in the error.
 * @throws {@link IamFetchError} `CREDENTIALS_UNAVAILABLE` if one of them is missing. Nothing of the document is quoted.
 */
export function readCredentialsDocument(text: string, source: string): SourcedCredentials {
  const document = parseObject(text)
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = document
  const expiration = typeof Expiration === 'string' ? new Date(Expiration) : undefined
  if (
    isNonEmptyText(AccessKeyId) &&
    isNonEmptyText(SecretAccessKey) &&
    isNonEmptyText(Token) &&
    expiration &&
    !Number.isNaN(expiration.getTime())
  ) {
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: Token,
      expiration,
    }
  }
  throw unavailable(
    `${source} returned a document without AccessKeyId, SecretAccessKey, Token and Expiration.`,
    'Check that a role is attached, and that the address belongs to the credentials service.',
    { retryable: true },
  )
}

/** Parses a JSON object; an empty object for everything else. */
export const parseObject = (text: string): Readonly<Record<string, unknown>> =>
  jsonObject(text) ?? {}

export const isNonEmptyText = (value: unknown): value is string =>
  typeof value === 'string' && value !== ''

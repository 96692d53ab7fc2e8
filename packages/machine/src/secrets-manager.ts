import {
  checkOptions,
  fresh,
  IamFetchError,
  invalidOption,
  readText,
  requestIdOf,
  withDeadline,
  type Clock,
  type Fresh,
  type OptionNames,
} from '@iamfetch/core'
import { knownErrorName } from './error-names.ts'
import { awsErrorName, parseJson, textField } from './response-fields.ts'
import type { SecretPair } from './secret.ts'
import { serviceUrl } from './service-url.ts'

/** Which secret, and how it is read. */
export interface SecretsManagerOptions {
  /** Name or ARN. */
  secretId: string
  /** The region of the secret, for example `eu-central-1`. */
  region: string
  /**
   * A `fetch` that signs for the service `secretsmanager`, such as one created by `createIamFetch`. Its credentials need
   * `secretsmanager:GetSecretValue` for the secret.
   */
  fetch: typeof globalThis.fetch
  /** The key in a secret that is a JSON object. Defaults to the whole text. */
  field?: string | undefined
  /** Another endpoint, for a local stack or a VPC. @default `https://secretsmanager.<region>.amazonaws.com/` */
  endpoint?: string | URL | undefined
  /** @default Date */
  clock?: Clock | undefined
}

/** Reads a client secret. Created by {@link secretsManager}. */
export type SecretsManagerSecret = (options?: { forceRefresh?: boolean }) => Promise<SecretPair>

/** A rotation is noticed by a refusal anyway. This only bounds how long an old secret is tried first. */
const KEPT_MS = 300_000
const TIMEOUT_MS = 5_000

const OWNER = 'secretsManager'
const NAMES: OptionNames<SecretsManagerOptions> = {
  secretId: true,
  region: true,
  fetch: true,
  field: true,
  endpoint: true,
  clock: true,
}

/**
 * Creates a `clientSecret` that is read from AWS Secrets Manager.
 *
 * `AWSCURRENT` is read when a token is needed and kept for five minutes; concurrent machine tokens share one request. After a
 * refusal it is read again, together with `AWSPREVIOUS`.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`. The function it returns rejects with `SECRET_UNAVAILABLE`,
 *   `DEADLINE_EXCEEDED`, `UNEXPECTED_ANSWER` for a response that is too large, or what the `fetch` threw.
 * @see [Secrets Manager: GetSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html)
 * @example
 * ```ts
 * const clientSecret = secretsManager({
 *   secretId: 'premium/reader',
 *   region: 'eu-central-1',
 *   field: 'clientSecret',
 *   fetch: iamFetch,
 * })
 * ```
 */
export function secretsManager(options: SecretsManagerOptions): SecretsManagerSecret {
  checkOptions(OWNER, options, NAMES)
  const { secretId, region, fetch, clock = Date } = options
  if (typeof secretId !== 'string' || !secretId) {
    throw invalidOption(OWNER, '"secretId" must be the name or ARN of a secret', secretId)
  }
  if (typeof fetch !== 'function') {
    throw invalidOption(OWNER, '"fetch" must be a function that signs for secretsmanager', fetch)
  }
  if (options.field !== undefined && (typeof options.field !== 'string' || !options.field)) {
    throw invalidOption(OWNER, '"field" must be the name of a key in the secret', options.field)
  }
  const url = serviceUrl(OWNER, 'secretsmanager', region, options.endpoint)

  const stage = (versionStage: string): Fresh<string | undefined> =>
    fresh(
      async ({ guard }) => {
        // A refusal, such as a missing permission, is remembered for a minute.
        guard(versionStage)
        const response = await withDeadline(clock, TIMEOUT_MS, 'Secrets Manager', (signal) =>
          getSecretValue(fetch, url, { SecretId: secretId, VersionStage: versionStage }, signal),
        )
        return { value: secretOf(response, options.field), expiresAt: clock.now() + KEPT_MS }
      },
      { clock },
    )
  const current = stage('AWSCURRENT')
  const previous = stage('AWSPREVIOUS')

  return async ({ forceRefresh = false } = {}) => {
    const [currentSecret, previousSecret] = await Promise.all([
      current.get({ forceRefresh }),
      // The previous secret is an additional help. If it cannot be read, the call continues without it.
      forceRefresh ? previous.get({ forceRefresh }).catch(() => undefined) : undefined,
    ])
    if (currentSecret === undefined) throw unavailable('ResourceNotFoundException', { status: 400 })
    if (previousSecret === undefined) return { current: currentSecret }
    return { current: currentSecret, previous: previousSecret }
  }
}

interface SecretResponse {
  status: number
  json: unknown
  requestId: string | undefined
}

async function getSecretValue(
  fetch: typeof globalThis.fetch,
  url: string,
  input: object,
  signal: AbortSignal,
): Promise<SecretResponse> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.GetSecretValue',
    },
    body: JSON.stringify(input),
    signal,
  })
  const json = parseJson(await readText(response))
  return { status: response.status, json, requestId: requestIdOf(response.headers) }
}

/** @returns The secret; `undefined` if the stage has none. */
function secretOf(response: SecretResponse, name: string | undefined): string | undefined {
  const { status, json } = response
  if (status !== 200) {
    const error = awsErrorName(json)
    if (error === 'ResourceNotFoundException') return undefined
    throw unavailable(knownErrorName(error) || `HTTP status ${status}`, response)
  }
  const text = textField(json, 'SecretString')
  if (!text) throw unavailable('the response has no SecretString', response)
  const parsed = parseJson(text)
  if (name === undefined) {
    if (typeof parsed !== 'object' || parsed === null) return text
    throw unavailable('the secret is a JSON object, and "field" is missing', response)
  }
  const secret = textField(parsed, name)
  if (!secret) throw unavailable(`the secret has no text in the field "${name}"`, response)
  return secret
}

const unavailable = (
  why: string,
  { status, requestId }: { status: number; requestId?: string | undefined },
): IamFetchError =>
  new IamFetchError('SECRET_UNAVAILABLE', `Secrets Manager returned no client secret: ${why}.`, {
    remedy:
      'Check "secretId", "region" and "field", and the permission secretsmanager:GetSecretValue (and kms:Decrypt for a customer managed key).',
    status,
    requestId,
    retryable: status >= 500 || status === 429 || why === 'ThrottlingException',
  })

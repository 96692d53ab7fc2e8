import { fresh, IamFetchError, type Clock, type Fresh } from '@iamfetch/core'
import { within } from './deadline.ts'
import type { Fetch } from './mint.ts'
import type { SecretPair } from './secret.ts'
import { serviceUrl } from './service-url.ts'
import { textField, wireName } from './source.ts'

/** Which secret, and who reads it. */
export interface SecretsManagerOptions {
  /** Name or ARN. */
  secretId: string
  /** The secret's, as `eu-central-1`. */
  region: string
  /**
   * A `fetch` that signs for the service `secretsmanager`, such as one made by `createIamFetch`. Its
   * credentials need `secretsmanager:GetSecretValue` for the secret.
   */
  fetch: Fetch
  /** The key in a secret that is a JSON object. Left out, the whole text is the client secret. */
  field?: string | undefined
  /** Another endpoint, for a local stack or a VPC. @default `https://secretsmanager.<region>.amazonaws.com/` */
  endpoint?: string | URL | undefined
  /** @default Date */
  clock?: Clock | undefined
}

/** Reads a client secret. Made by {@link secretsManager}. */
export type SecretsManagerSecret = (options?: { forceRefresh?: boolean }) => Promise<SecretPair>

/** A rotation is noticed by a refusal anyway; this only bounds how long an old secret is shown first. */
const KEPT_MS = 300_000
const TIMEOUT_MS = 5_000

/**
 * Makes a `clientSecret` that is read from AWS Secrets Manager.
 *
 * `AWSCURRENT` is read when a token is needed and kept for five minutes; any number of machine tokens that ask
 * at once share one request. After a refusal it is read anew, together with `AWSPREVIOUS`.
 *
 * @throws TypeError for options that cannot work. The function it returns rejects with `SECRET_UNAVAILABLE`,
 *   `DEADLINE_EXCEEDED` or what the `fetch` threw.
 * @see [Secrets Manager: GetSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html)
 */
export function secretsManager(options: SecretsManagerOptions): SecretsManagerSecret {
  const { secretId, region, fetch: send, clock = Date } = options
  if (typeof secretId !== 'string' || !secretId) throw new TypeError('secretId: a text is needed')
  if (typeof send !== 'function') throw new TypeError('fetch: a fetch that signs is needed')
  const url = serviceUrl('secretsmanager', region, options.endpoint)

  const stage = (versionStage: string): Fresh<string | undefined> =>
    fresh(
      async ({ guard }) => {
        // What is refused, such as a missing permission, is not asked for again for a minute.
        guard(versionStage)
        const answer = await within(clock, TIMEOUT_MS, 'Secrets Manager', async (signal) => {
          const response = await send(url, {
            method: 'POST',
            headers: {
              'content-type': 'application/x-amz-json-1.1',
              'x-amz-target': 'secretsmanager.GetSecretValue',
            },
            body: JSON.stringify({ SecretId: secretId, VersionStage: versionStage }),
            signal,
          })
          return { status: response.status, text: await response.text() }
        })
        const value = secretOf(answer, options.field)
        return { value, expiresAt: clock.now() + KEPT_MS }
      },
      { clock },
    )
  const current = stage('AWSCURRENT')
  const previous = stage('AWSPREVIOUS')

  return async ({ forceRefresh = false } = {}) => {
    const [now, before] = await Promise.all([
      current.get({ forceRefresh }),
      // The one before is a help; that it cannot be read is no reason to fail.
      forceRefresh ? previous.get({ forceRefresh }).catch(() => undefined) : undefined,
    ])
    if (now === undefined) throw unavailable('ResourceNotFoundException', 400)
    return before === undefined ? { current: now } : { current: now, previous: before }
  }
}

/** @returns The secret; `undefined` where the stage has none. Parsers' messages quote the text: none is kept. */
function secretOf(
  { status, text }: { status: number; text: string },
  name: string | undefined,
): string | undefined {
  const answer = parsed(text)
  if (status !== 200) {
    const type = wireName(textField(answer, '__type').split('#').at(-1))
    if (type === 'ResourceNotFoundException') return undefined
    throw unavailable(type, status)
  }
  const whole = textField(answer, 'SecretString')
  const secret = name === undefined ? whole : textField(parsed(whole), name)
  if (!secret) throw unavailable(name === undefined ? 'no SecretString' : 'no such field', status)
  if (name === undefined && isObject(whole)) {
    throw unavailable('a JSON object, and `field` is not given', status)
  }
  return secret
}

const isObject = (text: string): boolean => {
  const value = parsed(text)
  return typeof value === 'object' && value !== null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const unavailable = (why: string, status: number): IamFetchError =>
  new IamFetchError(
    'SECRET_UNAVAILABLE',
    `Secrets Manager gave no client secret: ${why || status}.`,
    {
      remedy:
        'Check the name of the secret, its region, `field`, and the permission secretsmanager:GetSecretValue (and kms:Decrypt for a key of your own).',
      status,
      retryable: status >= 500 || status === 429 || why === 'ThrottlingException',
    },
  )

import {
  backoffMs,
  IamFetchError,
  isIamFetchError,
  readText,
  retryAfterMs,
  serverTimeOf,
  sleep,
  withDeadline,
  type ServerClock,
} from '@iamfetch/core'
import { DEFAULT_LIFETIME_SECONDS, invalidToken } from './grant.ts'
import { parseJson } from './response-fields.ts'
import type {
  TokenEndpoint,
  TokenGrant,
  TokenParameters,
  TokenRequest,
  TokenResponse,
} from './token-endpoint.ts'

/** What is needed to request tokens. */
export interface MintOptions {
  source: TokenEndpoint
  fetch: typeof globalThis.fetch
  clock: ServerClock
  /** Called for each token that the endpoint granted, and will charge for. */
  onMinted: (durationMs: number) => void
  /** Called for each request that brought no token. */
  onRefused: (error: IamFetchError) => void
}

/** A token that was just granted. */
export interface MintedToken {
  token: string
  /** Milliseconds since the epoch, by the corrected clock: the earlier of `expires_in` and the JWT's `exp`. */
  expiresAt: number
  scopes: readonly string[]
}

const MAX_ATTEMPTS = 3
/** Includes a pre-token trigger, which may take 5 s at Cognito, and the network. */
const TIMEOUT_MS = 10_000
/** A longer `Retry-After` is not waited for: calls fail at once until it has passed. */
const MAX_WAIT_MS = 10_000
const MAX_PAUSE_MS = 3_600_000
const FIRST_BACKOFF_MS = 250

/**
 * Creates the function that requests one token: a request with a time limit, repeated if that may help, its response checked.
 *
 * `Retry-After` counts for every later call too, so a throttled endpoint is left alone until it has passed.
 */
export function minting(
  options: MintOptions,
): (parameters: TokenParameters) => Promise<MintedToken> {
  const { source, clock, onMinted, onRefused } = options
  let pause: { from: number; ms: number; error: IamFetchError } | undefined
  /** How long no request may be sent to the endpoint. A clock that is set back does not make it longer. */
  const pausedForMs = (): number => {
    if (!pause) return 0
    const sinceMs = clock.now() - pause.from
    return sinceMs < 0 ? 0 : pause.ms - sinceMs
  }

  const attempt = async (parameters: TokenParameters): Promise<MintedToken> => {
    const sentAt = clock.now()
    const request = await source.request({ ...parameters, now: sentAt })
    const response = await post(request, options)
    const tookMs = clock.now() - sentAt
    clock.learn(serverTimeOf(response.headers), sentAt)
    try {
      const grant = source.read(response)
      onMinted(tookMs)
      const createdAt = clock.now() - tookMs - ageMs(response.headers)
      return mintedToken(grant, parameters, createdAt, clock.now())
    } catch (error) {
      const waitMs = retryAfterMs(response.headers.get('retry-after'), clock.now())
      if (waitMs && isIamFetchError(error) && error.retryable) {
        pause = { from: clock.now(), ms: Math.min(waitMs, MAX_PAUSE_MS), error }
      }
      throw error
    }
  }

  return async (parameters) => {
    for (let failures = 0; ; failures++) {
      const waitMs = pausedForMs()
      if (pause && waitMs > MAX_WAIT_MS) throw pause.error
      if (waitMs > 0) await sleep(clock, waitMs)
      try {
        return await attempt(parameters)
      } catch (error) {
        if (!isIamFetchError(error)) throw error
        onRefused(error)
        if (!error.retryable || failures + 1 >= MAX_ATTEMPTS) throw error
        if (pausedForMs() <= 0)
          await sleep(clock, backoffMs(failures, { baseMs: FIRST_BACKOFF_MS }))
      }
    }
  }
}

/** Sends the request and reads the response, all of it within the time limit and the size limit of `readText`. */
function post(
  { url, headers, body }: TokenRequest,
  { fetch, clock }: MintOptions,
): Promise<TokenResponse> {
  return withDeadline(clock, TIMEOUT_MS, 'The token endpoint', async (signal) => {
    try {
      // A redirect would carry the secret to another URL.
      const init = { method: 'POST', headers, body, signal, redirect: 'manual' } as const
      const response = await fetch(url, init)
      const json = parseJson(await readText(response))
      return { status: response.status, headers: response.headers, json }
    } catch (cause) {
      if (isIamFetchError(cause, 'UNEXPECTED_ANSWER')) throw cause
      throw new IamFetchError('NETWORK_OR_CORS', 'The token endpoint could not be reached.', {
        remedy: 'Check the URL of the token endpoint and the network to it.',
        retryable: true,
        cause,
      })
    }
  })
}

/**
 * How long a cache kept the response, in milliseconds. A response that does not say so clearly counts as older than any token.
 *
 * @see [RFC 9111 §5.1](https://www.rfc-editor.org/rfc/rfc9111#section-5.1)
 */
function ageMs(headers: Headers): number {
  const age = headers.get('age')
  if (age === null) return 0
  return /^\d{1,10}$/.test(age.trim()) ? Number(age) * 1_000 : Infinity
}

function mintedToken(
  grant: TokenGrant,
  parameters: TokenParameters,
  createdAt: number,
  now: number,
): MintedToken {
  const { token, exp } = grant
  const expiresAt = Math.min(createdAt + lifetimeSeconds(grant) * 1_000, (exp ?? Infinity) * 1_000)
  // A cache on the way may return an old token with its original `expires_in`.
  if (!(expiresAt > now)) {
    throw invalidToken(
      'it has expired already',
      200,
      'Check the clock of this machine, and that no cache responds in place of the token endpoint.',
      true,
    )
  }
  const scopes = grant.scopes ?? parameters.scopes
  const missing = parameters.scopes.filter((scope) => !scopes.includes(scope))
  if (missing.length) throw scopesMissing(missing)
  return { token, expiresAt, scopes }
}

function lifetimeSeconds({ expiresIn, exp }: TokenGrant): number {
  if (expiresIn !== undefined) return expiresIn
  return exp === undefined ? DEFAULT_LIFETIME_SECONDS : Infinity
}

const scopesMissing = (missing: readonly string[]): IamFetchError =>
  new IamFetchError(
    'SCOPES_MISSING',
    `The token was granted without the requested scopes ${missing.join(' ')}.`,
    {
      remedy:
        'Allow these scopes in the settings of the app client. Cognito may leave out what is not allowed without an error.',
    },
  )

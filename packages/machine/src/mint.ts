import { backoffMs, IamFetchError, retryAfterMs, sleep, type ServerClock } from '@iamfetch/core'
import { within } from './deadline.ts'
import { notAToken } from './grant.ts'
import type { TokenAnswer, TokenAsk, TokenGrant, TokenSource } from './source.ts'

/** The part of `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A token that was just paid for. */
export interface Minted {
  token: string
  /** Milliseconds since the epoch, by the corrected clock: the earlier of `expires_in` and the JWT's `exp`. */
  expiresAt: number
  scopes: readonly string[]
}

/** What minting needs and tells. */
export interface MintOptions {
  source: TokenSource
  fetch: Fetch
  clock: ServerClock
  onMinted: (durationMs: number) => void
  onRefused: (error: IamFetchError) => void
}

const ATTEMPTS = 3
/** Room for a pre-token trigger, which Cognito gives 5 s, and the way there and back. */
const TIMEOUT_MS = 10_000
/** A longer `Retry-After` is not waited for: the call fails, and until then none leaves. */
const LONGEST_WAIT_MS = 10_000
const LONGEST_PAUSE_MS = 3_600_000
const FIRST_BACKOFF_MS = 250

/**
 * Makes the function that gets one token from a source: a request with a time limit, tried again where that
 * may help, its answer checked.
 *
 * `Retry-After` counts for every later call too, so a throttled endpoint is left alone until it is over.
 */
export function minting(options: MintOptions): (ask: TokenAsk) => Promise<Minted> {
  const { source, clock, onMinted, onRefused } = options
  let pause: { until: number; error: IamFetchError } | undefined

  const once = async (ask: TokenAsk): Promise<Minted> => {
    const sentAt = clock.now()
    const answer = await post(source.request(ask), options)
    const tookMs = clock.now() - sentAt
    clock.learn(Date.parse(answer.headers.get('date') ?? ''), sentAt)
    try {
      const grant = source.read(answer)
      onMinted(tookMs)
      return minted(grant, ask, clock.now() - tookMs, clock.now())
    } catch (error) {
      const waitMs = retryAfterMs(answer.headers.get('retry-after'), clock.now())
      if (waitMs && error instanceof IamFetchError && error.retryable) {
        pause = { until: clock.now() + Math.min(waitMs, LONGEST_PAUSE_MS), error }
      }
      throw error
    }
  }

  return async (ask) => {
    for (let attempt = 0; ; attempt++) {
      const waitMs = pause ? pause.until - clock.now() : 0
      if (pause && waitMs > LONGEST_WAIT_MS) throw pause.error
      if (waitMs > 0) await sleep(clock, waitMs)
      try {
        return await once(ask)
      } catch (error) {
        if (!(error instanceof IamFetchError)) throw error
        onRefused(error)
        if (!error.retryable || attempt + 1 >= ATTEMPTS) throw error
        const paused = pause && clock.now() < pause.until
        if (!paused) await sleep(clock, backoffMs(attempt, { baseMs: FIRST_BACKOFF_MS }))
      }
    }
  }
}

/** Sends the request and reads the answer, all of it within the time limit. */
function post(
  { url, headers, body }: ReturnType<TokenSource['request']>,
  { fetch, clock }: MintOptions,
): Promise<TokenAnswer> {
  return within(clock, TIMEOUT_MS, 'The token endpoint', async (signal) => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        signal,
        redirect: 'manual',
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, json: parsed(text) }
    } catch (cause) {
      throw new IamFetchError('NETWORK_OR_CORS', 'The token endpoint could not be reached.', {
        remedy: 'Check the URL of the source and the network to it.',
        retryable: true,
        cause,
      })
    }
  })
}

/** A parser's message quotes the text, and the text may hold a token: it is not kept. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function minted(grant: TokenGrant, ask: TokenAsk, answeredAt: number, now: number): Minted {
  const expiresAt = Math.min(
    answeredAt + grant.expiresIn * 1_000,
    grant.exp === undefined ? Infinity : grant.exp * 1_000,
  )
  // A cache on the way may hand out an old token with its original `expires_in`.
  if (expiresAt <= now) throw notAToken('it has expired already', 200, true)
  const scopes = grant.scopes ?? ask.scopes
  const missing = ask.scopes.filter((scope) => !scopes.includes(scope))
  if (missing.length) throw scopesMissing(missing)
  return { token: grant.token, expiresAt, scopes }
}

const scopesMissing = (missing: readonly string[]): IamFetchError =>
  new IamFetchError('SCOPES_MISSING', `The token was granted without ${missing.join(' ')}.`, {
    remedy:
      'Allow these scopes in the settings of the app client; Cognito may leave out what is not allowed without saying so.',
  })

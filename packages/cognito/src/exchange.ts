import { backoffMs, IamFetchError, sleep, type ServerClock } from '@iamfetch/core'
import { codeOf, refusal, type Facts } from './refusal.ts'

/** How Cognito Identity is reached. */
export interface Exchange {
  endpoint: string
  fetch: typeof globalThis.fetch | undefined
  clock: ServerClock
  random: (() => number) | undefined
  /** For each attempt, in milliseconds. */
  timeoutMs: number
}

const ATTEMPTS = 3
const FIRST_WAIT_MS = 500

/**
 * Calls one operation of Cognito Identity: at most three attempts, with full jitter, where waiting can help.
 *
 * @returns What Cognito answered.
 * @throws {@link IamFetchError} A code of the table in `refusal.ts`; the signal's reason.
 * @see [AWS: Cognito Identity API](https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_Operations.html)
 */
export async function callIdentity(
  exchange: Exchange,
  operation: string,
  input: object,
  facts: Facts,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { clock, random, timeoutMs } = exchange
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) throw signal.reason
    const sentAt = clock.now()
    const limit = new AbortController()
    const end = (): void => limit.abort(signal.reason)
    signal.addEventListener('abort', end)
    const timeOut = async (): Promise<never> => {
      await sleep(clock, timeoutMs, limit.signal)
      throw refusal('SERVICE_UNAVAILABLE', `${operation}: no answer in ${timeoutMs} ms`)
    }
    try {
      const answer = send(exchange, operation, input, limit.signal)
      return read(clock, sentAt, operation, facts, ...(await Promise.race([answer, timeOut()])))
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      const error =
        cause instanceof IamFetchError
          ? cause
          : refusal('NETWORK_OR_CORS', `${operation}: not reached`, facts, { cause })
      if (!error.retryable || attempt === ATTEMPTS) throw error
    } finally {
      end()
    }
    await sleep(clock, backoffMs(attempt - 1, { baseMs: FIRST_WAIT_MS, random }), signal)
  }
}

async function send(
  { endpoint, fetch = globalThis.fetch }: Exchange,
  operation: string,
  input: object,
  signal: AbortSignal,
): Promise<[Response, string]> {
  const response = await fetch(endpoint, {
    method: 'POST',
    // No header more: each one would have to be allowed by the preflight.
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityService.${operation}`,
    },
    body: JSON.stringify(input),
    credentials: 'omit',
    cache: 'no-store',
    // A redirect that keeps the method would carry the ID token to another host. Workers have no 'error' here.
    redirect: 'manual',
    signal,
  })
  return [response, await response.text()]
}

/** Reads the answer, and the time from it. */
function read(
  clock: ServerClock,
  sentAt: number,
  operation: string,
  facts: Facts,
  { headers, status, ok }: Response,
  body: string,
): Record<string, unknown> {
  // Cognito Identity exposes Date to CORS (captured in amplify-js#2443). An answer with an Age was kept somewhere.
  if (!headers.get('age')) clock.learn(Date.parse(headers.get('date') ?? ''), sentAt)
  let answer: Record<string, unknown> = {}
  try {
    answer = recordOf(JSON.parse(body))
  } catch {
    // What JSON.parse says quotes the text, which may hold credentials: it is not kept as the cause.
  }
  if (ok) return answer
  const message = text(answer.message) || text(answer.Message)
  const type = headers.get('x-amzn-errortype') || text(answer['__type'])
  clock.learn(Number(/expired: (\d+)/.exec(message)?.[1]) * 1_000, sentAt)
  // No token, and nothing as long as a secret access key (40 characters; a GUID has 36).
  const safe = message.replace(/eyJ[\w.-]+|[\w+/=-]{40,}/g, '…') || `HTTP ${status}`
  throw refusal(codeOf(type + message, status), `${operation}: ${safe}`, facts, {
    status,
    requestId: headers.get('x-amzn-requestid') ?? undefined,
  })
}

/** A string, or an empty one. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** An object, or an empty one. */
export const recordOf = (value: unknown): Record<string, unknown> => Object(value)

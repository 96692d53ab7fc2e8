import { backoffMs, IamFetchError, sleep, type ServerClock } from '@iamfetch/core'
import { refusal, refusedBy, type Facts } from './refusal.ts'

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
  input: Record<string, unknown>,
  facts: Facts,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptOnce(exchange, operation, input, facts, signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const again = error instanceof IamFetchError && error.retryable && attempt + 1 < ATTEMPTS
      if (!again) throw error
    }
    const { clock, random } = exchange
    await sleep(clock, backoffMs(attempt, { baseMs: FIRST_WAIT_MS, random }), signal)
  }
}

async function attemptOnce(
  { endpoint, fetch = globalThis.fetch, clock, timeoutMs }: Exchange,
  operation: string,
  input: Record<string, unknown>,
  facts: Facts,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const sentAt = clock.now()
  const limit = new AbortController()
  const onAbort = (): void => limit.abort(signal.reason)
  if (signal.aborted) throw signal.reason
  signal.addEventListener('abort', onAbort)
  const send = async (): Promise<[Response, string]> => {
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
      // A redirect that keeps the method would carry the ID token to another host.
      redirect: 'error',
      signal: limit.signal,
    })
    return [response, await response.text()]
  }
  const timeOut = async (): Promise<never> => {
    await sleep(clock, timeoutMs, limit.signal)
    throw refusal('SERVICE_UNAVAILABLE', `${operation}: no answer within ${timeoutMs} ms.`)
  }
  let response: Response
  let text: string
  try {
    ;[response, text] = await Promise.race([send(), timeOut()])
  } catch (cause) {
    if (signal.aborted || cause instanceof IamFetchError) throw cause
    throw refusal('NETWORK_OR_CORS', `${operation}: ${endpoint} was not reached.`, facts, { cause })
  } finally {
    signal.removeEventListener('abort', onAbort)
    limit.abort()
  }
  return read(clock, sentAt, operation, response, text, facts)
}

/** Reads the answer, and the time from it. */
function read(
  clock: ServerClock,
  sentAt: number,
  operation: string,
  { headers, status, ok }: Response,
  body: string,
  facts: Facts,
): Record<string, unknown> {
  // Cognito Identity exposes Date to CORS (captured in amplify-js#2443). An answer with an Age was kept somewhere.
  const date = headers.get('date')
  if (date && !headers.get('age')) clock.learn(Date.parse(date), sentAt)
  let answer: Record<string, unknown> | undefined
  try {
    const parsed: unknown = JSON.parse(body)
    if (isRecord(parsed)) answer = parsed
  } catch {
    // What JSON.parse says quotes the text, which may hold credentials: it is not kept as the cause.
  }
  if (ok) {
    if (answer) return answer
    throw refusal('UNEXPECTED_ANSWER', `${operation}: the answer is not JSON.`, facts, { status })
  }
  const message = text(answer?.message) || text(answer?.Message)
  // `ns#NotAuthorizedException`, `NotAuthorizedException:http://…`
  const type = (headers.get('x-amzn-errortype') || text(answer?.['__type']))
    .replace(/^.*#/, '')
    .replace(/:.*$/, '')
  const serverSeconds = /Token expired: (\d+) >=/.exec(message)?.[1]
  if (serverSeconds && !date) clock.learn(Number(serverSeconds) * 1_000, sentAt)
  const requestId = headers.get('x-amzn-requestid') ?? undefined
  throw refusedBy(operation, type, status, message, facts, requestId)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Whether it is a JSON object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

import { backoffMs, serverTimeOf, sleep, withTimeLimit, type ServerClock } from '@iamfetch/core'
import { codeOf, refusal, type Facts } from './refusal.ts'

/** How Cognito Identity is reached. */
export interface Exchange {
  endpoint: string
  fetch: typeof globalThis.fetch | undefined
  clock: ServerClock
  random: (() => number) | undefined
}

/**
 * Calls one operation of Cognito Identity: at most three attempts of ten seconds each, with full jitter, where waiting
 * can help.
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
  const { clock, random } = exchange
  for (let attempt = 0; ; attempt++) {
    if (signal.aborted) throw signal.reason
    const limit = new AbortController()
    const late = (): unknown => refusal('SERVICE_UNAVAILABLE', `${operation}: no answer`)
    const work = (): Promise<Record<string, unknown>> =>
      send(exchange, operation, input, facts, limit.signal)
    try {
      return await withTimeLimit(clock, 10_000, limit, late, work, limit.signal)
    } catch (cause) {
      const error = refusal('NETWORK_OR_CORS', `${operation}: not reached`, facts, { cause })
      if (!error.retryable || attempt > 1) throw error
    }
    await sleep(clock, backoffMs(attempt, { baseMs: 500, random }), signal)
  }
}

/** Sends, and reads the answer and the time from it. */
async function send(
  { clock, endpoint, fetch = globalThis.fetch }: Exchange,
  operation: string,
  input: object,
  facts: Facts,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const sentAt = clock.now()
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
  const { headers, status, ok } = response
  const body = await response.text()
  // Cognito Identity exposes Date to CORS (captured in amplify-js#2443).
  clock.learn(serverTimeOf(headers), sentAt)
  let answer: Record<string, unknown> = {}
  try {
    answer = Object(JSON.parse(body))
  } catch {
    // What JSON.parse says quotes the text, which may hold credentials: it is not kept as the cause.
  }
  if (ok) return answer
  const { __type, message = '', Message = message } = answer
  const said = String(Message)
  clock.learn(Number(/expired: (\d+)/.exec(said)?.[1]) * 1_000, sentAt)
  // No token, and nothing as long as a secret access key (40 characters; a GUID has 36).
  const safe = said.replace(/eyJ[\w.-]+|[\w+/=-]{40,}/g, '…') || `HTTP ${status}`
  const code = codeOf(`${headers.get('x-amzn-errortype')}${String(__type)}${said}`, status)
  const requestId = headers.get('x-amzn-requestid')
  throw refusal(code, `${operation}: ${safe}`, facts, { status, requestId })
}

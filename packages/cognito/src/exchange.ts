import {
  backoffMs,
  hideSecrets,
  isOffline,
  jsonObject,
  messageIn,
  readText,
  requestIdOf,
  serverTimeOf,
  sleep,
  withTimeLimit,
  type ServerClock,
} from '@iamfetch/core'
import { codeOf, refusal, type Facts } from './refusal.ts'

/** How Cognito Identity is reached. */
export interface Exchange {
  endpoint: string
  fetch: typeof globalThis.fetch | undefined
  clock: ServerClock
  random: (() => number) | undefined
}

/** How long an attempt may take, the response's body included. */
const TIMEOUT_MS = 10_000
const ATTEMPTS = 3

/** The enhanced flow's sessions last one hour, which cannot be configured (AWS: identity pools, concepts). */
const SESSION_MS = 3_600_000

/**
 * Calls one operation of Cognito Identity: at most three attempts of ten seconds each, with full jitter, if waiting
 * can help. Corrects the clock by the response.
 *
 * @returns The response's JSON object.
 * @throws {@link IamFetchError} with a code of the table in `refusal.ts`; the signal's reason.
 * @see [AWS: Cognito Identity API](https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_Operations.html)
 */
export async function callIdentity(
  exchange: Exchange,
  operation: string,
  input: object,
  facts: Facts,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const { clock, random } = exchange
  for (let attempt = 0; ; attempt++) {
    if (signal.aborted) throw signal.reason
    const late = (): unknown =>
      refusal('SERVICE_UNAVAILABLE', `${operation} did not respond within 10 seconds.`)
    try {
      return await withTimeLimit(clock, TIMEOUT_MS, late, (limit) =>
        send(exchange, operation, input, facts, limit),
      )
    } catch (cause) {
      const error = isOffline()
        ? refusal('OFFLINE', `The device is offline; ${operation} was not sent.`, facts, { cause })
        : refusal('NETWORK_OR_CORS', `${operation} could not be reached.`, facts, { cause })
      if (!error.retryable || attempt + 1 >= ATTEMPTS) throw error
    }
    await sleep(clock, backoffMs(attempt, { baseMs: 500, random }), signal)
  }
}

/** Sends once, and reads the response and the time from it. */
async function send(
  { clock, endpoint, fetch = globalThis.fetch }: Exchange,
  operation: string,
  input: object,
  facts: Facts,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const sentAt = clock.now()
  const response = await fetch(endpoint, {
    method: 'POST',
    // Each further header would have to be allowed by the preflight.
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityService.${operation}`,
    },
    body: JSON.stringify(input),
    credentials: 'omit',
    cache: 'no-store',
    // A redirect that keeps the method would send the ID token to another host. Workers have no 'error' here.
    redirect: 'manual',
    signal,
  })
  const body = jsonObject(await readText(response)) ?? {}
  const { headers, status, ok } = response
  const awsMessage = messageIn(body) ?? ''
  learnTime(clock, headers, sentAt, ok ? body : awsMessage)
  if (ok) return body
  const type = `${headers.get('x-amzn-errortype')} ${String(body['__type'])}`
  const message = hideSecrets(awsMessage.slice(0, MAX_MESSAGE)) || `HTTP ${status}`
  throw refusal(codeOf(`${type} ${awsMessage}`, status), `${operation}: ${message}`, facts, {
    status,
    requestId: requestIdOf(headers),
  })
}

/** Longer texts are not Cognito's. */
const MAX_MESSAGE = 2_000

/**
 * Corrects the clock by the `Date`, which Cognito Identity exposes to CORS (captured in amplify-js#2443). If there is none,
 * by what an error says ("Token expired: 1767225600 >= 1767225599"), or by the expiry of fresh credentials.
 *
 * A response that a cache stored tells nothing.
 */
function learnTime(
  clock: ServerClock,
  headers: Headers,
  sentAt: number,
  body: Readonly<Record<string, unknown>> | string,
): void {
  if (headers.has('age')) return
  const time = serverTimeOf(headers)
  if (!Number.isNaN(time)) {
    clock.learn(time, sentAt)
  } else if (typeof body === 'string') {
    const seconds = /Token expired: (\d{1,12})/.exec(body)?.[1]
    clock.learn(Number(seconds) * 1_000, sentAt)
  } else {
    const expiresAt = expiryIn(body['Credentials'])
    if (expiresAt === undefined) return
    // No service issues expired credentials, so this clock is fast. Otherwise it is precise enough to sign with.
    if (expiresAt <= clock.now()) clock.learn(expiresAt - SESSION_MS, sentAt)
    else clock.limit(expiresAt - SESSION_MS)
  }
}

/** The longest time for which credentials are plausible; a role's session lasts 12 hours at most. */
const MAX_LIFETIME_MS = 7 * 86_400_000

/**
 * Reads when credentials of a response expire, in milliseconds since the epoch.
 *
 * @returns `undefined` if that is not a number of seconds.
 * @see amplify-js `createGetCredentialsForIdentityClient.ts`: epoch seconds, as a number.
 */
export function expiryIn(credentials: unknown): number | undefined {
  if (typeof credentials !== 'object' || credentials === null) return undefined
  const seconds = 'Expiration' in credentials ? credentials.Expiration : undefined
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : undefined
}

/** Whether credentials with this expiry may be used: not expired, and not for longer than AWS issues any. */
export const isPlausibleExpiry = (expiresAt: number | undefined, now: number): boolean =>
  expiresAt !== undefined && expiresAt > now && expiresAt <= now + MAX_LIFETIME_MS

import { startTimeout } from '../api-gateway/timeout.ts'
import type { LambdaEndpoint, LocalHandler } from '../definition/backend.ts'
import type { Clock } from '../faults/faults.ts'

/** As long as an HTTP API waits for a function. */
const DEFAULT_TIMEOUT_SECONDS = 30

/** Lambda's limit for the result of a synchronous call. */
const LARGEST_RESULT = 6_291_556

/**
 * Creates a handler that calls a Lambda function by its `Invoke` operation, as the runtime interface emulator serves it.
 *
 * The emulator runs one invocation at a time and refuses a second one, so calls of one address wait for each other.
 *
 * @returns A handler that throws what the function threw, with its type as the name.
 * @see [AWS: Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)
 */
export function lambdaFunction(
  { url, timeoutSeconds }: LambdaEndpoint,
  clock: Clock,
): LocalHandler {
  const timeoutMs = (timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1_000
  return (event: unknown) => inTurn(url, () => invokeAt(url, event, { timeoutMs, clock }))
}

/** The last call of each address. */
const turns = new Map<string, Promise<unknown>>()

async function inTurn<T>(url: string, call: () => Promise<T>): Promise<T> {
  const previous = turns.get(url) ?? Promise.resolve()
  const result = previous.then(call, call)
  const settled = result.catch(() => {})
  turns.set(url, settled)
  await settled
  if (turns.get(url) === settled) turns.delete(url)
  return result
}

interface Limit {
  timeoutMs: number
  clock: Clock
}

async function invokeAt(url: string, event: unknown, limit: Limit): Promise<unknown> {
  const { status, functionError, text } = await send(url, event, limit)
  if (status < 200 || status > 299) {
    throw new Error(`The Lambda function at ${url} responded ${status}: ${text.slice(0, 300)}`)
  }
  if (text === '') return null
  let result: unknown
  try {
    result = JSON.parse(text)
  } catch {
    // The emulator reports a timeout as plain text with the status 200.
    throw new Error(`The Lambda function at ${url} failed: ${text.slice(0, 300)}`)
  }
  const thrown = thrownBy(result, functionError)
  if (thrown) throw thrown
  return result
}

async function send(
  url: string,
  event: unknown,
  { timeoutMs, clock }: Limit,
): Promise<{ status: number; functionError: string | null; text: string }> {
  const timeout = startTimeout(clock, timeoutMs)
  const disconnected = new AbortController()
  const { signal } = disconnected
  void timeout.over.then(() => disconnected.abort())
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
      redirect: 'error',
      signal,
    })
    const text = await response.text()
    if (Buffer.byteLength(text) > LARGEST_RESULT) {
      throw new Error(
        `The result of the Lambda function at ${url} has more than ${LARGEST_RESULT} bytes.`,
      )
    }
    const functionError = response.headers.get('x-amz-function-error')
    return { status: response.status, functionError, text }
  } catch (cause) {
    if (signal.aborted) {
      throw new Error(`The Lambda function at ${url} took over ${timeoutMs / 1_000} s.`, { cause })
    }
    if (!(cause instanceof TypeError)) throw cause
    throw new Error(`No Lambda function can be reached at ${url}. Start it.`, { cause })
  } finally {
    timeout.end()
  }
}

/**
 * What a function threw. Lambda marks it with the header `X-Amz-Function-Error`; the emulator has no such header, and its
 * result is the error alone.
 */
function thrownBy(result: unknown, functionError: string | null): Error | undefined {
  const members = typeof result === 'object' && result !== null ? { ...result } : {}
  const { errorType, errorMessage } = { errorType: undefined, errorMessage: undefined, ...members }
  const isError = typeof errorMessage === 'string' && !('statusCode' in members)
  if (functionError === null && !isError) return undefined
  // The message is the function's own: an authorizer refuses with "Unauthorized".
  const error = new Error(typeof errorMessage === 'string' ? errorMessage : JSON.stringify(result))
  error.name = typeof errorType === 'string' ? errorType : (functionError ?? 'Error')
  return error
}

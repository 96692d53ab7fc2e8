import { describeRefusal, IamFetchError } from 'iamfetch/native'

/** One line of the log. */
export interface Call {
  id: number
  method: 'GET' | 'POST'
  outcome: 'under way' | 'allowed' | 'refused' | 'failed'
  status?: number
  ms?: number
  /** What came back, or why nothing did. */
  text?: string
  /** What can be done about it. */
  remedy?: string
}

/** Sends one call and returns the outcome, a refusal with its reason. Never rejects. */
export async function makeCall(
  fetch: typeof globalThis.fetch,
  id: number,
  method: Call['method'],
  now: () => number = Date.now,
): Promise<Call> {
  const startedAt = now()
  try {
    const init: RequestInit = { method }
    if (method === 'POST') {
      init.body = JSON.stringify({ note: 'from a phone' })
      init.headers = { 'content-type': 'application/json' }
    }
    const response = await fetch('/test', init)
    const { ok, status } = response
    const told = { id, method, status, ms: now() - startedAt }
    if (ok) return { ...told, outcome: 'allowed', text: await response.text() }
    const { message } = await describeRefusal(response)
    return { ...told, outcome: status === 403 ? 'refused' : 'failed', text: message }
  } catch (error) {
    const told = { id, method, ms: now() - startedAt, outcome: 'failed' as const }
    return error instanceof IamFetchError
      ? { ...told, text: `${error.code}: ${error.message}`, remedy: error.remedy }
      : { ...told, text: String(error) }
  }
}

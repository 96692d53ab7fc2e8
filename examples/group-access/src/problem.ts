import { describeRefusal, isIamFetchError } from 'iamfetch'
import type { Explanation, ExplainOptions } from 'iamfetch/explain'

/** What a call that did not succeed means for the person who made it, and for a developer. */
export interface Problem {
  /** A sentence for the person who uses the page. */
  text: string
  /** Why, and what to change. Only in development. */
  explanation?: Explanation
  /** What the page can do about it. */
  action: 'sign-in' | 'retry'
}

/**
 * Finds the sentence for a call that did not succeed.
 *
 * @param answer  The `Response`, its body unread, or what was thrown.
 */
export async function problemOf(answer: unknown, options: ExplainOptions): Promise<Problem> {
  const isSignInOver = SIGN_IN_CODES.some((code) => isIamFetchError(answer, code))
  // A production build contains neither the explanations nor their texts.
  const explanation = import.meta.env.DEV
    ? await (await import('iamfetch/explain')).explain(answer, options)
    : undefined
  return {
    text: await textOf(answer, isSignInOver),
    action: isSignInOver ? 'sign-in' : 'retry',
    ...(explanation && { explanation }),
  }
}

const SIGN_IN_CODES = ['LOGIN_REQUIRED', 'ID_TOKEN_EXPIRED', 'ID_TOKEN_INVALID'] as const

async function textOf(answer: unknown, isSignInOver: boolean): Promise<string> {
  if (answer instanceof Response) return (await describeRefusal(answer)).userMessage
  if (isSignInOver) return 'Your sign-in has expired. Sign in again to go on.'
  return navigator.onLine
    ? 'There was no response. Try again later.'
    : 'You are offline. Try again when you have a connection.'
}

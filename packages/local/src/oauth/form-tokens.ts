import type { Clock } from '../faults/faults.ts'
import { drawText, LOWER, UPPER, type Random } from '../random.ts'

/** Ties a sign-in form to the browser and the authorization request that it was given to. */
export interface FormTokens {
  /** Creates the token of one form. */
  open(browser: string, request: string): string
  /** Uses up a token. @returns Whether it belongs to this browser and request, and has not expired. */
  take(token: string, browser: string, request: string): boolean
}

/** How long a form may be open. */
const FORM_MS = 3_600_000
/** Forms that are not sent must not fill the memory. */
const MOST = 1_000

/**
 * Creates the tokens of forms, against login CSRF: without it a page elsewhere could send the form itself, and have its
 * visitor continue as another user.
 *
 * A foreign page may read a form, but only one that belongs to no browser's cookie.
 *
 * @see [RFC 6819 §4.4.1.8](https://www.rfc-editor.org/rfc/rfc6819#section-4.4.1.8)
 */
export function createFormTokens(clock: Clock, random: Random): FormTokens {
  const open = new Map<string, { browser: string; request: string; endsAt: number }>()
  return {
    open(browser, request) {
      const [oldest] = open.keys()
      if (open.size >= MOST && oldest !== undefined) open.delete(oldest)
      const token = drawText(random, LOWER + UPPER, 40)
      open.set(token, { browser, request, endsAt: clock.now() + FORM_MS })
      return token
    },
    take(token, browser, request) {
      const form = open.get(token)
      open.delete(token)
      return form?.browser === browser && form.request === request && clock.now() < form.endsAt
    },
  }
}

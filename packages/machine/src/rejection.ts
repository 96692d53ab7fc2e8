import type { Clock } from '@iamfetch/core'
import type { StoredToken } from './stored-token.ts'

/** Which tokens an API rejected, and when a token may be dropped for it. Created by {@link rejections}. */
export interface Rejections {
  /** @returns Whether the token is to be dropped. */
  readonly reject: (token: StoredToken) => boolean
  readonly isRejected: (token: string) => boolean
  /** The `replaces` of the next token that is requested. */
  readonly replaces: () => number
  /** To be called when the rejected token has a successor. */
  readonly onReplaced: () => void
}

const KEPT_MS = 60_000
const MAX_KEPT_MS = 3_600_000
const MAX_REMEMBERED = 16

/**
 * Keeps an API that rejects every token from costing a token per call.
 *
 * A token is dropped at its first rejection. One that was requested to replace a rejected one is kept for 60 s, its
 * replacement for 120 s, and so on up to an hour. The count is stored with the token, so a fleet that shares a store has one
 * count.
 */
export function rejections(clock: Clock): Rejections {
  const rejected = new Set<string>()
  let next = 0
  return {
    reject({ token, mintedAt, replaces }) {
      const keptMs = Math.min(MAX_KEPT_MS, KEPT_MS * 2 ** (replaces - 1))
      // Also if the clock is set back, a token is not kept for longer.
      if (replaces > 0 && Math.abs(clock.now() - mintedAt) < keptMs) return false
      rejected.add(token)
      for (const oldest of rejected) {
        if (rejected.size <= MAX_REMEMBERED) break
        rejected.delete(oldest)
      }
      next = replaces + 1
      return true
    },
    isRejected: (token) => rejected.has(token),
    replaces: () => next,
    onReplaced() {
      next = 0
    },
  }
}

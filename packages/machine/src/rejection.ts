import type { Clock } from '@iamfetch/core'
import type { Entry } from './entry.ts'

/** Which tokens an API rejected, and when a token may be dropped for it. Made by {@link rejections}. */
export interface Rejections {
  /** @returns Whether the token is to be dropped. */
  readonly reject: (entry: Entry) => boolean
  readonly isRejected: (token: string) => boolean
  /** What the next token has to carry in `replaces`. */
  readonly replaces: () => number
  /** A successor is there. */
  readonly settle: () => void
}

const KEPT_MS = 60_000
const LONGEST_KEPT_MS = 3_600_000
const REJECTED_KNOWN = 16

/**
 * Keeps an API that rejects everything from costing a token per call.
 *
 * A token that came by itself is dropped at its first rejection. One that was minted to replace a rejected one
 * is kept for 60 s, its replacement for 120 s, and so on up to an hour. The count travels with the token, so a
 * fleet that shares a store shares the patience too.
 */
export function rejections(clock: Clock): Rejections {
  const rejected = new Set<string>()
  let next = 0
  return {
    reject({ token, mintedAt, replaces }) {
      const keptMs = Math.min(LONGEST_KEPT_MS, KEPT_MS * 2 ** (replaces - 1))
      if (replaces > 0 && clock.now() < mintedAt + keptMs) return false
      rejected.add(token)
      for (const oldest of rejected) {
        if (rejected.size <= REJECTED_KNOWN) break
        rejected.delete(oldest)
      }
      next = replaces + 1
      return true
    },
    isRejected: (token) => rejected.has(token),
    replaces: () => next,
    settle() {
      next = 0
    },
  }
}

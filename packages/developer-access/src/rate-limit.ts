import { sleep, type Clock } from '@iamfetch/core'
import { refuse } from './refusal.ts'

/** Waits until a call may start. */
export type RateLimit = () => Promise<void>

/**
 * Spaces out calls, so that a quota is met by waiting here and not by refusals there.
 *
 * @param perSecond  How many calls may start within a second.
 * @param maxWaitMs  A call that would have to wait longer is refused at once.
 * @throws {@link IamFetchError} `SERVICE_UNAVAILABLE`
 */
export function rateLimit(perSecond: number, clock: Clock, maxWaitMs = 20_000): RateLimit {
  const starts: number[] = []
  return async () => {
    const now = clock.now()
    // No call may wait that long: a later start is from before the clock was set back.
    const impossible = starts.findIndex((start) => start > now + maxWaitMs)
    if (impossible >= 0) starts.splice(impossible)
    const earlier = starts.at(-perSecond)
    const startAt = Math.max(now, earlier === undefined ? now : earlier + 1_000)
    if (startAt - now > maxWaitMs) {
      throw refuse('SERVICE_UNAVAILABLE', 'Too many calls to Cognito are waiting already.')
    }
    starts.push(startAt)
    if (starts.length > perSecond) starts.shift()
    if (startAt > now) await sleep(clock, startAt - now)
  }
}

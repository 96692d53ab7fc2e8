import { sleep, type Clock } from '@iamfetch/core'
import { refuse } from './refusal.ts'

/** Waits for its turn. */
export type Pace = () => Promise<void>

/**
 * Spaces out calls, so that a quota is met by waiting here and not by refusals there.
 *
 * @param perSecond  How many may start within a second.
 * @param longestMs  Whoever would have to wait longer is refused at once.
 * @throws {@link IamFetchError} `SERVICE_UNAVAILABLE`
 */
export function pace(perSecond: number, clock: Clock, longestMs = 20_000): Pace {
  const starts: number[] = []
  return async () => {
    const now = clock.now()
    const before = starts.at(-perSecond)
    const turn = Math.max(now, before === undefined ? now : before + 1_000)
    if (turn - now > longestMs) {
      throw refuse('SERVICE_UNAVAILABLE', 'Too many calls are waiting for their turn already.')
    }
    starts.push(turn)
    if (starts.length > perSecond) starts.shift()
    if (turn > now) await sleep(clock, turn - now)
  }
}

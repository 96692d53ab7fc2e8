import type { FetchEvent } from 'iamfetch'
import { CLOCK_WINDOW_MS, offInWords } from './device-clock.ts'
import { told, type Told } from './told.ts'

/** What is known of a call that succeeded. */
export interface Success {
  /** The events that `createIamFetch` reported for it. */
  events: readonly FetchEvent[]
  /** How far Cognito's clock, or the gateway's, is ahead of the device's, in milliseconds. */
  offsetMs: number
  /** When the credentials of the first attempt expired, if they had. */
  endedAt: Date | undefined
}

/** Explains what was corrected so that the call could succeed; `undefined` if nothing was. */
export function explainRecovery({ events, offsetMs, endedAt }: Success): Told | undefined {
  const replayed = events.flatMap((event) => (event.type === 'retry' ? [event.reason] : []))
  if (Math.abs(offsetMs) > CLOCK_WINDOW_MS) {
    const off = offInWords(-offsetMs)
    return told({
      tone: 'recovered',
      headline: `Allowed, although this device’s clock is ${off}.`,
      because: replayed.includes('clock')
        ? 'The first signature was refused because of the time. The gateway reported its time, and the call was signed again with it.'
        : 'Cognito reported its time with the credentials, and the call was signed with it.',
      facts: [
        ['This device says', timeOf(Date.now())],
        ['It is', timeOf(Date.now() + offsetMs)],
      ],
      change: [
        'Set the device’s clock: API Gateway takes signatures of five minutes around its own time, and not every program corrects itself.',
      ],
    })
  }
  if (endedAt || replayed.includes('token')) {
    return told({
      tone: 'recovered',
      headline: 'Allowed: your expired session was replaced.',
      because: endedAt
        ? `It had ended at ${timeOf(endedAt)}. A new one was requested before the call was sent. There is nothing to do.`
        : 'The gateway refused it before the API ran. A new one was requested and the call was sent again. There is nothing to do.',
    })
  }
  return undefined
}

/** Hours and minutes, in the user's own format. */
export const timeOf = (moment: Date | number): string =>
  new Date(moment).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

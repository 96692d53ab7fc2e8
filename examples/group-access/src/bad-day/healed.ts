import type { FetchEvent } from 'iamfetch'
import { CLOCK_WINDOW_MS, offInWords } from './device-clock.ts'
import { told, type Told } from './told.ts'

/** What is known of a call that succeeded. */
export interface Success {
  /** What `createIamFetch` told of it. */
  heard: readonly FetchEvent[]
  /** How far Cognito's clock, or the gateway's, is ahead of the device's, in milliseconds. */
  offsetMs: number
  /** When the credentials that were held at first had ended, if they had. */
  endedAt: Date | undefined
}

/** Tells what had to be healed for a call to succeed; nothing on a good day. */
export function tellHealed({ heard, offsetMs, endedAt }: Success): Told | undefined {
  const replayed = heard.flatMap((event) => (event.type === 'retry' ? [event.reason] : []))
  if (Math.abs(offsetMs) > CLOCK_WINDOW_MS) {
    const off = offInWords(-offsetMs)
    return told({
      tone: 'healed',
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
      tone: 'healed',
      headline: 'Allowed: your expired session was replaced.',
      because: endedAt
        ? `It had ended at ${timeOf(endedAt)}. A new one was requested before the call was sent. There is nothing to do.`
        : 'The gateway refused it before the API ran. A new one was requested and the call was sent again. There is nothing to do.',
    })
  }
  return undefined
}

/** As a clock on the wall shows it. */
export const timeOf = (moment: Date | number): string =>
  new Date(moment).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

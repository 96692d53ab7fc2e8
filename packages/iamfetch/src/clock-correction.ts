import { serverTimeOf, type Credentials, type ServerClock } from '@iamfetch/core'
import type { Refused } from './authorization.ts'

/** An HTTP API only says "Forbidden". Its `Date` then has to differ by this much to count: the bound of `@aws-sdk/core`. */
const SILENT_DIFFERENCE_MS = 240_000
/** After the issuer of the credentials confirmed the clock, a gateway that disagrees is not believed for this long. */
const CONFIRMED_MS = 60_000

/**
 * Creates the function that corrects the clock after a refusal.
 *
 * A gateway, or a proxy that answers in its place, may move the clock forward by a few minutes only, because a signature with
 * a later date can be replayed for longer ({@link ServerClock.follow}). For a larger difference the issuer of the credentials
 * is requested to report the time.
 *
 * @returns A function that returns whether the request should be signed again with the corrected time. Its `askIssuer` gets new
 *   credentials, which corrects the clock; `undefined` if that does not tell the time.
 */
export function clockCorrection(
  clock: ServerClock,
): (
  held: Credentials,
  refused: Refused,
  message: string,
  askIssuer: (() => Promise<unknown>) | undefined,
) => Promise<boolean> {
  let confirmedUntil = -Infinity
  // Local time, which no server moves.
  const localNow = (): number => clock.now() - clock.offsetMs

  return async (held, { response, sentAt, offsetMs }, message, askIssuer) => {
    const isSkewed = /^Signature (expired|not\s+yet)/.test(message)
    if (!isSkewed && message !== 'Forbidden') return false
    const time = reportedTime(response.headers, isSkewed ? message : '')
    if (isSkewed || Math.abs(time - clock.now()) >= SILENT_DIFFERENCE_MS) {
      // As a `Date`, because it is text where credentials come from JSON.
      const followed = clock.follow(time, sentAt, new Date(held.expiration ?? NaN).getTime())
      if (followed === 'too-late' && askIssuer && localNow() >= confirmedUntil) {
        const before = clock.offsetMs
        await askIssuer()
        if (clock.offsetMs === before) confirmedUntil = localNow() + CONFIRMED_MS
      }
    }
    // Another call may have corrected the clock first; what counts is the time that this request was signed with.
    return clock.offsetMs !== offsetMs
  }
}

/** The gateway's time: from its text, else from its `Date`. `NaN` if a cache stored the response. */
function reportedTime(headers: Headers, message: string): number {
  if (headers.has('age')) return NaN
  // `(20230803T171733Z + 5 min.)`; some services have a window of 15 minutes.
  const [, year, month, day, hour, minute, second] =
    /\((\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z [-+] \d+ min/.exec(message) ?? []
  if (second === undefined) return serverTimeOf(headers)
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

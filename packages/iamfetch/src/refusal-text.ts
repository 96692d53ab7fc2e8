import { readTextWhile, withTimeLimit, type Clock } from '@iamfetch/core'

/** A gateway's refusal has a few hundred bytes; one with a canonical request repeats URL, headers and session token. */
const MAX_CHARACTERS = 65_536
/** If the body has not arrived by then, it is not read: the caller has the response's status and headers already. */
const TIMEOUT_MS = 2_000

/**
 * Reads the text of a refusal from a copy, so that the caller's body stays whole.
 *
 * @param clock    Measures the time limit of two seconds. Not the clock of a fetch, whose sleeps are those between attempts.
 * @param accepts  Receives what has been read so far; reading ends when it returns `false`. Defaults to short JSON.
 * @returns '' for what no gateway sends: other formats, long pages, and bodies that break off or do not end in time. The rest of
 *   such a body is not read.
 */
export async function refusalText(
  response: Response,
  clock: Clock = Date,
  accepts: (text: string) => boolean = isPlausible,
): Promise<string> {
  if (response.bodyUsed || response.body?.locked) return ''
  const copy = response.clone()
  const read = withTimeLimit(
    clock,
    TIMEOUT_MS,
    () => 'late',
    (signal) => readTextWhile(copy, accepts, signal),
  )
  return read.then(
    (text) => text ?? '',
    // Too late, or the connection broke in the middle: the caller still gets the status and the headers.
    () => '',
  )
}

/** Whether a text may be the beginning of a gateway's JSON. */
const isPlausible = (text: string): boolean =>
  text.length <= MAX_CHARACTERS && (text === '' || text.startsWith('{'))

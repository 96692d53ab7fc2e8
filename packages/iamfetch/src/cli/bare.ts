import { gatewayMessage, IamFetchError } from '@iamfetch/core'

/** What a person has who sees a refusal in a browser: the body alone, or what the console said. */
export interface Bare {
  /** The answer, or the error that stands for one that the page could not read. */
  answer: Response | IamFetchError
  /** What was assumed of it, for the person. */
  assumed: string
}

/**
 * Reads a refusal that has no status line: the body of the answer, as JSON or the message of it, or the browser's words for
 * an answer that it hides.
 *
 * @returns Nothing where the text is none of these.
 */
export function readBare(text: string): Bare | undefined {
  const said = text.trim()
  if (UNREADABLE.test(said)) {
    const [url] = /https?:\/\/[^\s'"]+/.exec(said) ?? []
    const words = `${url ? `GET ${url}: ` : ''}no readable answer`
    const answer = new IamFetchError('NETWORK_OR_CORS', words, {
      remedy: 'Read the explanation below.',
    })
    return {
      answer,
      assumed: 'Taken for what a browser says of an answer that a page cannot read.',
    }
  }
  const message = messageOf(said)
  if (message === undefined) return undefined
  const [status] = STATUS.find(([, words]) => words.test(message)) ?? [403]
  return {
    answer: Response.json({ message }, { status }),
    assumed: `There is no status line: taken for the body of a ${status}. What curl -i prints, or the response headers beside it, say more.`,
  }
}

/** Chromium's, Firefox's and Safari's words, and ours. */
const UNREADABLE =
  /blocked by CORS policy|Cross-Origin Request Blocked|not allowed by Access-Control|Failed to fetch|NetworkError when attempting|^(TypeError: )?Load failed|NETWORK_OR_CORS|net::ERR_/i

/** What gateways say with another status than 403. */
const STATUS: readonly (readonly [number, RegExp])[] = [
  [401, /^(Unauthorized|The incoming token has expired)/],
  [404, /^Not ?Found/],
  [413, /^Request (Entity|body) too large/i],
  [429, /^(Too Many Requests|Limit Exceeded|Rate exceeded)/i],
  [500, /^Internal server error/i],
  [503, /^Service Unavailable/i],
]

/** What gateways are known to say; other text may be anything. */
const KNOWN =
  /^(User: |Missing ?Authentication ?Token|Forbidden|The security token|Signature |The request signature|Credential should|Authorization header requires)/

function messageOf(said: string): string | undefined {
  const message = gatewayMessage(said)
  if (message !== undefined) return message
  // Not JSON: perhaps the message alone.
  return [...STATUS.map(([, words]) => words), KNOWN].some((words) => words.test(said))
    ? said
    : undefined
}

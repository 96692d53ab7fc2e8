import { IamFetchError } from '@iamfetch/core'
import { readCorsMessage } from '../explain/cors-message.ts'
import { contentOf } from '../refusal/response-text.ts'
import { statusInPowerShell } from './powershell.ts'

/** A refusal without its status line: the body alone, or what a console prints about it. */
export interface RefusalWithoutStatusLine {
  /** The response, what the console prints about CORS, or an error in place of a response that the page could not read. */
  answer: Response | IamFetchError | string
  /** The assumption about it, as a text for the person. */
  assumed: string
}

/**
 * Reads a refusal that has no status line: the body of the response as JSON, its message alone, or the browser's words for a response that it hides.
 *
 * @returns `undefined` if the text is something else.
 */
export function readWithoutStatusLine(text: string): RefusalWithoutStatusLine | undefined {
  const pasted = text.trim()
  if (readCorsMessage(pasted)) {
    return {
      answer: pasted,
      assumed: "The input is read as what a browser's console says about CORS.",
    }
  }
  if (UNREADABLE.test(pasted)) {
    const [url] = /https?:\/\/[^\s'"]+/.exec(pasted) ?? []
    const words = `${url ? `GET ${url}: ` : ''}no readable response`
    const answer = new IamFetchError('NETWORK_OR_CORS', words, {
      remedy: 'Read the explanation below.',
    })
    return {
      answer,
      assumed:
        'The input is read as the message of a browser about a response that a page cannot read.',
    }
  }
  const body = bodyOf(pasted)
  if (body === undefined) {
    const shown = statusInPowerShell(pasted)
    return shown === undefined ? undefined : withoutBody(shown)
  }
  const { words } = contentOf(body)
  const [status] = STATUS.find(([, known]) => known.test(words)) ?? [403]
  return {
    answer: new Response(body, { status }),
    assumed: `There is no status line, so the input is read as the body of a ${status}. The output of curl -i, or the response headers together with the body, give a better explanation.`,
  }
}

/** Chromium's, Firefox's and Safari's words, and ours. */
const UNREADABLE =
  /blocked by CORS policy|Cross-Origin Request Blocked|not allowed by Access-Control|Failed to fetch|NetworkError when attempting|^(TypeError: )?Load failed|NETWORK_OR_CORS|net::ERR_/i

/** Messages of gateways with another status than 403. */
const STATUS: readonly (readonly [number, RegExp])[] = [
  [401, /^(Unauthorized|The incoming token has expired)/],
  [404, /^Not ?Found/],
  [413, /^Request (Entity|body) too large/i],
  [429, /^(Too Many Requests|Limit Exceeded|Rate exceeded)/i],
  [500, /^Internal server error/i],
  [503, /^Service Unavailable/i],
]

/** By default PowerShell shows the status alone. */
const withoutBody = (status: number): RefusalWithoutStatusLine => ({
  answer: new Response(null, { status }),
  assumed: `The input is read as a response of status ${status} whose body PowerShell does not show. Run curl.exe -i instead, or Invoke-WebRequest with -SkipHttpErrorCheck: the body contains the reason.`,
})

/** Known messages of gateways; other text may be anything. */
const KNOWN =
  /^(([A-Za-z]+: )?User: |Missing ?Authentication ?Token|Forbidden|The security token|Signature |The request signature|Credential should|Authorization header requires|Access Denied|no permissions for )/

/** The body of a response: JSON with a message, XML with a code, or a gateway's words alone, which become JSON. */
function bodyOf(text: string): string | undefined {
  const start = text.search(/[{<]/)
  for (const body of start > 0 ? [text, text.slice(start)] : [text]) {
    const { format, words } = contentOf(body)
    if (words !== '' && (format === 'json' || format === 'xml')) return body
  }
  const isKnown = [...STATUS.map(([, words]) => words), KNOWN].some((words) => words.test(text))
  return isKnown ? JSON.stringify({ message: text }) : undefined
}

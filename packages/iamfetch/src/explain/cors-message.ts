/** What a browser's console says that CORS lacks. */
export interface CorsFault {
  /** What was called, if the text tells it. */
  url?: string
  /** The page's origin, if the text tells it. */
  origin?: string
  lacks:
    | 'origin'
    | 'other-origin'
    | 'header'
    | 'method'
    | 'preflight'
    | 'preflight-redirect'
    | 'credentials'
    | 'many-origins'
    /** Firefox says "CORS request did not succeed" of a connection that failed. */
    | 'connection'
  /** The request headers or the methods that are not allowed. */
  names: readonly string[]
}

/**
 * Reads what the console of Chrome, Edge, Firefox or Safari prints about CORS, in older and newer wordings.
 *
 * @param text  One or more lines, as they were copied.
 * @returns `undefined` for any other text.
 * @see [MDN: CORS errors](https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS/Errors)
 */
export function readCorsMessage(text: string): CorsFault | undefined {
  const message = text.slice(0, MAX_LENGTH)
  if (!IS_CORS.test(message)) return undefined
  const url = firstOf(message, URLS)
  const origin = firstOf(message, ORIGINS)
  const where = { ...(url && { url }), ...(origin && { origin }) }
  const headers = namesIn(message, HEADERS)
  if (headers.length > 0) return { ...where, lacks: 'header', names: headers }
  const methods = namesIn(message, METHODS)
  if (methods.length > 0 || NO_METHOD.test(message))
    return { ...where, lacks: 'method', names: methods }
  const lacks = FAULTS.find(([phrase]) => phrase.test(message))?.[1] ?? 'origin'
  return { ...where, lacks, names: [] }
}

const MAX_LENGTH = 65_536

const IS_CORS =
  /blocked by CORS policy|Cross-Origin Request Blocked|Access-Control-Allow-(?:Origin|Headers|Methods|Credentials)|due to access control checks|Preflight response is not successful/i

const URLS = [
  /Access to (?:fetch|XMLHttpRequest|\w+) at '?(https?:\/\/[^\s']+?)'? from origin/,
  /remote resource at (https?:\/\/\S+?)\.? \(Reason/,
  /(?:cannot load|Failed to load) (https?:\/\/[^\s]+?)[.:]?(?:\s|$)/,
]

const ORIGINS = [
  /from origin '?([a-z][\w+.-]*:\/\/[^\s']+|null)/,
  /Origin '?([a-z][\w+.-]*:\/\/[^\s']+|null)'? is (?:therefore )?not allowed/,
]

const firstOf = (text: string, patterns: readonly RegExp[]): string | undefined =>
  patterns.map((pattern) => pattern.exec(text)?.[1]).find((name) => name !== undefined)

/** Header names end where HTTP's tokens end. */
const HEADERS = [
  /Request header field ([\w-]{1,100}) is not allowed by Access-Control-Allow-Headers/gi,
  /header [‘'"]([\w-]{1,100})[’'"] is not allowed according to header [‘'"]Access-Control-Allow-Headers/gi,
  /missing token [‘'"]([\w-]{1,100})[’'"] in CORS header [‘'"]Access-Control-Allow-Headers/gi,
]

const METHODS = [/Method ([A-Z]{1,20}) is not allowed by Access-Control-Allow-Methods/gi]

/** Firefox does not say which. */
const NO_METHOD = /Did not find method in CORS header/i

function namesIn(text: string, patterns: readonly RegExp[]): string[] {
  const names = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, name = '']) => name),
  )
  return [...new Set(names)]
}

const FAULTS: readonly (readonly [RegExp, CorsFault['lacks']])[] = [
  [/CORS request did not succeed/i, 'connection'],
  [/(?:contains )?multiple (?:values|CORS header)/i, 'many-origins'],
  [
    /wildcard|Access-Control-Allow-Credentials|Credential is not supported|credentials flag is true/i,
    'credentials',
  ],
  [/Redirect is not allowed for a preflight|external redirect not allowed/i, 'preflight-redirect'],
  [
    /does not have HTTP ok status|preflight response did not succeed|Preflight response is not successful/i,
    'preflight',
  ],
  [/not equal to the supplied origin|does not match|contains the invalid value/i, 'other-origin'],
]

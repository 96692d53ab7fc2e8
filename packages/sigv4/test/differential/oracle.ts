import { presignParts, signParts } from '../../src/index.ts'
import type { Case } from './requests.ts'

/** Where a signature stands. */
export type Form = 'headers' | 'query'

/** The signer of another library. */
export interface Oracle {
  readonly name: string
  /** A request as this signer is able to say it; what it would send is what ours has to sign. */
  readonly says: (one: Case) => Case
  /** The value of its `Authorization` header, or the signature that it puts into the query. */
  sign(one: Case, form: Form): Promise<string>
  /** What it gets wrong or cannot express. */
  readonly mistakes: readonly Mistake[]
}

/** A class of requests that an oracle signs in another way than AWS reads them. */
export interface Mistake {
  /** What it does, in the words of the report. */
  readonly what: string
  /** Whether a request falls into the class. As narrow as can be: no request in it may be signed alike. */
  readonly made: (one: Case, form: Form) => boolean
  /** The least that shows it: what differs from {@link plain}. */
  readonly example: Example
}

/** What is special about a request. */
export interface Example {
  method?: string
  path?: string
  query?: string
  pairs?: readonly (readonly [string, string])[]
  headers?: readonly (readonly [string, string])[]
  normalizePath?: boolean
}

/**
 * Has a request signed by both, and throws unless they agree; in the class of a known mistake, unless
 * they differ. So a class can neither hide an agreement nor swallow the corpus unseen.
 *
 * @returns The mistake, where there is one.
 */
export async function compare(
  oracle: Oracle,
  form: Form,
  given: Case,
): Promise<string | undefined> {
  const one = oracle.says(given)
  const mistake = oracle.mistakes.find(({ made }) => made(one, form))
  const ours = ourSignature(one, form)
  const theirs = await oracle.sign(one, form)
  if ((ours === theirs) === (mistake === undefined)) return mistake?.what
  throw new Error(
    mistake
      ? `${oracle.name} signs alike (${form}), although it ${mistake.what}`
      : `${oracle.name} signs otherwise (${form}):\n${ours}\n${theirs}`,
  )
}

/** What ours makes of a request. */
export const ourSignature = ({ parts, context }: Case, form: Form): string =>
  form === 'query'
    ? presignParts(parts, context).signature
    : signParts(parts, context).authorization

/** The plainest request, with what is special about an example. */
export function plain({
  headers = [],
  pairs = [],
  normalizePath = true,
  ...parts
}: Example = {}): Case {
  return {
    parts: {
      method: 'GET',
      path: '/',
      query: '',
      ...parts,
      headers: [['host', 'api.example.com'], ...headers],
    },
    pairs,
    context: {
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      region: 'eu-central-1',
      service: 'execute-api',
      at: new Date('2026-01-01T00:00:00Z'),
      payloadHash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      expiresInSeconds: 60,
      normalizePath,
      signSessionToken: true,
    },
    body: new Uint8Array(),
    bodyKind: 0,
  }
}

/** Whether a request has one of these headers. */
export const hasHeader = ({ parts }: Case, names: RegExp): boolean =>
  parts.headers.some(([name]) => names.test(name.toLowerCase()))

/** A text with all but the unreserved characters of RFC 3986 escaped. */
export const escaped = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** The mistake of all that keep a query as text. What the gateway makes of such bytes is unverified. */
export const TEXT_ONLY: Mistake = {
  what: 'reads escapes that are no UTF-8 as U+FFFD, where they go over the wire as they are',
  made: ({ pairs, parts }) =>
    pairs.some((pair) => pair.some((text) => text.includes('\ufffd'))) &&
    /%(e4|c3|ff%fe)(&|$)/i.test(parts.query),
  example: { query: 'b=%E4', pairs: [['b', '\ufffd']] },
}

/**
 * The mistake of all that take more than spaces and tabs for white space. How the gateway reads it is unverified; this is
 * how HTTP does.
 *
 * @see [RFC 9110, 5.6.3](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.3)
 */
export const WIDE_SPACE: Mistake = {
  what: 'folds a no-break space in a header into a space',
  made: ({ parts }) => parts.headers.some(([, value]) => value.includes('\u00a0')),
  example: { headers: [['a', 'b\u00a0c']] },
}

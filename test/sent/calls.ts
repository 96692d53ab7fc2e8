/* oxlint-disable typescript/no-misused-spread -- one code point each */
import * as fc from 'fast-check'

/** A call that an application might make; it goes to a page as JSON. */
export interface Call {
  method: string
  /** Path and query as the application wrote or built them. */
  target: string
  /** The parameters in the query, decoded. */
  pairs: [key: string, value: string][]
  headers: Record<string, string>
  body: { kind: BodyKind; text: string } | null
}

const BODY_KINDS = ['text', 'bytes', 'buffer', 'view', 'blob', 'params', 'stream', 'form'] as const
/** The ways to hand a body over. */
export type BodyKind = (typeof BODY_KINDS)[number]

const text = fc.string({
  unit: fc.constantFrom(...'abcXYZ019-_.~!\'()*+ &=;:@$,\\|^[]{}<>"`éሴ😀\x7f'),
  maxLength: 8,
})

// Dots that climb out of the stage are not sent, and the local gateway does not route a path that is not valid percent-encoding of UTF-8.
const path = fc
  .array(
    fc.oneof(
      text.filter((segment) => !segment.startsWith('.')),
      text.map(encodeURIComponent).filter((segment) => !segment.startsWith('.')),
      fc.constantFrom('', '.', '%2F', '%40connections', '$default', 'a%2fb', '%C3%A9', '%c3%a9'),
    ),
    { maxLength: 4 },
  )
  .map((segments) => ['/items', ...segments].join('/'))

const query = fc
  .array(
    fc.tuple(
      fc.oneof(text, fc.constantFrom('a', 'A', 'a-b', 'ids[]')).filter((key) => key !== ''),
      text,
      fc.constantFrom(
        encodeURIComponent,
        (plain: string) => encodeURIComponent(plain).replace(/%../g, (code) => code.toLowerCase()),
        (plain: string) => new URLSearchParams([['', plain]]).toString().slice(1),
        // A space at the end of a URL is not a part of it.
        (plain: string) => plain.replace(/[%&=+#]| $/g, encodeURIComponent),
      ),
    ),
    { maxLength: 6 },
  )
  .map((all) => ({
    pairs: all.map(([key, value]): [string, string] => [key, value]),
    wire: all.map(([key, value, write]) => write(key) + (value && `=${write(value)}`)).join('&'),
  }))

const headers = fc.record(
  {
    'x-amz-meta': fc.stringMatching(/^[!-~]([ -~]{0,12}[!-~])?$/),
    'x-api-key': fc.stringMatching(/^[A-Za-z0-9]{1,20}$/),
    accept: fc.constantFrom('application/json', 'text/html'),
  },
  { requiredKeys: [] },
)

/** Anything that the local gateway has a route for. */
export const calls: fc.Arbitrary<Call> = fc
  .record({
    method: fc.constantFrom('GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'POST'),
    path,
    query,
    headers,
    body: fc.option(
      fc.record({
        kind: fc.constantFrom(...BODY_KINDS),
        text: fc.string({ unit: 'grapheme', maxLength: 40 }),
      }),
      { freq: 5 },
    ),
  })
  .map(({ method, path: start, query: { pairs, wire }, headers: given, body }) => ({
    method,
    target: start + (wire && `?${wire}`),
    pairs,
    headers: given,
    body: /^(POST|PUT|PATCH)$/.test(method) ? body : null,
  }))

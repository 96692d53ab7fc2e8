/* oxlint-disable typescript/no-misused-spread -- one code point each */
import { createHash } from 'node:crypto'
import type { Credentials } from '@iamfetch/core'
import * as fc from 'fast-check'
import type { Parts, SigningContext } from '../../src/index.ts'

/** A request in the two ways to say it: as it goes over the wire, and taken apart. */
export interface Case {
  readonly parts: Parts
  readonly context: SigningContext & { service: string; expiresInSeconds: number }
  /** The parameters of the query, decoded. */
  readonly pairs: readonly (readonly [key: string, value: string])[]
  readonly body: Uint8Array<ArrayBuffer>
  /** In which of the ways that `fetch` knows the body is handed over. */
  readonly bodyKind: number
}

// Readers of a query cannot keep the first apart from a prototype; no library signs the second.
const UNSPEAKABLE = new Set(['__proto__', 'x-amz-signature'])

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom(...'abA0-_.~!\'()*+ /?&=%;:@$,\\|^[]{}<>"`#éሴ😀\0\x7f'),
    maxLength: 8,
  }),
)
/** Of the plain kind that most requests have. */
const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.~'), maxLength: 8 })
const anyText = fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: text })
const key = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom('a', 'A', 'a-b', 'b', 'q', 'ids[]', 'key', '$filter') },
  {
    weight: 12,
    arbitrary: fc.string({ unit: fc.constantFrom(...'abXY09-_.~'), minLength: 1, maxLength: 8 }),
  },
  { weight: 1, arbitrary: text },
)

/** Writes a text in one of the ways that clients write it into a query. */
const written = (plain: string, way: number): string => {
  const escaped = encodeURIComponent(plain)
  if (way === 0) return escaped
  if (way === 1) return escaped.replace(/%[\dA-F]{2}/g, (code) => code.toLowerCase())
  if (way === 2) return new URLSearchParams([['', plain]]).toString().slice(1)
  if (way === 3)
    return escaped.replace(/%..|[\w.~-]/g, (c) => (c[1] ? c : '%' + c.charCodeAt(0).toString(16)))
  return plain.replace(/[%&=+#]/g, encodeURIComponent)
}

interface Parameter {
  pairs: [string, string][]
  wire: string
}

const parameter: fc.Arbitrary<Parameter> = fc
  .tuple(key, anyText, fc.nat(4), fc.boolean())
  .filter(([name]) => !UNSPEAKABLE.has(name.toLowerCase()))
  .map(([name, value, way, bare]) => ({
    // What is neither a key nor a value is not a parameter for any library.
    pairs: name || value || !bare ? [[name, value]] : [],
    wire: written(name, way) + (bare && !value ? '' : '=' + written(value, (way + 2) % 5)),
  }))

/** Bytes that are not UTF-8: read as text they become U+FFFD. */
const bytes: fc.Arbitrary<Parameter> = fc.constantFrom('%e4', '%C3', '%ff%FE').map((wire) => ({
  wire: `b=${wire}`,
  pairs: [['b', wire.length > 3 ? '\ufffd\ufffd' : '\ufffd']],
}))

const query = fc
  .array(fc.oneof({ weight: 400, arbitrary: parameter }, { weight: 1, arbitrary: bytes }), {
    maxLength: 8,
  })
  .map((all) => ({
    pairs: all.flatMap(({ pairs }) => pairs),
    query: all.map(({ wire }) => wire).join('&'),
  }))

const path = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: word },
      { weight: 1, arbitrary: text.map((plain) => plain.replaceAll('/', '')) },
      { weight: 2, arbitrary: anyText.map(encodeURIComponent) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '',
          '.',
          '..',
          'items',
          '%2F',
          '%40connections',
          '$default',
          '%e4',
        ),
      },
    ),
    { maxLength: 6 },
  )
  .map((segments) => '/' + segments.join('/'))

const headerName = fc.oneof(
  { weight: 40, arbitrary: fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/) },
  // Every character that HTTP allows in a name (RFC 9110, 5.6.2): some mean something else in a query.
  { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,6}$/) },
  { weight: 5, arbitrary: fc.constantFrom('If-Match', 'if-match', 'Accept', 'X-Api-Key') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...'Cache-Control,Content-Type,Content-Length,Date,Range,Referer'.split(','),
      ...'User-Agent,X-Forwarded-For,Sec-Fetch-Mode,constructor'.split(','),
    ),
  },
)
const headerValue = fc.oneof(
  {
    weight: 80,
    arbitrary: fc.string({ unit: fc.constantFrom(...'ab ,:;="\t\\~é'), maxLength: 12 }),
  },
  { weight: 1, arbitrary: fc.constantFrom('a\u00a0b', '\u00a0', ' a \u00a0') },
)
const headers = fc
  .array(fc.tuple(headerName, headerValue), { maxLength: 5 })
  .map((all) => all.filter(([name]) => !/^(authorization|x-amz-.*|host)$/i.test(name)))

const credentials: fc.Arbitrary<Credentials> = fc
  .record(
    {
      accessKeyId: fc.stringMatching(/^[A-Z0-9]{16}$/),
      secretAccessKey: fc.oneof(
        fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 90 }),
      ),
      sessionToken: fc.stringMatching(/^[A-Za-z0-9/+]{1,200}={0,2}$/),
    },
    { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
  )
  .map((one) => ({ ...one, accessKeyId: (one.sessionToken ? 'ASIA' : 'AKIA') + one.accessKeyId }))

const scope = fc.record({
  credentials,
  region: fc.constantFrom('eu-central-1', 'us-gov-west-1', 'cn-north-1', 'us-iso-east-1'),
  service: fc.constantFrom('execute-api', 'lambda', 'appsync', 'vpc-lattice-svcs', 'es', 'aoss'),
  at: fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
})
/** Mostly scopes that came before, so that keys that are held are used as well as keys that are derived. */
const scopes = fc.oneof(
  { weight: 7, arbitrary: fc.constantFrom(...fc.sample(scope, { numRuns: 24, seed: 1 })) },
  { weight: 1, arbitrary: scope },
)

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

/** Anything that may be signed. */
export const anything: fc.Arbitrary<Case> = fc
  .record({
    method: fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(...METHODS) },
      { weight: 1, arbitrary: fc.constantFrom('patch', 'PROPFIND') },
    ),
    path,
    query,
    headers,
    host: fc.constantFrom(
      'abc.execute-api.eu-central-1.amazonaws.com',
      'localhost:3000',
      'api.example.com',
      'xn--bcher-kva.example',
      '[::1]:8443',
      '127.0.0.1:65535',
    ),
    amz: fc.array(
      fc.constantFrom('x-amz-target', 'X-Amz-Meta', 'x-amz-user-agent', "x-amz-a&b%+'", 'x-amz-.~'),
      { maxLength: 1 },
    ),
    body: fc.uint8Array({ maxLength: 200 }),
    bodyKind: fc.nat(),
    scope: scopes,
    expiresInSeconds: fc.integer({ min: 1, max: 300 }),
    normalizePath: fc.oneof({ weight: 7, arbitrary: fc.constant(true) }, fc.constant(false)),
    signSessionToken: fc.oneof({ weight: 7, arbitrary: fc.constant(true) }, fc.constant(false)),
  })
  .map(({ method, host, amz, body, bodyKind, scope: signs, ...rest }) => ({
    parts: {
      method,
      path: rest.path,
      query: rest.query.query,
      headers: [
        ['Host', host] as const,
        ...rest.headers,
        ...amz.map((name) => [name, 'a  b '] as const),
      ],
    },
    context: {
      ...signs,
      expiresInSeconds: rest.expiresInSeconds,
      normalizePath: rest.normalizePath,
      signSessionToken: rest.signSessionToken,
      payloadHash: createHash('sha256').update(body).digest('hex'),
    },
    pairs: rest.query.pairs,
    body,
    bodyKind,
  }))

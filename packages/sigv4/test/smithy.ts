/* oxlint-disable typescript/no-unsafe-type-assertion, typescript/no-misused-spread -- test data */
import { createHash, createHmac } from 'node:crypto'
import type { Credentials } from '@iamfetch/core'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import * as fc from 'fast-check'
import type { Parts, SigningContext } from '../src/index.ts'

/** `node:crypto` in the shape that smithy asks for. */
export class NodeSha256 {
  private readonly hash
  constructor(secret?: unknown) {
    this.hash = secret ? createHmac('sha256', secret as Uint8Array) : createHash('sha256')
  }
  update(data: Uint8Array): void {
    this.hash.update(data)
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest())
  }
}

/** A request in the two ways to say it: as it goes over the wire, and taken apart. */
export interface Case {
  parts: Parts
  context: SigningContext & { service: string }
  pairs: [string, string][]
  body: Uint8Array
}

const NAMELESS = new Set(['__proto__', 'x-amz-signature'])
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom(...'abA0-_.~!\'()*+ /?&=%;:@$,\\|^[]{}<>"`#éሴ😀\0\x7f'),
    maxLength: 8,
  }),
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

const query = fc
  .array(
    fc.tuple(
      fc.oneof(text, fc.constantFrom('a', 'A', 'a-b', 'q', 'ids[]', '')),
      text,
      fc.nat(4),
      fc.boolean(),
    ),
    { maxLength: 8 },
  )
  .map((all) => all.filter(([key]) => !NAMELESS.has(key.toLowerCase())))
  .map((all) => ({
    pairs: all
      // What is neither a key nor a value is no parameter to anybody.
      .filter(([key, value, , bare]) => key || value || !bare)
      .map(([key, value]): [string, string] => [key, value]),
    query: all
      .map(
        ([key, value, way, bare]) =>
          written(key, way) + (bare && !value ? '' : '=' + written(value, (way + 2) % 5)),
      )
      .join('&'),
  }))

const path = fc
  .array(
    fc.oneof(
      text.map((plain) => plain.replaceAll('/', '')),
      text.map(encodeURIComponent),
      fc.constantFrom('', '.', '..', 'items', '%2F', '%40connections', '$default', '%e4'),
    ),
    { maxLength: 6 },
  )
  .map((segments) => '/' + segments.join('/'))

const headers = fc
  .uniqueArray(
    fc.tuple(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/),
      fc.string({ unit: fc.constantFrom(...'ab ,:;="\t\\~é'), maxLength: 12 }),
    ),
    { selector: ([name]) => name.toLowerCase(), maxLength: 6 },
  )
  // What smithy never signs, whatever it is given.
  .map((all) =>
    all.filter(
      ([name]) =>
        !/^(date|authorization|x-amz-.*|host|from|te|pragma|expect|(sec|proxy)-.*)$/i.test(name),
    ),
  )

export const credentials: fc.Arbitrary<Credentials> = fc.record(
  {
    accessKeyId: fc.stringMatching(/^AKIA[A-Z0-9]{16}$/),
    secretAccessKey: fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 90 }),
    ),
    sessionToken: fc.stringMatching(/^[A-Za-z0-9/+]{1,200}={0,2}$/),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
)

/** Anything that may be signed. */
export const anything: fc.Arbitrary<Case> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
    path,
    query,
    headers,
    host: fc.constantFrom(
      'abc.execute-api.eu-central-1.amazonaws.com',
      'localhost:3000',
      'api.example.com',
    ),
    amz: fc.array(fc.constantFrom('x-amz-target', 'X-Amz-Meta', 'x-amz-user-agent'), {
      maxLength: 1,
    }),
    body: fc.uint8Array({ maxLength: 200 }),
    credentials,
    region: fc.constantFrom('eu-central-1', 'us-gov-west-1', 'cn-north-1'),
    service: fc.constantFrom('execute-api', 'lambda', 'appsync', 'vpc-lattice-svcs', 'es', 'aoss'),
    at: fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
    expiresInSeconds: fc.integer({ min: 1, max: 300 }),
  })
  .map(({ method, host, amz, body, ...rest }) => ({
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
      credentials: rest.credentials,
      region: rest.region,
      service: rest.service,
      at: rest.at,
      expiresInSeconds: rest.expiresInSeconds,
      payloadHash: createHash('sha256').update(body).digest('hex'),
    },
    pairs: rest.query.pairs,
    body,
  }))

function requestOf({ parts, pairs, body }: Case): HttpRequest {
  const bag: Record<string, string[]> = {}
  for (const [key, value] of pairs) {
    if (Object.hasOwn(bag, key)) bag[key]!.push(value)
    else bag[key] = [value]
  }
  const { method, path: target, headers: all } = parts
  return new HttpRequest({
    method,
    path: target,
    query: bag,
    headers: Object.fromEntries(all),
    body,
  })
}

const signerOf = ({ context: { credentials: keys, region, service } }: Case): SignatureV4 =>
  new SignatureV4({
    credentials: keys,
    region,
    service,
    sha256: NodeSha256,
    applyChecksum: false,
  })

/** What AWS's own signer makes of it: the value of the Authorization header. */
export async function smithyAuthorization(one: Case): Promise<string> {
  const { headers: all } = await signerOf(one).sign(requestOf(one), { signingDate: one.context.at })
  return all['authorization']!
}

/** The same in a query. */
export async function smithySignature(one: Case): Promise<string> {
  const signed = await signerOf(one).presign(requestOf(one), {
    signingDate: one.context.at,
    expiresIn: one.context.expiresInSeconds!,
    unhoistableHeaders: new Set(one.parts.headers.map(([name]) => name.toLowerCase())),
  })
  return String(signed.query!['X-Amz-Signature'])
}

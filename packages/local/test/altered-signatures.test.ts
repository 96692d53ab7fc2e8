import { expect, test } from 'vitest'
import { openApi, signedRequests, type Wire } from './support/alter.ts'

/** Each alters a signed request by hand, in one way that an attacker might try. */
type Alter = (wire: Wire) => Wire

const withHeader =
  (name: string, change: (value: string) => string): Alter =>
  (wire) => ({
    ...wire,
    headers: wire.headers.map(([key, value]) => [
      key,
      key.toLowerCase() === name ? change(value) : value,
    ]),
  })
const without =
  (name: string): Alter =>
  (wire) => ({ ...wire, headers: wire.headers.filter(([key]) => key.toLowerCase() !== name) })
const adding =
  (name: string, value: string): Alter =>
  (wire) => ({ ...wire, headers: [...wire.headers, [name, value]] })
const authorization = (change: (value: string) => string): Alter =>
  withHeader('authorization', change)
const signature = (change: (value: string) => string): Alter =>
  authorization((value) => value.replace(/[\da-f]{64}$/, change))
const credential = (index: number, part: string): Alter =>
  authorization((value) =>
    value.replace(/(?<=Credential=)[^,]*/, (found) => found.split('/').with(index, part).join('/')),
  )
const target =
  (change: (value: string) => string): Alter =>
  (wire) => ({ ...wire, target: change(wire.target) })
const parameter = (name: string, change: (value: string) => string): Alter =>
  target((value) => value.replace(new RegExp(`(?<=${name}=)[^&]*`), (found) => change(found)))
const body =
  (text: string): Alter =>
  (wire) => ({ ...wire, body: new TextEncoder().encode(text) })

/** Of a POST whose signature is in its headers. */
const IN_HEADERS: Record<string, Alter> = {
  'no signature': signature(() => ''),
  'a signature of zeros': signature(() => '0'.repeat(64)),
  'the signature in capitals': signature((it) => it.toUpperCase()),
  'the signature without its last digit': signature((it) => it.slice(0, -1)),
  'the signature with one digit more': signature((it) => `${it}0`),
  'the signature with its first digit changed': signature(
    (it) => (it.startsWith('0') ? '1' : '0') + it.slice(1),
  ),
  'the signature reversed': signature((it) => Array.from(it).toReversed().join('')),
  'the signature in base64': signature((it) => Buffer.from(it, 'hex').toString('base64')),
  'the signature followed by NUL': signature((it) => `${it}\0`),
  'the signature twice': authorization((it) => `${it}, Signature=${'0'.repeat(64)}`),
  'no Authorization': without('authorization'),
  'an empty Authorization': authorization(() => ''),
  'two Authorizations': adding('authorization', 'AWS4-HMAC-SHA256 Credential=x'),
  'the algorithm in small letters': authorization((it) => it.replace('AWS4-HMAC', 'aws4-hmac')),
  'another algorithm': authorization((it) => it.replace('SHA256', 'SHA1')),
  'the algorithm none': authorization((it) => it.replace('AWS4-HMAC-SHA256', 'none')),
  'the asymmetric algorithm': authorization((it) =>
    it.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
  ),
  'another access key': credential(0, 'ASIAOTHEROTHEROTHER1'),
  'no access key': credential(0, ''),
  'another day': credential(1, '20260602'),
  'another region': credential(2, 'us-east-1'),
  'the region *': credential(2, '*'),
  'another service': credential(3, 'lambda'),
  'another end of the scope': credential(4, 'aws4_reques'),
  'no signed headers': authorization((it) => it.replace(/SignedHeaders=[^,]*/, 'SignedHeaders=')),
  'host not signed': authorization((it) => it.replace(/\bhost;/, '')),
  'the token not signed': authorization((it) => it.replace(';x-amz-security-token', '')),
  'the signed headers in another order': authorization((it) =>
    it.replace(/(?<=SignedHeaders=)[^,]*/, (names) => names.split(';').toReversed().join(';')),
  ),
  'a signed header that is not there': authorization((it) =>
    it.replace('SignedHeaders=', 'SignedHeaders=x-none;'),
  ),
  'no date': without('x-amz-date'),
  'a second later': withHeader('x-amz-date', (it) => it.replace('00Z', '01Z')),
  'another form of the date': withHeader('x-amz-date', () => 'Mon, 01 Jun 2026 11:59:00 GMT'),
  'a date of last year': withHeader('x-amz-date', (it) => it.replace('2026', '2025')),
  'two dates': adding('x-amz-date', '20260601T115900Z'),
  'no session token': without('x-amz-security-token'),
  'a session token that ends earlier': withHeader('x-amz-security-token', (it) => it.slice(0, -1)),
  'another host': withHeader('host', () => 'evil.example'),
  'the host with another port': withHeader('host', () => '127.0.0.1:9001'),
  'another method': (wire) => ({ ...wire, method: 'PUT' }),
  'another path': target(() => '/test2'),
  'a slash at the end of the path': target((it) => `${it}/`),
  'a query': target((it) => `${it}?admin=1`),
  'another body': body('{"amount":1000,"to":"bob"}'),
  'no body': body(''),
  'a blank at the end of the body': body('{"amount":10,"to":"bob"} '),
  'an x-amz header more': adding('x-amz-meta', '1'),
  'an unsigned payload': adding('x-amz-content-sha256', 'UNSIGNED-PAYLOAD'),
}

/** Of a GET whose signature is in its query. */
const IN_QUERY: Record<string, Alter> = {
  'a longer life': target((it) => `${it}&X-Amz-Expires=604800`),
  'no signature in the query': parameter('X-Amz-Signature', () => ''),
  'a second signature': target((it) => `${it}&X-Amz-Signature=${'0'.repeat(64)}`),
  'a second date': target((it) => `${it}&X-Amz-Date=20260601T120000Z`),
  'a parameter more': target((it) => `${it}&admin=1`),
  'another scope in the query': parameter('X-Amz-Credential', (it) =>
    it.replace('20260601', '20260602'),
  ),
}

test('these are 53 alterations', () => {
  expect(Object.keys({ ...IN_HEADERS, ...IN_QUERY })).toHaveLength(53)
})

test.each([
  ...Object.entries(IN_HEADERS).map(([name, alter]) => [name, 2, alter] as const),
  ...Object.entries(IN_QUERY).map(([name, alter]) => [name, 5, alter] as const),
])('a signed request with %s is refused, and no handler sees it', async (_, index, alter) => {
  const api = openApi()
  const wire = (await signedRequests())[index]!
  const altered = alter(wire)
  expect(altered).not.toEqual(wire)
  expect([400, 403]).toContain((await api.try(altered)).status)
  expect(api.calls()).toBe(0)
  expect((await api.try(wire)).status).toBe(200)
})

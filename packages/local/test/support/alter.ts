import { AwsClient } from 'aws4fetch'
import type { Gateway } from '../../src/api-gateway/gateway.ts'
import type { RawRequest } from '../../src/http/raw-request.ts'
import type { ApiDefinition, RouteDefinition } from '../../src/definition/api.ts'
import { allow, iam, makeApi, sessionOf } from './serve-api.ts'

const NOW = Date.UTC(2026, 5, 1, 12)
const expiresAt = NOW + 3_600_000
const everything = allow('*')
const owner = sessionOf('owner', everything, { expiresAt })
const other = sessionOf('other', everything, { expiresAt })
/** A role of `roles`, as a service has it. */
const service = sessionOf('service', everything, { expiresAt, identity: undefined, name: 'worker' })

/** A request as it goes over the wire, easy to alter. */
export interface Wire {
  method: string
  target: string
  headers: [name: string, value: string][]
  body: Uint8Array
}

/** What happened to a wire request. */
export interface Outcome {
  status: number
  reason: string
}

/**
 * What is attacked: an HTTP API as a user, or a REST API as a service, whose resource policy allows everybody everything, and
 * whose body of bytes goes in as base64.
 */
export type Attacked = 'http' | 'rest'

const APIS: Record<Attacked, (handler: RouteDefinition['handler']) => ApiDefinition> = {
  http: (handler) => ({
    type: 'http',
    routes: { 'ANY /{proxy+}': iam(handler), $default: iam(handler) },
  }),
  rest: (handler) => ({
    type: 'rest',
    binaryMediaTypes: ['*/*'],
    resourcePolicy: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: '*',
        Action: 'execute-api:Invoke',
        Resource: 'execute-api:/*',
      },
    },
    routes: { 'ANY /{proxy+}': iam(handler), 'ANY /': iam(handler) },
  }),
}

/**
 * An API that lets every role do everything on every path, so that nothing but the verification of the
 * signature can refuse.
 */
export function openApi(attacked: Attacked = 'http'): {
  calls(): number
  try(wire: Wire): Promise<Outcome>
} {
  let calls = 0
  const handler = (): unknown => ({ statusCode: 200, body: String(++calls) })
  const gateway: Gateway = makeApi(APIS[attacked](handler), {
    sessions: [owner, other, service],
    clock: { now: () => NOW },
  })
  return {
    calls: () => calls,
    async try({ method, target, headers, body }) {
      const all = new Map<string, string[]>()
      for (const [name, value] of headers) {
        all.set(name.toLowerCase(), [...(all.get(name.toLowerCase()) ?? []), value])
      }
      const request: RawRequest = { method, target, headers: all, body, sourceIp: '127.0.0.1' }
      const response = await gateway.handle(request, {
        signal: new AbortController().signal,
        port: 9000,
      })
      return { status: response.status, reason: response.headers.get('x-local-reason') ?? '' }
    },
  }
}

/** Signed requests of all kinds, made by aws4fetch. */
export async function signedRequests(attacked: Attacked = 'http'): Promise<Wire[]> {
  const signer = attacked === 'http' ? owner : service
  const stage = attacked === 'http' ? '' : '/prod'
  const client = new AwsClient({ ...signer, region: 'eu-central-1', service: 'execute-api' })
  const json = { 'content-type': 'application/json' }
  const made = [
    ['GET', '/test', undefined, {}, false],
    ['GET', '/files/a/b?b=2&a=1&a=0&empty=&text=two%20words%2B%C3%A9', undefined, {}, false],
    ['POST', '/test', '{"amount":10,"to":"bob"}', json, false],
    ['PUT', '/files/d%C3%A9j%C3%A0%2Fvu', 'x'.repeat(300), { ...json, 'x-tenant': 'a  b' }, false],
    ['DELETE', '/files/1/', undefined, { 'x-amz-meta': 'one,two', 'user-agent': 'me/1' }, false],
    ['GET', '/test', undefined, {}, true],
    ['GET', '/files/x?q=%2F&z', undefined, { 'x-tenant': 'a' }, true],
    ['POST', '/test?dry=1', 'text', {}, true],
  ] as const
  return Promise.all(
    made.map(async ([method, path, body, headers, signQuery]) => {
      const signed = await client.sign(`http://127.0.0.1:9000${stage}${path}`, {
        method,
        headers,
        ...(body !== undefined && { body }),
        aws: { signQuery, allHeaders: true, datetime: '20260601T115900Z' },
      })
      const { host, pathname, search } = new URL(signed.url)
      return {
        method,
        target: pathname + search,
        headers: [['host', host], ...signed.headers],
        body: new TextEncoder().encode(body ?? ''),
      }
    }),
  )
}

/**
 * What a signature covers, in a form that two spellings of one request share. An "alteration" that leaves it
 * as it was is none; by the rules of SigV4 that is:
 *
 * - the order of query parameters (also of several values of one key), another escape of the same character
 *   in the query, `+` for a space, `flag` for `flag=`, an empty piece between two `&`
 * - runs of blanks in a header, the order of headers, the case of their names, one value per line or all on one
 * - headers that are not signed and do not begin with `x-amz-`
 *
 * The path has one spelling only.
 */
export function meaning({ method, target, headers, body }: Wire): string {
  const [path = '', ...rest] = target.split('?')
  const pairs = rest
    .join('?')
    .split('&')
    .filter(Boolean)
    .map((piece) => [piece.replace(/=.*$/s, ''), piece.replace(/^[^=]*=?/s, '')].map(decoded))
  const authorization = headers.filter(([name]) => name.toLowerCase() === 'authorization')
  const signed =
    /SignedHeaders=([^,]*)/.exec(authorization[0]?.[1] ?? '')?.[1] ??
    pairs.find(([key]) => key === 'X-Amz-SignedHeaders')?.[1] ??
    ''
  const covered = new Map<string, string>()
  for (const [given, value] of headers) {
    const name = given.toLowerCase()
    if (!signed.split(';').includes(name) && !/^(x-amz-|authorization$)/.test(name)) continue
    const tidy = value.replace(/[ \t]+/g, ' ').trim()
    const before = covered.get(name)
    covered.set(name, before === undefined ? tidy : `${before},${tidy}`)
  }
  const texts = [
    pairs.map((pair) => JSON.stringify(pair)),
    [...covered].map((one) => one.join(':')),
  ]
  return JSON.stringify([method, path, texts.map((list) => list.toSorted()), [...body]])
}

/** Text of an escaped piece; one that is broken stands for itself alone. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return `broken ${text}`
  }
}

/** Draws whole numbers below `n`. Seeded, so that a failure can be repeated (mulberry32). */
export function drawer(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
}

/** Alters one thing of a request: method, path, query, a signed header, body, signature, date, scope, token. */
export function altered(wire: Wire, draw: (n: number) => number): Wire {
  const kinds = Object.values(ALTERATIONS)
  const kind = kinds[draw(kinds.length)]!
  return kind({ ...wire, headers: wire.headers.map((one) => [...one]) }, draw)
}

type Draw = (n: number) => number
type Alteration = (wire: Wire, draw: Draw) => Wire

const pick = <T>(list: readonly T[], draw: Draw): T => list[draw(list.length)]!
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'get', 'Post']
const CHARS = Array.from('aZ09-_.~!$\'()*,:;=@%&+/? éÿ\t"<>\\^`{|}#[]')
const PIECES = [
  '%',
  '%2',
  '%2F',
  '%2f',
  '%41',
  '%00',
  '%FF',
  '%25',
  '..',
  './',
  '//',
  '%2e%2e/',
  '&',
  '=',
  '?',
]

/** Replaces, puts in, takes out, doubles, changes the case. */
function edited(text: string, draw: Draw): string {
  const at = draw(text.length + 1)
  const to = Math.min(text.length, at + draw(4))
  const made = [
    () => text.slice(0, at) + pick(CHARS, draw) + text.slice(at + 1),
    () => text.slice(0, at) + pick(CHARS, draw) + text.slice(at),
    () => text.slice(0, at) + pick(PIECES, draw) + text.slice(at),
    () => text.slice(0, at) + text.slice(to),
    () => text.slice(0, to) + text.slice(at),
    () => text.slice(0, at) + text.slice(at, to).toUpperCase() + text.slice(to),
    () => text.slice(0, at) + text.slice(at, to).toLowerCase() + text.slice(to),
  ]
  return pick(made, draw)()
}

const halves = (target: string): [path: string, query: string | undefined] => {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, undefined] : [target.slice(0, mark), target.slice(mark + 1)]
}

const onTarget =
  (change: (path: string, query: string | undefined, draw: Draw) => string): Alteration =>
  (wire, draw) => ({ ...wire, target: change(...halves(wire.target), draw) })

const joined = (path: string, query: string | undefined): string =>
  query === undefined ? path : `${path}?${query}`

/** Alters a part of the signature, wherever the request has it: in a header or in the query. */
const onPart =
  (header: string, key: string, change: (value: string, draw: Draw) => string): Alteration =>
  (wire, draw) => {
    const index = wire.headers.findIndex(([name]) => name.toLowerCase() === header)
    if (index >= 0) {
      const [name, value] = wire.headers[index]!
      return { ...wire, headers: wire.headers.with(index, [name, change(value, draw)]) }
    }
    const [path, query = ''] = halves(wire.target)
    const pieces = query.split('&').map((piece) => {
      if (!piece.startsWith(`${key}=`)) return piece
      const value = decodeURIComponent(piece.slice(key.length + 1))
      return `${key}=${encodeURIComponent(change(value, draw))}`
    })
    return { ...wire, target: joined(path, pieces.join('&')) }
  }

/** Alters one match inside the Authorization header, or the query parameter that says the same. */
const inAuthorization = (
  pattern: RegExp,
  key: string,
  change: (value: string, draw: Draw) => string,
): Alteration =>
  onPart('authorization', key, (value, draw) =>
    pattern.test(value)
      ? value.replace(pattern, (found) => change(found, draw))
      : change(value, draw),
  )

const shifted = (value: string, draw: Draw): string => {
  const iso = value.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const moved = new Date(Date.parse(iso) + (draw(600) - 300 || 1) * 1_000)
  return moved.toISOString().replace(/[-:]|\.\d{3}/g, '')
}

const ALTERATIONS: Record<string, Alteration> = {
  method: (wire, draw) => ({ ...wire, method: pick(METHODS, draw) }),
  path: onTarget((path, query, draw) => joined(`/${edited(path.slice(1), draw)}`, query)),
  'path, a segment': onTarget((path, query, draw) => {
    const segments = path.split('/')
    segments.splice(1 + draw(segments.length), draw(2), pick(['', '.', '..', 'x', '%2E'], draw))
    return joined(segments.join('/') || '/', query)
  }),
  query: onTarget((path, query, draw) => joined(path, edited(query ?? '', draw))),
  'query, a parameter more': onTarget((path, query, draw) => {
    const more = [
      'a=1',
      'x-amz-signature=1',
      'X-Amz-Signature=1',
      '__proto__=1',
      'constructor=1',
      '=1',
      'X-Amz-Date=1',
    ]
    return joined(path, [...(query === undefined ? [] : [query]), pick(more, draw)].join('&'))
  }),
  'query, a parameter less or twice': onTarget((path, query, draw) => {
    const pieces = query?.split('&') ?? []
    const at = draw(pieces.length + 1)
    return joined(
      path,
      (draw(2) ? pieces.toSpliced(at, 1) : [...pieces, ...pieces.slice(at, at + 1)]).join('&'),
    )
  }),
  'a header': (wire, draw) => {
    const at = draw(wire.headers.length)
    const [name, value] = wire.headers[at]!
    return { ...wire, headers: wire.headers.with(at, [name, edited(value, draw)]) }
  },
  'a header less': (wire, draw) => ({
    ...wire,
    headers: wire.headers.toSpliced(draw(wire.headers.length), 1),
  }),
  'a header twice': (wire, draw) => {
    const [name, value] = pick(wire.headers, draw)
    return { ...wire, headers: [...wire.headers, [name, draw(2) ? value : edited(value, draw)]] }
  },
  'a header more': (wire, draw) => {
    const names = [
      'x-amz-meta2',
      'x-amz-content-sha256',
      'x-amz-security-token',
      'authorization',
      'host',
      'x-amz-date',
    ]
    return {
      ...wire,
      headers: [...wire.headers, [pick(names, draw), pick(['', 'x', 'UNSIGNED-PAYLOAD'], draw)]],
    }
  },
  body: (wire, draw) => {
    const bytes = [...wire.body]
    const at = draw(bytes.length + 1)
    bytes.splice(at, draw(2), draw(256))
    return { ...wire, body: new Uint8Array(draw(5) ? bytes : bytes.slice(0, at)) }
  },
  signature: inAuthorization(/[0-9a-f]{64}$/, 'X-Amz-Signature', edited),
  'signature, one digit': inAuthorization(/[0-9a-f]{64}$/, 'X-Amz-Signature', (value, draw) => {
    const at = draw(64)
    return value.slice(0, at) + draw(16).toString(16) + value.slice(at + 1)
  }),
  'signed headers': inAuthorization(
    /(?<=SignedHeaders=)[^,]*/,
    'X-Amz-SignedHeaders',
    (value, draw) => {
      const names = value.split(';')
      const more = [...names, pick(['authorization', 'x-none', 'Host', '', 'date'], draw)]
      return pick([names.toReversed(), names.slice(1), more, [...names, ...names]], draw).join(';')
    },
  ),
  date: onPart('x-amz-date', 'X-Amz-Date', (value, draw) =>
    (draw(2) ? shifted : edited)(value, draw),
  ),
  scope: inAuthorization(/(?<=Credential=)[^,]*/, 'X-Amz-Credential', (value, draw) => {
    const parts = value.split('/')
    const at = draw(5)
    const others = [other.accessKeyId, '20260602', 'us-east-1', 's3', 'aws4_reques']
    return parts.with(at, draw(2) ? others[at]! : edited(parts[at]!, draw)).join('/')
  }),
  token: onPart('x-amz-security-token', 'X-Amz-Security-Token', (value, draw) =>
    draw(4) ? edited(value, draw) : other.sessionToken,
  ),
  algorithm: inAuthorization(/^AWS4-HMAC-SHA256/, 'X-Amz-Algorithm', (value, draw) =>
    draw(2)
      ? edited(value, draw)
      : pick(['AWS4-HMAC-SHA1', 'AWS4-ECDSA-P256-SHA256', 'Bearer'], draw),
  ),
}

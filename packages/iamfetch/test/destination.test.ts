import * as fc from 'fast-check'
import { assert, expect, test } from 'vitest'
import { IamFetchError } from '../src/index.ts'
import { destinationsOf } from '../src/destination.ts'
import { NativeUrl } from '@iamfetch/sigv4/native'

const ORIGIN = 'https://abc.execute-api.eu-central-1.amazonaws.com'
const { resolve } = destinationsOf({
  baseUrl: `${ORIGIN}/prod`,
  origins: ['https://api.münchen.example', 'http://localhost:4000'],
})

test.each([
  ['/test', `${ORIGIN}/prod/test`],
  ['test', `${ORIGIN}/prod/test`],
  ['test?a=1#top', `${ORIGIN}/prod/test?a=1#top`],
  ['', `${ORIGIN}/prod`],
  ['?a=1', `${ORIGIN}/prod?a=1`],
  ['/a/../b', `${ORIGIN}/prod/b`],
  [' /test\n', `${ORIGIN}/prod/test`],
  ['/a b', `${ORIGIN}/prod/a%20b`],
  ['/users/me:12', `${ORIGIN}/prod/users/me:12`],
  ['at/12:30?from=09:00', `${ORIGIN}/prod/at/12:30?from=09:00`],
  [`${ORIGIN}/dev/test`, `${ORIGIN}/dev/test`],
  [`${ORIGIN.toUpperCase().replace('HTTPS', 'hTTps')}:443/x`, `${ORIGIN}/x`],
  [`//${new URL(ORIGIN).host}/x`, `${ORIGIN}/x`],
  ['https://api.xn--mnchen-3ya.example/x', 'https://api.xn--mnchen-3ya.example/x'],
  ['https://API.MÜNCHEN.example/x', 'https://api.xn--mnchen-3ya.example/x'],
  ['http://localhost:4000/', 'http://localhost:4000/'],
])('%j is sent to %s', (input, url) => {
  expect(resolve(input).href).toBe(url)
})

test('a trailing slash of the base is one slash, and a URL and a Request stand for themselves', () => {
  const withSlash = destinationsOf({ baseUrl: `${ORIGIN}/prod/` })
  expect(withSlash.resolve('/test').href).toBe(`${ORIGIN}/prod/test`)
  expect(withSlash.resolve(new URL('/x', ORIGIN)).href).toBe(`${ORIGIN}/x`)
  expect(withSlash.resolve(new Request(`${ORIGIN}/y`)).href).toBe(`${ORIGIN}/y`)
  expect(destinationsOf({ baseUrl: ORIGIN }).resolve('test').href).toBe(`${ORIGIN}/test`)
})

const FOREIGN = [
  'https://evil.example/x',
  '//evil.example/x',
  '\\\\evil.example/x',
  '/\\evil.example/x',
  '\t//evil.example',
  '/\n/evil.example',
  '/\n\r/evil.example',
  '\u0000https://evil.example',
  'ht\ntps://evil.example',
  'https:evil.example',
  `https://user:pass@${new URL(ORIGIN).host}/x`,
  `https://user@${new URL(ORIGIN).host}/x`,
  `https://${new URL(ORIGIN).host}@evil.example/`,
  `https://${new URL(ORIGIN).host}./x`,
  `https://${new URL(ORIGIN).host}.evil.example/`,
  `https://${new URL(ORIGIN).host}:444/x`,
  ORIGIN.replace('https', 'http'),
  ORIGIN.replace('https', 'wss'),
  `blob:${ORIGIN}/1-2-3`,
  `filesystem:${ORIGIN}/x`,
  'data:text/plain,x',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'about:blank',
  'http://localhost:4001/',
  'http://127.0.0.1:4000/',
  'https://localhost:4000/',
  'https://api.munchen.example/x',
  '/../admin',
  '/%2e%2e/admin',
  '/..\\admin',
  '../prod2/x',
  'https://[bad',
]

test.each(FOREIGN)('%j is refused', (input) => {
  const remedy: unknown = expect.stringMatching(/\w/)
  expect(() => resolve(input)).toThrow(
    expect.objectContaining({ code: 'ORIGIN_NOT_ALLOWED', remedy }),
  )
})

const native = destinationsOf({
  baseUrl: `${ORIGIN}/prod`,
  origins: ['http://localhost:4000'],
  URL: NativeUrl,
})

test.each(FOREIGN)('%j is refused on React Native', (input) => {
  expect(() => native.resolve(input)).toThrow(
    expect.objectContaining({ code: 'ORIGIN_NOT_ALLOWED' }),
  )
})

test('a refusal names the origin and neither user info nor query', () => {
  let message = ''
  try {
    resolve('https://user:hunter2@evil.example/path?token=hunter2')
  } catch (error) {
    message = JSON.stringify(error)
  }
  expect(message).toContain('https://evil.example')
  expect(message).not.toContain('hunter2')
})

test('without a base only absolute URLs are sent', () => {
  const only = destinationsOf({ origins: [ORIGIN] })
  expect(only.resolve(`${ORIGIN}/x`).href).toBe(`${ORIGIN}/x`)
  expect(() => only.resolve('/x')).toThrow(expect.objectContaining({ code: 'ORIGIN_NOT_ALLOWED' }))
})

test('plain http goes where it stays on the machine or its network: a proxy may have a path like a host of AWS', () => {
  const proxy = 'http://localhost:4000/abc.execute-api.eu-central-1.amazonaws.com'
  expect(destinationsOf({ baseUrl: proxy }).resolve('/x').href).toBe(`${proxy}/x`)
})

test.each([
  [{}, /pass "baseUrl" or "origins"/],
  [{ origins: [] }, /pass "baseUrl" or "origins"/],
  [{ baseUrl: '/prod' }, /^createIamFetch: "baseUrl" must/],
  [{ baseUrl: 'wss://api.example.com' }, /^createIamFetch: "baseUrl" must/],
  [{ baseUrl: 'https://me:secret@api.example.com' }, /^createIamFetch: "baseUrl" must/],
  [{ baseUrl: 'https://api.example.com?x=1' }, /^createIamFetch: "baseUrl" must/],
  [{ baseUrl: 'blob:https://api.example.com/x' }, /^createIamFetch: "baseUrl" must/],
  [{ origins: ['blob:https://api.example.com/'] }, /^createIamFetch: "origins" must/],
  [{ origins: ['api.example.com'] }, /^createIamFetch: "origins" must/],
  [{ origins: ['https://api.example.com/prod'] }, /^createIamFetch: "origins" must/],
  [{ origins: ['*'] }, /^createIamFetch: "origins" must/],
  [{ baseUrl: 'http://abc.execute-api.eu-central-1.amazonaws.com/prod' }, /https/],
  [{ origins: ['HTTP://ABC.execute-api.cn-north-1.AMAZONAWS.com.cn:80'] }, /https/],
])('%j is a wrong argument', (options, message) => {
  expect(() => destinationsOf(options)).toThrow(TypeError)
  expect(() => destinationsOf(options)).toThrow(message)
})

const resolved = (text: string): URL | string => {
  try {
    return new URL(resolve(text).href)
  } catch (error) {
    return error instanceof IamFetchError ? error.code : String(error)
  }
}

const pieces = fc.constantFrom(
  '/',
  '\\',
  ':',
  '@',
  '?',
  '#',
  '.',
  '..',
  '%2e',
  '%2f',
  '%5c',
  '\t',
  '\n',
  '\r',
  ' ',
  '\u0000',
  'http',
  'https',
  'HTTPS',
  'blob:',
  'data:',
  'javascript:',
  'ws',
  'file',
  '//',
  '[',
  ']',
  '::1',
  'evil.example',
  'user',
  'pw',
  ORIGIN,
  new URL(ORIGIN).host,
  'localhost:4000',
  'prod',
  '。',
  '／',
  'ⓔ',
)
const texts = fc.oneof(
  fc
    .array(fc.oneof({ weight: 4, arbitrary: pieces }, fc.string({ maxLength: 3 })), {
      maxLength: 9,
    })
    .map((parts) => parts.join('')),
  fc
    .constantFrom(...FOREIGN)
    .chain((url) =>
      fc
        .tuple(fc.nat(url.length), pieces)
        .map(([at, piece]) => url.slice(0, at) + piece + url.slice(at)),
    ),
)

test('no crafted text resolves to another origin than an allowed one', () => {
  const allowed = new Set([ORIGIN, 'https://api.xn--mnchen-3ya.example', 'http://localhost:4000'])
  fc.assert(
    fc.property(texts, (text) => {
      const url = resolved(text)
      if (url === 'ORIGIN_NOT_ALLOWED') return
      assert(url instanceof URL, String(url))
      expect(allowed).toContain(url.origin)
      expect(url.protocol).toMatch(/^https?:$/)
      expect(url.username + url.password).toBe('')
      // What fetch makes of it is the very same place.
      expect(new Request(url).url).toBe(url.href)
    }),
    { numRuns: 3_000 },
  )
})

test('nor on React Native, where what goes over the wire is what every parser reads alike', () => {
  const allowed = new Set([ORIGIN, 'http://localhost:4000'])
  fc.assert(
    fc.property(texts, (text) => {
      let href: string
      try {
        href = native.resolve(text).href
      } catch (error) {
        assert(error instanceof IamFetchError && error.code === 'ORIGIN_NOT_ALLOWED', String(error))
        return
      }
      const url = new URL(href)
      expect(allowed).toContain(url.origin)
      expect(url.href).toBe(href)
      expect(href).toMatch(/^[\w.~!$&'()*+,;=:@/?%-]+$/)
    }),
    { numRuns: 3_000 },
  )
})

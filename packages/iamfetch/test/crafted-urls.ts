import { IamFetchError, isIamFetchError } from '@iamfetch/core'
import * as fc from 'fast-check'
import { assert, expect } from 'vitest'
import { createSigner } from '@iamfetch/sigv4'
import { NativeUrl } from '@iamfetch/sigv4/native'
import { destinationsOf, type Destinations } from '../src/destination.ts'
import { credentialsOf } from './fixtures.ts'

export const ORIGIN = 'https://abc.execute-api.eu-central-1.amazonaws.com'
const OPTIONS = { baseUrl: `${ORIGIN}/prod`, origins: ['http://localhost:4000'] }

/** The destinations of the tests on the web, and on React Native. */
export const web: Destinations = destinationsOf({
  ...OPTIONS,
  origins: ['https://api.münchen.example', ...OPTIONS.origins],
})
export const native: Destinations = destinationsOf({ ...OPTIONS, URL: NativeUrl })

/** URLs by which a signature was got for another origin somewhere. */
export const FOREIGN: readonly string[] = [
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
  '%00',
  '%ff',
  '\u202e',
  '\ud800',
  '&',
  '=',
  ';',
  '+',
  '%2b',
  '%25',
  '*',
  '{}',
)

/** Texts made of what URL parsers disagree on. */
export const craftedUrls: fc.Arbitrary<string> = fc.oneof(
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

/** What a text resolves to, or the code of the refusal. */
function resolved(destinations: typeof web, text: string): string {
  try {
    return destinations.resolve(text).href
  } catch (error) {
    assert(error instanceof IamFetchError, String(error))
    return error.code
  }
}

/** A crafted text leads to an allowed origin and means to `fetch` what it means here, or nowhere. */
export function checkOnWeb(text: string): void {
  const href = resolved(web, text)
  if (href === 'ORIGIN_NOT_ALLOWED') return
  const url = new URL(href)
  expect([ORIGIN, 'https://api.xn--mnchen-3ya.example', 'http://localhost:4000']).toContain(
    url.origin,
  )
  expect(url.protocol).toMatch(/^https?:$/)
  expect(url.username + url.password).toBe('')
  expect(new Request(url).url).toBe(url.href)
}

/** The same on React Native, where what goes over the wire is what every parser reads alike. */
export function checkOnNative(text: string): void {
  const href = resolved(native, text)
  if (href === 'ORIGIN_NOT_ALLOWED') return
  const url = new URL(href)
  expect([ORIGIN, 'http://localhost:4000']).toContain(url.origin)
  expect(url.href).toBe(href)
  expect(href).toMatch(/^[\w.~!$&'()*+,;=:@/?%-]+$/)
}

const signer = createSigner({
  credentials: credentialsOf('A'),
  region: 'eu-central-1',
  clock: { now: () => Date.UTC(2026, 0, 1) },
})

/** A crafted text is refused by a signer, or signed for the very host and path that `fetch` would call. */
export async function checkSigner(text: string): Promise<void> {
  let signed: Request
  try {
    signed = await signer.sign(text)
  } catch (error) {
    // An AWS host of no known service, or of S3, needs a decision of the caller.
    const isRefused = isIamFetchError(error, 'URL_NOT_SIGNABLE') || error instanceof TypeError
    assert(isRefused, String(error))
    return
  }
  const url = new URL(signed.url)
  expect(url.username + url.password).toBe('')
  expect(url.protocol).toMatch(/^(http|ws)s?:$/)
  expect(url.host).toBe(new URL(text).host)
  expect(url.searchParams.has('X-Amz-Signature')).toBe(false)
  expect(new Request(signed.url).url).toBe(signed.url)
}

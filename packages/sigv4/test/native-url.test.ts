import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { NativeUrl } from '../src/native.ts'

test.each([
  ['HTTPS://API.Example:443', 'https://api.example/'],
  ['http://localhost:4000/x?', 'http://localhost:4000/x'],
  ['https://a.example:0443/x', 'https://a.example/x'],
  ['wss://a.example:444/prod?a=b#c', 'wss://a.example:444/prod?a=b'],
  ['https://a.example/a/./b/../c/', 'https://a.example/a/c/'],
  ['https://a.example/a/%2e%2E/..', 'https://a.example/'],
  ['https://a.example/a b/é/[x]|y', 'https://a.example/a%20b/%C3%A9/%5Bx%5D%7Cy'],
  ['https://a.example/100%/%41/%2f', 'https://a.example/100%25/%41/%2f'],
  ["https://a.example/'@(x)?q='", "https://a.example/'@(x)?q=%27"],
  ['https://[::1]:8080/x', 'https://[::1]:8080/x'],
  ['ws://a.example:443/x', 'ws://a.example:443/x'],
  ['WS://a.example:80/x', 'ws://a.example/x'],
  ['wss://a.example:443/x', 'wss://a.example/x'],
  ['https://a.example/\ud800', 'https://a.example/%EF%BF%BD'],
])('%j is sent as %j', (address, href) => {
  expect(new NativeUrl(address).href).toBe(href)
  expect(new NativeUrl(new URL(href)).toString()).toBe(href)
})

test.each([
  '/path',
  'ftp://a.example/',
  'https:a.example',
  'https:///x',
  'https://user@a.example/',
  'https://user:pw@a.example/',
  'https://a.example\\@evil.example/',
  'https://a.example/\\evil',
  'https://a.example/x\ny',
  'https://a.example/x ',
  ' https://a.example/',
  'https://münchen.example/',
  'https://a%2eexample/',
  'https://a.example:65536/',
  'https://a.example:x/',
  'blob:https://a.example/1',
])('%j is refused', (address) => {
  expect(() => new NativeUrl(address)).toThrow(TypeError)
})

test('reads its parts, and lets path and query be set', () => {
  const url = new NativeUrl('https://a.example:81/x?y=z')
  const { protocol, host, hostname, pathname, search, origin } = url
  expect([protocol, host, hostname, pathname, search, origin]).toEqual([
    'https:',
    'a.example:81',
    'a.example',
    '/x',
    '?y=z',
    'https://a.example:81',
  ])
  url.pathname = '/p'
  url.search = 'q'
  expect(url.href).toBe('https://a.example:81/p?q')
})

test('names the host and port that the platform’s parser names, or refuses the text', () => {
  const address = fc.tuple(
    fc.constantFrom('http', 'https', 'ws', 'wss', 'HTTPS', 'WsS', 'ftp', 'java\nscript'),
    fc.constantFrom('://', '://', '://', ':/', ':', ':\\\\', ':///'),
    fc.constantFrom('', '', '', 'u@', 'u:p@', '@', 'good.example\\@', 'good.example#@'),
    fc.constantFrom('a.example', 'A.Example.', 'a..b', '10.0.0.1', '[::1]', 'ａ.example', 'a%2eb'),
    fc.constantFrom('', ':', ':80', ':443', ':0', ':00443', ':65535', ':65536', ':-1', ':8443'),
    fc.constantFrom(
      '',
      '/',
      '//b.example',
      '/@b.example',
      '\\b',
      '?@b',
      '#@b',
      '.b',
      '\t.b',
      ' .b',
    ),
  )
  let taken = 0
  fc.assert(
    fc.property(address, (parts) => {
      const text = parts.join('')
      let own: NativeUrl
      try {
        own = new NativeUrl(text)
      } catch {
        return
      }
      taken++
      const { protocol, host, hostname } = new URL(text)
      expect([own.protocol, own.host, own.hostname]).toEqual([protocol, host, hostname])
      expect(new URL(own.href).host).toBe(host)
    }),
    { numRuns: 20_000 },
  )
  expect(taken).toBeGreaterThan(500)
})

test('agrees with the platform’s parser on whatever it takes, and its own form is read unchanged', () => {
  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    '%2e',
    '%',
    '%41',
    ' ',
    'é',
    '?',
    '#',
    '@',
    ':',
    '[',
    '"',
    '|',
    'a',
    '&',
    '=',
    '+',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const address = `https://a.example/${pieces.join('')}`
      let own: NativeUrl
      try {
        own = new NativeUrl(address)
      } catch {
        return
      }
      const theirs = new URL(address)
      theirs.hash = ''
      expect(new URL(own.href).href).toBe(own.href)
      // Beyond what WHATWG escapes, RFC 3986 wants more escaped; decoded it is the same.
      const plain = (path: string): string => path.replace(/%(?![\da-f]{2})/gi, '%25')
      expect(unescape(own.pathname)).toBe(unescape(plain(theirs.pathname)))
      expect(unescape(own.search)).toBe(unescape(plain(theirs.search.replace(/^\?$/, ''))))
    }),
    { numRuns: 2_000 },
  )
})

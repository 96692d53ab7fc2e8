import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { destinationsOf } from '../src/destination.ts'
import {
  checkOnNative,
  checkOnWeb,
  checkSigner,
  craftedUrls,
  FOREIGN,
  native,
  ORIGIN,
  web,
} from './crafted-urls.ts'

const { resolve } = web

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

test('a trailing slash of the base is one slash, and a URL and a Request are used as they are', () => {
  const withSlash = destinationsOf({ baseUrl: `${ORIGIN}/prod/` })
  expect(withSlash.resolve('/test').href).toBe(`${ORIGIN}/prod/test`)
  expect(withSlash.resolve(new URL('/x', ORIGIN)).href).toBe(`${ORIGIN}/x`)
  expect(withSlash.resolve(new Request(`${ORIGIN}/y`)).href).toBe(`${ORIGIN}/y`)
  expect(destinationsOf({ baseUrl: ORIGIN }).resolve('test').href).toBe(`${ORIGIN}/test`)
})

test.each(FOREIGN)('%j is refused', (input) => {
  const remedy: unknown = expect.stringMatching(/\w/)
  expect(() => resolve(input)).toThrow(
    expect.objectContaining({ code: 'ORIGIN_NOT_ALLOWED', remedy }),
  )
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

test('a refusal says what is wrong, and gives advice that fixes it', () => {
  const refused = (destinations: typeof web, text: string): unknown => {
    try {
      return destinations.resolve(text)
    } catch (error) {
      return error
    }
  }
  expect(refused(web, '../up')).toMatchObject({
    message: `The path leaves the base URL ${ORIGIN}/prod.`,
    remedy: expect.stringContaining('".."'),
  })
  expect(refused(destinationsOf({ origins: [ORIGIN] }), '/x')).toMatchObject({
    message: 'The URL is relative, and there is no "baseUrl" to join it to.',
    remedy: expect.stringContaining('"baseUrl"'),
  })
  expect(refused(web, 'https://evil.example/x')).toMatchObject({
    message: 'Requests to https://evil.example are not allowed.',
    remedy: expect.stringContaining('"origins"'),
  })
  expect(refused(web, `https://me:pw@${new URL(ORIGIN).host}/x`)).toMatchObject({
    message: expect.stringContaining('a user or a password'),
  })
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

test('none of 3,000 crafted URLs resolves to another origin than an allowed one', () => {
  expect(() => fc.assert(fc.property(craftedUrls, checkOnWeb), { numRuns: 3_000 })).not.toThrow()
})

test('none of 3,000 crafted URLs resolves to another origin on React Native', () => {
  expect(() => fc.assert(fc.property(craftedUrls, checkOnNative), { numRuns: 3_000 })).not.toThrow()
})

test('none of 3,000 crafted URLs is signed for another host than the one that fetch calls', async () => {
  await expect(
    fc.assert(fc.asyncProperty(craftedUrls, checkSigner), { numRuns: 3_000 }),
  ).resolves.toBeUndefined()
})

test('the refusal of a URL that has no origin does not name one', () => {
  expect(() => resolve('data:text/plain,secret')).toThrow(
    /^Requests to this URL are not allowed\.$/,
  )
})

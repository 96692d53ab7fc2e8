import { createHash, createHmac, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import * as node from '../src/edge.node.ts'
import * as portable from '../src/edge.ts'

test.each([
  ['the portable hash', portable],
  ["Node's hash", node],
])('%s agrees with node:crypto on bytes of every length up to five blocks', async (_, edge) => {
  for (let length = 0; length < 330; length++) {
    const bytes = randomBytes(length)
    const expected = createHash('sha256').update(bytes).digest('hex')
    expect(edge.sha256Hex(bytes)).toBe(expected)
    expect(await edge.hashSoon(new Uint8Array(bytes))).toBe(expected)
  }
})

test.each([
  ['the portable hash', portable],
  ["Node's hash", node],
])('%s agrees with node:crypto on large bodies', async (_, edge) => {
  for (const length of [4_095, 65_536, 1_000_003]) {
    const bytes = randomBytes(length)
    const expected = createHash('sha256').update(bytes).digest('hex')
    expect(edge.sha256Hex(bytes)).toBe(expected)
    expect(await edge.hashSoon(new Uint8Array(bytes))).toBe(expected)
  }
})

test.each([
  ['the portable hash', portable],
  ["Node's hash", node],
])('%s hashes text as UTF-8, a lone surrogate as U+FFFD', (_, edge) => {
  for (const text of [
    '',
    'a',
    'é',
    'ሴ',
    '😀',
    '\ud800',
    '\udc00a',
    'a\ud800\ud83d\ude00\udfff',
    '\0\x7f\x80\u07ff\u0800\uffff',
  ]) {
    expect(edge.sha256Hex(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
  }
})

test.each([
  ['the portable HMAC', portable],
  ["Node's HMAC", node],
])('%s agrees with node:crypto on keys and texts of many lengths', (_, edge) => {
  for (let length = 0; length < 200; length++) {
    const key = randomBytes(length)
    const text = randomBytes(length).toString('base64')
    const expected = createHmac('sha256', key).update(text).digest('hex')
    expect(Buffer.from(edge.hmac(key)(text)).toString('hex')).toBe(expected)
    expect(Buffer.from(edge.hmac(text)(text)).toString('hex')).toBe(
      createHmac('sha256', text).update(text).digest('hex'),
    )
  }
})

test.each([
  ['the portable HMAC', portable],
  ["Node's HMAC", node],
])('%s agrees with node:crypto when a key is used again', (_, edge) => {
  for (let length = 0; length <= 64; length++) {
    const key = randomBytes(length)
    const mac = edge.hmac(key)
    for (const text of ['', 'text', 'ü'.repeat(length)]) {
      const expected = createHmac('sha256', key).update(text).digest('hex')
      expect(edge.hex(mac(text))).toBe(expected)
    }
  }
})

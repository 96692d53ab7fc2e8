import { expect, test } from 'vitest'
import { parseToken, serializeToken, type StoredToken } from '../src/stored-token.ts'

const entry: StoredToken = {
  token: 'a.b.c',
  scopes: ['x/y'],
  mintedAt: 1,
  expiresAt: 2,
  replaces: 0,
}
const changed = (change: object): string =>
  JSON.stringify({ ...JSON.parse(serializeToken(entry)), ...change })

test('a stored token is read as it was written', () => {
  expect(parseToken(serializeToken(entry))).toEqual(entry)
  expect(parseToken(changed({ scopes: [] }))).toEqual({ ...entry, scopes: [] })
})

test.each([
  ['nothing', undefined],
  ['text that is not JSON', 'a.b.c'],
  ['another kind of JSON', '[1]'],
  ['null', 'null'],
  ['another version', changed({ version: 2 })],
  ['no version', changed({ version: undefined })],
  ['no token', changed({ token: undefined })],
  ['an empty token', changed({ token: '' })],
  ['no scopes', changed({ scopes: undefined })],
  ['scopes in one text', changed({ scopes: 'x/y' })],
  ['a scope that is not text', changed({ scopes: ['x/y', 1] })],
  ['a moment that is a text', changed({ mintedAt: '1' })],
  ['no end', changed({ expiresAt: null })],
  ['no count', changed({ replaces: undefined })],
])('%s is not a stored token', (_, text) => {
  expect(parseToken(text)).toBeUndefined()
})

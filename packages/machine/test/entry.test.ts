import { expect, test } from 'vitest'
import { entryOf, entryText, type Entry } from '../src/entry.ts'

const entry: Entry = { token: 'a.b.c', scopes: ['x/y'], mintedAt: 1, expiresAt: 2, replaces: 0 }
const changed = (change: object): string =>
  JSON.stringify({ ...JSON.parse(entryText(entry)), ...change })

test('an entry comes back as it went', () => {
  expect(entryOf(entryText(entry))).toEqual(entry)
  expect(entryOf(changed({ scopes: [] }))).toEqual({ ...entry, scopes: [] })
})

test.each([
  ['nothing', undefined],
  ['no JSON', 'a.b.c'],
  ['another kind of JSON', '[1]'],
  ['null', 'null'],
  ['another version', changed({ version: 2 })],
  ['no version', changed({ version: undefined })],
  ['no token', changed({ token: undefined })],
  ['an empty token', changed({ token: '' })],
  ['no scopes', changed({ scopes: undefined })],
  ['scopes in one text', changed({ scopes: 'x/y' })],
  ['a scope that is no text', changed({ scopes: ['x/y', 1] })],
  ['a moment that is a text', changed({ mintedAt: '1' })],
  ['no end', changed({ expiresAt: null })],
  ['no count', changed({ replaces: undefined })],
])('%s is no entry', (_, text) => {
  expect(entryOf(text)).toBeUndefined()
})

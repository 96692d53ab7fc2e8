import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { authorizers } from './authorizers.ts'
import { httpEvents, httpPreflights, httpResults, httpRouting, httpTokens } from './http-api.ts'
import { restEvents, restResults, restRouting } from './rest-api.ts'
import { oauth, secrets } from './services.ts'
import { claims, operations } from './user-pool.ts'

const facts = [
  ...authorizers,
  ...httpEvents,
  ...httpPreflights,
  ...httpResults,
  ...httpRouting,
  ...httpTokens,
  ...restEvents,
  ...restResults,
  ...restRouting,
  ...oauth,
  ...secrets,
  ...claims,
  ...operations,
]

it('each row that the list names is there', () => {
  const list = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const named = list
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => [...line.matchAll(/"([^"]+)"/g)].map(([, text]) => text))
  expect(named.length).toBeGreaterThan(60)
  const known = new Set(facts.map(({ fact }) => fact))
  expect(named.filter((text) => text !== undefined && !known.has(text))).toEqual([])
})

it('no two rows have the same words, and each names a source', () => {
  const words = facts.map(({ fact }) => fact)
  expect(words.filter((text, index) => words.indexOf(text) !== index)).toEqual([])
  expect(facts.filter(({ source }) => source.length <= 10)).toEqual([])
})

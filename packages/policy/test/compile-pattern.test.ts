import { array, assert, constantFrom, property } from 'fast-check'
import { expect, it } from 'vitest'
import { compilePattern, matches, variableFault, type PatternKind } from '../src/pattern.ts'

const letters = constantFrom('a', 'b', ':', '/', '*', '?', '😀')
const pattern = array(letters, { maxLength: 12 }).map((all) => all.join(''))
const kinds: PatternKind[] = ['text', 'arn', 'resource', 'literal']

it('a pattern that is read once matches as it does when it is read each time', () => {
  assert(
    property(pattern, pattern, constantFrom(...kinds), (text, other, kind) => {
      const matcher = compilePattern(text, kind, true)
      const near = text.replaceAll('*', 'a/b').replaceAll('?', 'b')
      for (const value of [other, text, near]) {
        expect(matcher(value)).toBe(matches(text, value, kind))
      }
    }),
    { numRuns: 2_000 },
  )
})

it('a policy variable is replaced at each match', () => {
  const matcher = compilePattern('/t/${aws:PrincipalTag/tenant}/*', 'text', true)
  expect(matcher('/t/acme/1', () => 'acme')).toBe(true)
  expect(matcher('/t/acme/1', () => 'other')).toBe(false)
  expect(compilePattern('/t/${x}', 'text', false)('/t/${x}')).toBe(true)
})

it('a policy variable may name a tag whose key has spaces', () => {
  const lookup = (key: string): string | undefined =>
    key === 'aws:PrincipalTag/Cost Center' ? 'a' : undefined
  const text = (variable: string): boolean =>
    compilePattern(`notes/${variable}/*`, 'text', true)('notes/a/1', lookup)
  expect(text('${aws:PrincipalTag/Cost Center}')).toBe(true)
  expect(text("${aws:PrincipalTag/Cost Center, 'b'}")).toBe(true)
  expect(text("${ aws:PrincipalTag/No Such Tag , 'a' }")).toBe(true)
  expect(text('${aws:PrincipalTag/No Such Tag}')).toBe(false)
  expect(variableFault('${aws:PrincipalTag/Cost Center}')).toBeUndefined()
  expect(variableFault("${aws:PrincipalTag/Cost Center 'b'}")).toContain('malformed')
})

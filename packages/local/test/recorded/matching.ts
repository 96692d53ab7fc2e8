import { expect } from 'vitest'

/** What a fact expects, for a comparison: a text between slashes is a pattern, and an object may have more members. */
export function matching(expected: unknown): unknown {
  if (typeof expected === 'string') {
    const [, pattern] = /^\/(.+)\/$/.exec(expected) ?? []
    const isPattern = pattern !== undefined && /[\^."[]/.test(pattern)
    return isPattern ? expect.stringMatching(new RegExp(pattern)) : expected
  }
  if (Array.isArray(expected)) return expected.map(matching)
  if (typeof expected !== 'object' || expected === null) return expected
  const members = Object.entries(expected).map(([name, one]) => [name, matching(one)])
  return expect.objectContaining(Object.fromEntries(members))
}

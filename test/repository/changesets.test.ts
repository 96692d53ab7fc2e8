import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findFiles } from '../../scripts/files.ts'

const names = new Set(
  findFiles('packages/*/package.json').map((file) => {
    const { name }: { name: string } = JSON.parse(readFileSync(file, 'utf8'))
    return name
  }),
)

test.each(findFiles('.changeset/*.md'))('%s names packages and is one short paragraph', (file) => {
  const [, packages = '', text = ''] =
    /^---\n([^]*?)\n---\n\n([^]*)$/.exec(readFileSync(file, 'utf8')) ?? []
  const rows = packages.split('\n').map((row) => /^['"](.+)['"]: (?:minor|patch)$/.exec(row)?.[1])
  expect(rows.filter((name) => name === undefined || !names.has(name))).toEqual([])
  expect(text.trim()).not.toContain('\n\n')
  // A changelog has one line for each change.
  const words = text.trim().split(/\s+/).filter(Boolean)
  expect(words.length).toBeGreaterThan(3)
  expect(words.length).toBeLessThanOrEqual(60)
})

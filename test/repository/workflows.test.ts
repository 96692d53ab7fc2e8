import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findFiles } from '../../scripts/files.ts'

const root = join(import.meta.dirname, '../..')
const files = findFiles('.github/workflows/*.yml', { cwd: root })
const all = (text: string, form: RegExp): string[] =>
  [...text.matchAll(form)].map(([, found = '']) => found.trim())

test('there are workflows to look at', () => {
  expect(files.length).toBeGreaterThan(1)
})

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8')

  test('may read and nothing more, unless a job says so', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n(?! )/m)
    expect(text).not.toMatch(/write-all|pull_request_target|workflow_run/)
  })

  test('runs actions by their commit, with the tag in a comment', () => {
    const used = all(text, /^\s*-? ?uses: (.+)$/gm)
    expect(used.length).toBeGreaterThan(2)
    for (const one of used) expect(one).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test('leaves no token in a checkout', () => {
    const steps = text.split(/^ {6}- /m).filter((step) => step.includes('actions/checkout@'))
    expect(steps.length).toBeGreaterThan(2)
    for (const step of steps) expect(step).toContain('persist-credentials: false')
  })

  test('puts nothing of an event into a shell', () => {
    const scripts = all(text, /^\s*-? ?(?:run|script): (.+)$/gm)
    expect(scripts.length).toBeGreaterThan(2)
    for (const script of scripts) expect(script).not.toContain('${{')
    // The check above reads single lines, so scripts of several lines are not allowed.
    expect(text).not.toMatch(/(run|script): *[|>]/)
  })
})

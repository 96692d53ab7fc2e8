import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const source = (path: string): string => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

/** Everything that a file imports, and what that imports; names of packages and files of this one. */
function reachedFrom(file: string, reached: Set<string> = new Set()): Set<string> {
  if (reached.has(file)) return reached
  reached.add(file)
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
    /(?:from|import\() ?'([^']+)'/g,
  )) {
    if (name.startsWith('.')) reachedFrom(resolve(dirname(file), name), reached)
    else reached.add(name)
  }
  return reached
}

const ofOurs = (names: Set<string>): string[] =>
  [...names].filter((name) => /^(@iamfetch\/|iamfetch(\/|$))/.test(name))

it('the local stack and its command import the policy evaluation and no other package of this repository', () => {
  for (const entry of ['index.ts', 'terminal/stack-thread.ts', 'cli.ts']) {
    expect(ofOurs(reachedFrom(source(entry)))).toEqual(['@iamfetch/policy'])
  }
})

it('the policy evaluation imports nothing, neither of this repository nor of Node', () => {
  const entry = fileURLToPath(import.meta.resolve('@iamfetch/policy'))
  expect([...reachedFrom(entry)].filter((name) => !isAbsolute(name))).toEqual([])
})

it('the local stack verifies with the signer of AWS', () => {
  for (const entry of ['index.ts', 'terminal/stack-thread.ts']) {
    expect(reachedFrom(source(entry))).toContain('@smithy/signature-v4')
  }
})

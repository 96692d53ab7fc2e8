import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const source = (path: string): string => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

/** Everything that a file imports, and what that imports; names of packages and files of this one. */
function reachedFrom(
  file: string,
  pattern = /(?:from|import\() ?'([^']+)'/g,
  reached: Set<string> = new Set(),
): Set<string> {
  if (reached.has(file)) return reached
  reached.add(file)
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(pattern)) {
    if (name.startsWith('.')) reachedFrom(resolve(dirname(file), name), pattern, reached)
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

it('the command starts a stack without what reads templates and what serves WebSockets', () => {
  const loadedAtStart = /^(?:import|export) (?!type )[^']*from '([^']+)'/gm
  const inThread = reachedFrom(source('terminal/stack-thread.ts'), loadedAtStart)
  expect(inThread).toContain('hono')
  for (const entry of ['cli.ts', 'terminal/stack-thread.ts']) {
    const loaded = reachedFrom(source(entry), loadedAtStart)
    for (const name of ['yaml', 'ws', 'jose']) expect(loaded).not.toContain(name)
  }
})

it('the local stack verifies with the signer of AWS', () => {
  for (const entry of ['index.ts', 'terminal/stack-thread.ts']) {
    expect(reachedFrom(source(entry))).toContain('@smithy/signature-v4')
  }
})

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { SHELL_LINES, shellLinesOf } from '../../test/packed/shell-lines.ts'
import { findFiles } from '../../scripts/files.ts'

const texts = [
  ...findFiles('docs/pages/**/*.md'),
  ...findFiles('{,packages/*/,examples/*/}*.md'),
].map((file) => ({ file, text: readFileSync(file, 'utf8') }))

test('each line of the shell blocks on the pages is run by a suite, or says why it is not', () => {
  const lines = new Set(
    texts.flatMap(({ file, text }) => (file.startsWith('docs/') ? shellLinesOf(text) : [])),
  )
  expect(Object.keys(SHELL_LINES).toSorted()).toEqual([...lines].toSorted())
})

const blocks = (language: string): { at: string; code: string }[] =>
  texts.flatMap(({ file, text }) =>
    [...text.matchAll(new RegExp(`^ *\`\`\`${language}\\b.*\\n([^]*?)^ *\`\`\`$`, 'gm'))].map(
      ({ 1: code = '', index }) => ({
        at: `${file}, line ${text.slice(0, index).split('\n').length}`,
        code,
      }),
    ),
  )

test.each(blocks('yaml'))('the YAML block of $at can be read', ({ code }) => {
  expect(parse(code)).toEqual(expect.anything())
})

test.each(blocks('json'))('the JSON block of $at can be read', ({ code }) => {
  expect(JSON.parse(code)).toEqual(expect.anything())
})

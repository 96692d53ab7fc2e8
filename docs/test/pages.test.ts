import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { codeBlocks } from '../../scripts/code-blocks.ts'
import { docsUrl, type ErrorCode } from '@iamfetch/core'
import { collectMessages } from '../../test/messages/collect-messages.ts'
import { errorCodes } from '../build/error-codes.ts'
import { errorList, errorPages } from '../build/error-pages.ts'
import { MISTAKES } from './mistakes.ts'
import { withIncludes } from '../build/included.ts'
import { rewriteLinks } from '../build/links.ts'
import { showFileNames } from '../build/blocks.ts'
import { refusalsPage } from '../build/refusals.ts'
import { findFiles } from '../../scripts/files.ts'

describe('what a page includes', () => {
  test.each(findFiles('docs/pages/**/*.md'))('%s finds everything that it includes', (page) => {
    expect(withIncludes(readFileSync(page, 'utf8'), page)).not.toMatch(/<!-- (include|code) /)
  })

  test('a section is taken without its heading, up to the next of its level', () => {
    const text = withIncludes('<!-- include packages/core/README.md ## Clocks -->', 'page.md')
    expect(text).toContain('A `Clock` has `now()`')
    expect(text).not.toContain('## ')
  })

  test('a text is taken up to a heading', () => {
    const text = withIncludes(
      '<!-- include packages/sigv4/README.md until ## Documentation -->',
      'p',
    )
    expect(text).toMatch(/^AWS Signature Version 4/)
    expect(text).not.toContain('## Documentation')
  })

  test('a text that is not there yet is replaced by its fallback', () => {
    const text = '<!-- include? NOT-THERE.md -->\nFallback.\n<!-- /include -->'
    expect(withIncludes(text, 'page.md')).toBe('Fallback.')
    const there = text.replace('NOT-THERE.md', 'packages/core/README.md')
    expect(withIncludes(there, 'page.md')).not.toContain('Fallback')
  })

  test('source code is taken from a line to the end of its block', () => {
    const text = withIncludes(
      '<!-- code docs/build/included.ts from "export function withIncludes" -->',
      'page.md',
    )
    expect(text).toMatch(/^```ts/)
    expect(text).toMatch(/\n\}\n```$/)
  })

  test.each([
    ['<!-- include NOT-THERE.md -->', /page\.md: there is no NOT-THERE\.md/],
    ['<!-- include README.md ## No such -->', /page\.md: README\.md has no heading "## No such"/],
    ['<!-- include README.md from "No such" to "x" -->', /no line that begins with "No such"/],
    ['<!-- include README.md until ## No such -->', /README\.md has no heading "## No such"/],
    ['<!-- include README.md what -->', /not understood/],
    ['<!-- code README.md from "No such" -->', /no line that begins/],
  ])('%s is an error that names the page', (text, words) => {
    expect(() => withIncludes(text, 'page.md')).toThrow(words)
  })

  test('links lead to the page of a file, else name the file', () => {
    const from = 'packages/sigv4/README.md'
    expect(rewriteLinks('[the table](../../test/runtimes/README.md)', from)).toBe(
      '[the table](/runtimes)',
    )
    expect(rewriteLinks('[core](../core)', from)).toBe('[core](/packages/core)')
    expect(rewriteLinks('[it](src/sign.ts)', from)).toBe('it (`packages/sigv4/src/sign.ts`)')
    expect(rewriteLinks('[AWS](https://aws.amazon.com)', from)).toBe(
      '[AWS](https://aws.amazon.com)',
    )
    expect(() => rewriteLinks('[it](src/gone.ts)', from)).toThrow(/is dead/)
  })

  test.each([
    [
      'a code span',
      '| `[0, 1)` | a |\n\n[core](../core)',
      '| `[0, 1)` | a |\n\n[core](/packages/core)',
    ],
    [
      'an open bracket',
      '| [0, 1) |\n| x | [core](../core) |',
      '| [0, 1) |\n| x | [core](/packages/core) |',
    ],
    ['a block of code', '```md\n[x](gone.md)\n```\n', '```md\n[x](gone.md)\n```\n'],
    ['a title', '[core](../core "Core")', '[core](/packages/core "Core")'],
    ['a line end in the label', '[the\ncore](../core)', '[the\ncore](/packages/core)'],
    ['code in the label', '[`sign`](src/sign.ts)', '`sign` (`packages/sigv4/src/sign.ts`)'],
    ['a definition', 'See [core].\n\n[core]: ../core', 'See [core].\n\n[core]: /packages/core'],
    ['an attribute of HTML', '<a href="../core">core</a>', '<a href="/packages/core">core</a>'],
    [
      'two links in a line',
      '[a](../core), [b](../cognito)',
      '[a](/packages/core), [b](/packages/cognito)',
    ],
    [
      'the address of the site',
      '[a](https://iamfetch.github.io/iamfetch/packages/core#clocks)',
      '[a](/packages/core#clocks)',
    ],
    ['an anchor', '[a](../core/README.md#clocks)', '[a](/packages/core#clocks)'],
  ])('a link after or with %s is rewritten alone', (_what, text, rewritten) => {
    expect(rewriteLinks(text, 'packages/sigv4/README.md')).toBe(rewritten)
  })
})

describe('READMEs', () => {
  const ofPackages = findFiles('packages/*/README.md')

  test.each(['README.md', ...ofPackages])('%s is about one screen', (file) => {
    // The README of the repository has a picture and a list of all packages in addition.
    const most = file === 'README.md' ? 70 : 60
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(most)
  })

  test.each(ofPackages)('%s leads to whole addresses, because npm shows it alone', (file) => {
    const targets = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(([, to]) => to)
    expect(targets.filter((to) => !to?.startsWith('https://'))).toEqual([])
  })

  test.each(findFiles('docs/pages/packages/*.md'))('%s begins with the README', (page) => {
    const folder = /(\w[\w-]*)\.md$/.exec(page)?.[1]
    const readme = `packages/${folder}/README.md`
    expect(readFileSync(page, 'utf8')).toContain(`include ${readme} until ## Documentation -->`)
    expect(readFileSync(readme, 'utf8')).toContain(
      `https://iamfetch.github.io/iamfetch/packages/${folder}#`,
    )
  })
})

describe('the error codes', () => {
  const pages = errorPages()

  test('each code of the union has what to do, and a source that throws it', () => {
    const codes = errorCodes()
    expect(codes.length).toBeGreaterThan(50)
    for (const { code, rows, sources } of codes) {
      expect(rows.map(({ whatToDo }) => whatToDo).join(''), code).not.toBe('')
      expect(sources, code).not.toEqual([])
    }
  })

  test('the list leads to the page of each code, at the address that errors contain', () => {
    const list = errorList()
    for (const { code } of errorCodes()) {
      expect(list).toContain(`- [\`${code}\`](/errors/${code}/): `)
      expect(pages.get(code)).toMatch(new RegExp(`^# ${code}\n\n\\S`))
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read from the union itself
      expect(docsUrl(code as ErrorCode)).toMatch(new RegExp(`/errors/${code}$`))
    }
  })

  test('each message of the packages is on the page of its code, or on some page if several codes have it', () => {
    const all = [...pages.values()].join('\n').replace(/\s+/g, ' ')
    const messages = collectMessages()
      // An error without a code has no page.
      .filter(({ kind, code = '' }) => kind === 'message' && !code.endsWith('Error'))
      // Parts of a sentence, and the texts of `explain`, the command and the local stack, which are not errors.
      .filter(({ text }) => !/^[a-z{]/.test(text) && text !== '')
      .filter(
        ({ folder, file }) => folder !== 'packages/local' && !/^(explain|refusal|cli)\b/.test(file),
      )
    const missing = messages
      .filter(({ code, text }) => {
        const page = code ? (pages.get(code) ?? '').replace(/\s+/g, ' ') : all
        const written = text.replace(/\{operation\}.*/, '').replace(/\s+/g, ' ')
        return !page.includes(written.trim())
      })
      .map(({ folder, file, code, text }) => `${folder}/${file} [${code}]: ${text}`)
    expect(messages.length).toBeGreaterThan(200)
    expect(missing).toEqual([])
  })

  test.each(MISTAKES)(
    'the page about $mistake has the text that users see',
    async ({ seen, page }) => {
      const [, code] = /^errors\/(\w+)\/$/.exec(page) ?? []
      const text = code ? pages.get(code) : await refusalsPage()
      expect(text).toContain(seen)
    },
  )
})

test('each test that the page of troubles elsewhere names is there', () => {
  const page = readFileSync('docs/pages/elsewhere.md', 'utf8')
  const rows = [...page.matchAll(/ \| `([\w-]+)\/([\w/-]+)`: (.+?) +\|$/gm)]
  expect(rows).toHaveLength(page.match(/^\| .*github\.com/gm)!.length)
  expect(rows.length).toBeGreaterThan(20)
  for (const [, folder, name, title] of rows) {
    const [file = ''] = findFiles(
      `${folder === 'test' ? 'test' : `packages/${folder}/test`}/${name}{,.e2e}.test.ts`,
    )
    expect(readFileSync(file, 'utf8')).toContain(title)
  }
})

test('the page of refusals says what explain says, for each kind of API', async () => {
  const page = await refusalsPage()
  for (const code of [
    'AUTH_MISSING',
    'AUTH_MALFORMED',
    'SIGNATURE_MISMATCH',
    'CLOCK_SKEW',
    'WRONG_SCOPE',
    'TOKEN_INVALID',
    'TOKEN_EXPIRED',
    'ACCESS_DENIED',
    'FORBIDDEN',
    'UNAUTHORIZED',
  ]) {
    expect(page).toContain(`\`code\`: \`${code}\``)
  }
  expect(page).toContain('The role ReadOnlyAccessRole is not allowed to call POST /test')
  expect(page).toContain('unverified')
})

describe('the code of a text', () => {
  const block = (info: string, before = ''): string => `${before}\`\`\`${info}\nlet a = 1\n\`\`\`\n`

  test('TypeScript is found, also inside a list', () => {
    expect(codeBlocks(block('ts') + block('tsx'), 'a.md').blocks).toMatchObject([
      { line: 1, extension: 'ts', code: 'let a = 1' },
      { line: 4, extension: 'tsx' },
    ])
    expect(codeBlocks('- x\n  ```ts\n  let a = 1\n  ```\n', 'a.md').blocks).toMatchObject([
      { line: 2, code: 'let a = 1' },
    ])
  })

  test('a block with a name in brackets is that file', () => {
    const { blocks } = codeBlocks(block('ts [src/api.ts]') + block('vue [notes.vue]'), 'a.md')
    expect(blocks).toMatchObject([
      { extension: 'ts', name: 'src/api.ts' },
      { extension: 'vue', name: 'notes.vue' },
    ])
    expect(() => codeBlocks(block('ts [src/api.js]'), 'a.md')).toThrow(/not the name of a ts file/)
    expect(() => codeBlocks(block('ts [a.ts]') + block('ts [a.ts]'), 'a.md')).toThrow(
      'a.md, line 4: a second block is called "a.ts"',
    )
  })

  test('the name of a file is shown above its block', () => {
    expect(showFileNames(block('ts [src/api.ts]'))).toBe(
      `<p class="file"><code>src/api.ts</code></p>\n\n${block('ts')}`,
    )
    expect(showFileNames(block('ts'))).toBe(block('ts'))
  })

  test('a block is left out only with its reason', () => {
    const found = codeBlocks(block('ts', '<!-- not compiled: the code before -->\n\n'), 'a.md')
    expect(found).toEqual({
      blocks: [],
      notCompiled: [{ file: 'a.md', line: 3, reason: 'the code before' }],
    })
    expect(() => codeBlocks(block('ts', '<!-- not compiled: -->\n'), 'a.md')).toThrow(/its reason/)
    expect(() => codeBlocks('<!-- not compiled: x -->\ntext\n', 'a.md')).toThrow(/no block follows/)
  })

  test.each(['js', 'typescript', 'ts twoslash', 'jsx'])('no block escapes as %s', (info) => {
    expect(() => codeBlocks(block(info), 'a.md')).toThrow(/is not checked/)
  })

  test('shell, JSON and YAML need no compiler', () => {
    expect(codeBlocks(block('sh') + block('json') + block('yaml'), 'a.md').blocks).toEqual([])
  })

  test('a block without an end is an error', () => {
    expect(() => codeBlocks('```ts\nlet a = 1\n', 'a.md')).toThrow(/has no end/)
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { menu } from '../build/menu.ts'
import { findFiles } from '../../scripts/files.ts'

const pages = join(import.meta.dirname, '../pages')
const checklist = readFileSync(join(pages, 'aws/checklist.md'), 'utf8')

/** The address that VitePress gives a heading, as far as ours need it. */
function anchorOf(heading: string): string {
  const [, given] = /\{#([\w-]+)\}$/.exec(heading) ?? []
  if (given) return given
  return heading
    .normalize('NFKD')
    .replaceAll(/[\s~`!@#$%^&*()\-_+=[\]{}|\\;:"'“”‘’<>,.?/]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .replace(/^(\d)/, '_$1')
    .toLowerCase()
}

/** The Markdown file of an address such as `/aws/cli`. */
function fileOf(path: string): string {
  const file = path.endsWith('/') ? `${path}index.md` : `${path}.md`
  const code = /^\/errors\/([A-Z_]+)\/$/.exec(path)?.[1]
  return join(pages, code ? `errors/${code}.md` : file)
}

const links = (text: string): string[] =>
  [...text.matchAll(/\]\((\/[^)\s]*)\)/g)].map(([, to = '']) => to)

describe('the checklist for AWS', () => {
  test('has a column for each way to work that is in the menu', () => {
    const ways = menu
      .find(({ text }) => text === 'On AWS')!
      .items!.map(({ link = '' }) => link)
      .filter((link) => !['/aws/', '/aws/checklist'].includes(link))
    expect(ways).toHaveLength(7)
    for (const way of ways) expect(links(checklist), way).toContain(`${way}#how-to-check-each-step`)
  })

  test.each(findFiles('aws/*.md', { cwd: pages }).filter((page) => !/index|checklist/.test(page)))(
    '%s says how to check each step, with whoami and explain',
    (page) => {
      const [, section = ''] = readFileSync(join(pages, page), 'utf8').split(
        '\n## How to check each step\n',
      )
      expect(section).toContain('npx iamfetch whoami')
      expect(section).toContain('npx iamfetch explain')
    },
  )
})

test('each link of a page to a heading of another page finds it', () => {
  const dead = findFiles('**/*.md', { cwd: pages }).flatMap((page) =>
    links(readFileSync(join(pages, page), 'utf8'))
      .map((to) => ({ to, path: to.split('#')[0]!, anchor: to.split('#')[1] }))
      // What is included from elsewhere is checked when the site is built.
      .filter(({ path }) => /^\/(aws|tasks|errors)\//.test(path) || /^\/[a-z-]+$/.test(path))
      .filter(({ path, anchor }) => {
        const file = fileOf(path)
        if (!existsSync(file)) return true
        const text = readFileSync(file, 'utf8')
        // Headings may come from what is included, generated or drawn by a component.
        if (!anchor || /<!-- (include|generated)|<SigningPage/.test(text)) return false
        return ![...text.matchAll(/^#+ (.+)$/gm)].some(
          ([, title = '']) => anchorOf(title) === anchor,
        )
      })
      .map(({ to }) => `${page}: ${to}`),
  )
  expect(dead).toEqual([])
})

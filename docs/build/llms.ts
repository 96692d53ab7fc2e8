import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { docsUrl } from '@iamfetch/core'
import { menu } from './menu.ts'

/** Where the site is published. */
const SITE = docsUrl('OFFLINE').replace(/errors\/\w+$/, '')

/** A page of the menu, in the order of the menu. */
interface ListedPage {
  section: string
  title: string
  /** `/tasks/react` or `/errors/CODE/`. */
  link: string
}

/**
 * Writes `llms.txt`, a list of the pages for programs that read documentation, and `llms-full.txt`, their text.
 *
 * @param site    The folder with the finished pages.
 * @param target  Where the files go.
 * @see [llms.txt](https://llmstxt.org)
 */
export function writeLlmsTexts(site: string, target: string): void {
  const pages = listedPages()
  writeFileSync(join(target, 'llms.txt'), listOf(pages))
  const texts = pages
    // The reference of each entry point is long, and its list leads to it.
    .filter(({ link }) => link !== '/reference/')
    .map(({ link }) => plainText(readFileSync(fileOf(site, link), 'utf8')))
  writeFileSync(join(target, 'llms-full.txt'), texts.join('\n\n'))
}

function listedPages(): ListedPage[] {
  return menu.flatMap(({ text: section = '', items = [] }) =>
    items.flatMap(({ text: title = '', link = '', items: below = [] }) => [
      { section, title, link },
      ...below.map((page) => ({ section: title, title: page.text ?? '', link: page.link ?? '' })),
    ]),
  )
}

function listOf(pages: readonly ListedPage[]): string {
  const sections = [...new Set(pages.map(({ section }) => section))]
  const lists = sections.map((section) => {
    const listed = pages.filter((page) => page.section === section)
    const lines = listed.map(({ title, link }) => `- [${title}](${SITE}${link.slice(1)})`)
    return `## ${section}\n\n${lines.join('\n')}\n`
  })
  return `# iamfetch\n\n> fetch for APIs that IAM guards: it gets the credentials of the signed-in user, signs each request with AWS Signature Version 4, repeats it where that is safe, and explains every refusal.\n\nAll pages as one text: ${SITE}llms-full.txt\n\n${lists.join('\n')}`
}

const fileOf = (site: string, link: string): string =>
  join(site, link.endsWith('/') ? `${link}index.md` : `${link}.md`)

/** The Markdown of a page without front matter, components and comments. Links lead to the site. */
function plainText(page: string): string {
  return page
    .replace(/^---\n[^]*?\n---\n+/, '')
    .replaceAll(/^<!-- .* -->\n+/gm, '')
    .replaceAll(/^<[A-Z]\w+ \/>\n+/gm, '')
    .replaceAll(/<p class="file"><code>(.+?)<\/code><\/p>/g, '`$1`:')
    .replaceAll('](/', `](${SITE}`)
    .trim()
}

import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Where pictures that included texts show are copied to; what stands there is served at `/`. */
export const pictures: string = join(import.meta.dirname, '../.pages/public')

/** Files of the repository that are a page here. */
const PAGES: Record<string, string> = {
  'README.md': '/',
  'packages/README.md': '/concepts',
  'test/runtimes/README.md': '/runtimes',
  'test/compare/README.md': '/bad-days',
  'packages/sigv4/bench/README.md': '/benches',
  'packages/iamfetch/MIGRATING.md': '/migrate',
  'packages/iamfetch/REACT.md': '/packages/react',
  'packages/iamfetch/COMMAND.md': '/packages/command',
  'SECURITY.md': '/threat-model',
}

/**
 * Rewrites the relative links of an included text: to the page that shows the file, else to its name in the repository.
 *
 * @param file  Where the text is from, relative to the repository.
 * @throws Error for a link to a file that is not there.
 */
export function rewriteLinks(text: string, file: string): string {
  return text.replace(
    /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g,
    (found, picture: string, words: string, to: string) => {
      if (/^([a-z]+:|#|\/)/.test(to)) return found
      const [path, anchor] = posix.join(dirname(file), to).replace(/\/$/, '').split('#')
      if (!existsSync(join(root, path!))) throw new Error(`${file}: the link to ${to} is dead`)
      if (picture || /\.(svg|png)$/.test(path!)) {
        return `${picture}[${words}](${copied(path!)})`
      }
      const page = pageOf(path!, anchor)
      return page ? `[${words}](${page})` : inRepository(words, path!)
    },
  )
}

function pageOf(path: string, anchor: string | undefined): string | undefined {
  const exact = anchor && PAGES[`${path}#${anchor}`]
  if (exact) return exact
  const [, folder] = /^packages\/(?!testing\b)([\w-]+)(?:\/README\.md)?$/.exec(path) ?? []
  const page = PAGES[path] ?? (folder && path !== 'packages/README.md' ? `/packages/${folder}` : '')
  return page && anchor ? `${page}#${anchor}` : page || undefined
}

const inRepository = (words: string, path: string): string =>
  words.includes(path) ? words : `${words} (\`${path}\`)`

function copied(path: string): string {
  const target = `pictures/${path.replaceAll('/', '-')}`
  mkdirSync(join(pictures, 'pictures'), { recursive: true })
  copyFileSync(join(root, path), join(pictures, target))
  return `/${target}`
}

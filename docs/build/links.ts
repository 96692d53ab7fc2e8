import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Where pictures that included texts show are copied to; what is in it is served at `/`. */
export const pictures: string = join(import.meta.dirname, '../.pages/public')

/** Where files are that no page shows. */
const REPOSITORY = 'https://github.com/iamfetch/iamfetch/blob/main'

/** Where this site is published. A README that npm shows has to write the whole address. */
const SITE = 'https://iamfetch.github.io/iamfetch'

/** Files of the repository that are a page here. */
const PAGES: Record<string, string> = {
  'README.md': '/',
  'packages/README.md': '/concepts',
  'test/runtimes/README.md': '/runtimes',
  'test/clients/README.md': '/works-with',
  'test/compare/README.md': '/bad-days',
  'packages/sigv4/bench/README.md': '/benches',
  'packages/iamfetch/MIGRATING.md': '/migrate',
  'packages/iamfetch/REACT.md': '/packages/react',
  'packages/iamfetch/COMMAND.md': '/packages/command',
  'packages/iamfetch/TELEMETRY.md': '/packages/telemetry',
  'SECURITY.md': '/threat-model',
}

/**
 * Rewrites the relative links of an included text: to the page that shows the file, else to its name in the repository.
 *
 * The Markdown parser finds them, so code and brackets that are not links stay as they are. Definitions
 * (`[name]: file`) and the attributes `href`, `src` and `srcset` of HTML are rewritten, too.
 *
 * @param file  Where the text is from, relative to the repository.
 * @throws Error for a link to a file that does not exist.
 */
export function rewriteLinks(text: string, file: string): string {
  const edits: Edit[] = []
  const visit = (node: Nodes): void => {
    edits.push(...editsOf(node, text, file))
    if ('children' in node) for (const child of node.children) visit(child)
  }
  visit(fromMarkdown(text))
  let rewritten = text
  for (const { from, to, by } of edits.toSorted((a, b) => b.from - a.from)) {
    rewritten = rewritten.slice(0, from) + by + rewritten.slice(to)
  }
  return rewritten
}

/** A part of the text, by its offsets, and what replaces it. */
interface Edit {
  from: number
  to: number
  by: string
}

function editsOf(node: Nodes, text: string, file: string): Edit[] {
  const [from, to] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]
  const source = text.slice(from, to)
  if (node.type === 'html') {
    const by = source.replace(
      /(\b(?:href|src|srcset)=)"([^"\s]+)"/g,
      (found, attribute: string, url: string) => {
        const target = targetOf(url, file)
        return target ? `${attribute}"${addressOf(target)}"` : found
      },
    )
    return [{ from, to, by }]
  }
  if (node.type !== 'link' && node.type !== 'image' && node.type !== 'definition') return []
  const target = targetOf(node.url, file)
  if (!target) return []
  if (node.type === 'link' && !target.link) {
    const end = node.children.at(-1)?.position?.end.offset ?? from + 1
    const words = text.slice(from + 1, end)
    const name = words.includes(target.path) ? '' : ` (\`${target.path}\`)`
    return [
      { from, to: from + 1, by: '' },
      { from: end, to, by: name },
    ]
  }
  // The address is the last part of a link that can contain it; only a title follows.
  const at = from + source.lastIndexOf(node.url)
  if (at < from)
    throw new Error(`${file}: write the address of the link to ${node.url} without escapes`)
  return [{ from: at, to: at + node.url.length, by: addressOf(target) }]
}

/** A file that a link leads to, and the address of the page that shows it, if there is one. */
interface Target {
  path: string
  link?: string
}

const addressOf = ({ path, link }: Target): string => link ?? `${REPOSITORY}/${path}`

/** Where a relative link or one to this site leads; `undefined` for every other link. */
function targetOf(to: string, file: string): Target | undefined {
  if (to.startsWith(`${SITE}/`)) return { path: file, link: to.slice(SITE.length) }
  if (to === '' || /^([a-z]+:|#|\/)/.test(to)) return undefined
  const [path = '', anchor] = posix.join(dirname(file), to).replace(/\/$/, '').split('#')
  if (!existsSync(join(root, path))) throw new Error(`${file}: the link to ${to} is dead`)
  const link = /\.(svg|png)$/.test(path) ? copied(path) : pageOf(path, anchor)
  return link ? { path, link } : { path }
}

function pageOf(path: string, anchor: string | undefined): string | undefined {
  const exact = anchor && PAGES[`${path}#${anchor}`]
  if (exact) return exact
  const [, folder] = /^packages\/(?!testing\b)([\w-]+)(?:\/README\.md)?$/.exec(path) ?? []
  const page = PAGES[path] ?? (folder && path !== 'packages/README.md' ? `/packages/${folder}` : '')
  return page && anchor ? `${page}#${anchor}` : page || undefined
}

function copied(path: string): string {
  const target = `pictures/${path.replaceAll('/', '-')}`
  mkdirSync(join(pictures, 'pictures'), { recursive: true })
  copyFileSync(join(root, path), join(pictures, target))
  return `/${target}`
}

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { showFileNames, withoutMarkers } from './blocks.ts'
import { errorList, errorPages } from './error-pages.ts'
import { withIncludes } from './included.ts'
import { writeReference } from './reference.ts'
import { writeLlmsTexts } from './llms.ts'
import { refusalsPage } from './refusals.ts'
import { tokenCosts } from './token-costs.ts'
import { findFiles } from '../../scripts/files.ts'

const docs = join(import.meta.dirname, '..')
const root = join(docs, '..')
const site = join(docs, '.pages')

/** Writes every page of the site: those of `pages/` with what they include, the READMEs, error codes and reference. */
export async function writePages(): Promise<void> {
  rmSync(site, { recursive: true, force: true })
  mkdirSync(join(site, 'public'), { recursive: true })
  copyFileSync(join(docs, 'favicon.svg'), join(site, 'public/favicon.svg'))
  await writeOwnPages()
  await writeReferencePages()
  writeLlmsTexts(site, join(site, 'public'))
}

async function writeOwnPages(): Promise<void> {
  const generated: Record<string, string> = {
    'error-codes': errorList(),
    refusals: await refusalsPage(),
    decisions: decisions(),
    'token-costs': tokenCosts(),
  }
  for (const [code, text] of errorPages()) {
    // In a folder, so that any host of static files serves `/errors/CODE`, the address that errors contain.
    const page = `pages/errors/${code}.md`
    write(`errors/${code}/index.md`, withIncludes(text, `docs/${page}`), `docs/${page}`)
  }
  for (const page of findFiles('pages/**/*.md', { cwd: docs })) {
    if (/^pages\/errors\/[A-Z_]+\.md$/.test(page)) continue
    const text = readFileSync(join(docs, page), 'utf8').replace(
      /^<!-- generated ([\w-]+) -->$/gm,
      (_found, name: string) => {
        const part = generated[name]
        if (!part) throw new Error(`docs/${page}: nothing generates ${name}`)
        return part
      },
    )
    write(page.replace(/^pages\//, ''), withIncludes(text, `docs/${page}`), `docs/${page}`)
  }
  for (const file of findFiles('packages/*/README.md', { cwd: root })) {
    const [, folder] = file.split('/')
    // A page of its own includes the README.
    if (existsSync(join(docs, `pages/packages/${folder}.md`))) continue
    writeReadme(file, `packages/${folder}.md`)
  }
  for (const file of decisionFiles()) writeReadme(file, file.replace(/^docs\//, ''))
  writeReadme('packages/iamfetch/REACT.md', 'packages/react.md')
  writeReadme('packages/iamfetch/COMMAND.md', 'packages/command.md')
  writeReadme('packages/iamfetch/TELEMETRY.md', 'packages/telemetry.md')
}

/** The dated files with one decision each, the newest first. */
const decisionFiles = (): string[] =>
  findFiles('docs/decisions/*.md', { cwd: root }).toSorted().toReversed()

/** A list of links to the decisions that are still in force. */
const decisions = (): string =>
  decisionFiles()
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
    .filter(({ text }) => text.includes('Status: accepted.'))
    .map(({ file, text }) => {
      const [, title] = /^# (.*)/.exec(text) ?? []
      return `- [${title}](/${file.replace(/^docs\/|\.md$/g, '')})`
    })
    .join('\n')

function writeReadme(file: string, page: string): void {
  const [title] = /^# .*/.exec(readFileSync(join(root, file), 'utf8')) ?? []
  write(page, withIncludes(`${title}\n\n<!-- include ${file} -->\n`, file), file)
}

/** Writes one page per entry point. The long form of a default is brought to one line. */
async function writeReferencePages(): Promise<void> {
  const folder = join(site, 'reference')
  await writeReference(folder)
  for (const page of findFiles('**/*.md', { cwd: folder })) {
    const path = join(folder, page)
    const written = readFileSync(path, 'utf8')
    // The headings of the sections have ids of their own: "Functions" has `functions`.
    const taken = new Set(
      [...written.matchAll(/^## ([A-Z][A-Za-z ]+)$/gm)].map(([, title = '']) =>
        title.toLowerCase().replaceAll(' ', '-'),
      ),
    )
    const text = written
      .replace(/^<a id="(.+)"><\/a>\n\n(#+ .+)$/gm, (_found, id: string, heading: string) => {
        // TypeDoc gives some members the id of another; the first one keeps it.
        const own = taken.has(id) ? `${id}--${taken.size}` : id
        taken.add(own)
        return `${heading} {#${own}}`
      })
      .replace(/^#+ Default.*\n\n```ts\n(.*)\n```/gm, 'Default: `$1`')
      // A parameter that is taken apart at once has no name in the sources.
      .replace(/(?:\\_){2}namedParameters|__namedParameters/g, 'options')
      // Over each part of an entry, bold is enough. Parameters, too: nothing links to them, and as headings they would
      // take the ids of members.
      .replace(/^#{4,} ([A-Z][A-Za-z ]+)$/gm, '**$1**')
      .replace(/^#{5,} ([^{\n]+)\n\n(.+)$/gm, (_found, name: string, type: string) => {
        const plain = name.replaceAll('\\', '')
        return type.startsWith('```') ? `\`${plain}\`:\n\n${type}` : `- \`${plain}\`: ${type}`
      })
      .replace(/^\*\*\*\n\n/gm, '')
      .replace(/^# iamfetch-monorepo\n\n## Modules$/m, REFERENCE)
    writeFileSync(path, text)
  }
}

const REFERENCE = `# API reference

One page per entry point, written from the doc comments in the sources. The pages of the packages have all options in one table, with units and
defaults.`

/**
 * @param source  The file of the repository in which the page is edited.
 */
function write(page: string, written: string, source: string): void {
  const body = showFileNames(withoutMarkers(written))
  // The config reads the source from the front matter, for the link "Edit this page".
  const text = body.startsWith('---\n')
    ? body.replace('---\n', `---\nsource: ${source}\n`)
    : `---\nsource: ${source}\n---\n\n${body}`
  const path = join(site, page)
  mkdirSync(dirname(path), { recursive: true })
  // A page that is being watched is never half written.
  writeFileSync(`${path}.part`, text)
  renameSync(`${path}.part`, path)
}

/** Writes the pages again when a text changes that they are made of; doc comments are read at the next start. */
export function watchPages(): void {
  let timer: NodeJS.Timeout | undefined
  const again = (_event: string, file: string | null): void => {
    if (!file || !/\.(md|ts|tsx|svg|css)$/.test(file) || /node_modules|\.pages/.test(file)) return
    clearTimeout(timer)
    timer = setTimeout(
      () => void writeOwnPages().catch((error: unknown) => console.error(error)),
      100,
    )
  }
  for (const folder of ['docs/pages', 'packages', 'examples']) {
    const path = join(root, folder)
    if (existsSync(path)) watch(path, { recursive: true }, again)
  }
  watch(join(root, 'README.md'), again)
}

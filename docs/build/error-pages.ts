import { collectMessages, type Message } from '../../test/messages/collect-messages.ts'
import { errorCodes, type CodeEntry } from './error-codes.ts'

/** The list of all codes, by group: each code leads to its page. */
export function errorList(): string {
  const lines: string[] = []
  let group = ''
  for (const entry of errorCodes()) {
    if (entry.group !== group) {
      group = entry.group
      lines.push('', `## ${capital(group)}`, '')
    }
    lines.push(`- [\`${entry.code}\`](/errors/${entry.code}/): ${summaryOf(entry.page)}`)
  }
  return lines.join('\n').trim()
}

/**
 * The page of each code, by code: the text of `docs/pages/errors/CODE.md`, the texts that the packages have for the code, read
 * from their sources, and the packages whose page lists it.
 */
export function errorPages(): Map<string, string> {
  // What the command says in place of a remedy points to its own output.
  const messages = collectMessages().filter(({ file }) => !file.startsWith('cli/'))
  return new Map(
    errorCodes().map((entry) => {
      const texts = messages.filter(({ code }) => code === entry.code)
      const page = entry.page.replace('<!-- generated messages -->', () => textsOf(texts))
      return [entry.code, `${page.trim()}\n\n${packagesOf(entry)}\n`]
    }),
  )
}

/** The first sentence of a page. */
const summaryOf = (page: string): string => page.split('\n')[2] ?? ''

/** Packages that callers import come first. */
const FOLDERS = ['iamfetch', 'cognito', 'sigv4', 'core', 'machine', 'server', 'developer-access']
/** With more texts than this, a page has a heading for each package. */
const MOST_WITHOUT_HEADINGS = 20

function textsOf(messages: readonly Message[]): string {
  const folders = new Set(messages.map(({ folder }) => folder.replace(/^packages\//, '')))
  if (messages.length <= MOST_WITHOUT_HEADINGS) return textBlocks(messages)
  const ordered = [...FOLDERS.filter((folder) => folders.delete(folder)), ...folders]
  return ordered
    .map((folder) => {
      const own = messages.filter((message) => message.folder === `packages/${folder}`)
      const name = folder === 'iamfetch' ? folder : `@iamfetch/${folder}`
      return `### ${name}\n\n${textBlocks(own)}`
    })
    .join('\n\n')
}

function textBlocks(messages: readonly Message[]): string {
  const block = (kind: Message['kind']): string => {
    const texts = messages.filter((message) => message.kind === kind).map(({ text }) => text)
    return texts.length > 0 ? `\`\`\`text\n${[...new Set(texts)].join('\n\n')}\n\`\`\`` : ''
  }
  const [said, advice] = [block('message'), block('remedy')]
  return [
    said && `\`message\` of iamfetch; a value takes the place of each name in braces:\n\n${said}`,
    advice && `\`remedy\`:\n\n${advice}`,
  ]
    .filter(Boolean)
    .join('\n\n')
}

function packagesOf({ rows }: CodeEntry): string {
  const links = new Map(
    rows.map(({ packageName, folder }) => [packageName, `/packages/${folder}#errors`]),
  )
  const list = [...links].map(([name, link]) => `[\`${name}\`](${link})`).join(', ')
  return `Reported by ${list}. All codes are in [the list of error codes](/errors/).`
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

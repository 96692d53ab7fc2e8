import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PHRASES } from '../../scripts/phrases.ts'
import { collectMessages, type Message } from './collect-messages.ts'

const messages = collectMessages()

const of = (kind: Message['kind']): string[] =>
  messages
    .filter((message) => message.kind === kind)
    .map(({ folder, file, text }) => `${folder}/src/${file}: ${text}`)

test('every message and remedy is in one file that a person can read', async () => {
  const lines: string[] = [
    'Every text that the packages can show for an error, by package and file. {name} is filled in.',
    'Update with: npx vitest run --project node test/messages -u',
  ]
  let place = ''
  for (const { folder, file, code, kind, text } of messages) {
    const next = `${folder}/src/${file}`
    if (next !== place) lines.push('', `## ${next}`, '')
    place = next
    const ofMessage = code ? `[${code}] ` : ''
    const indent = kind === 'remedy' ? '    -> ' : ofMessage
    lines.push(indent + text.replaceAll('\n', '\n    '))
  }
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, 'messages.txt'),
  )
})

test('every remedy is a sentence of at least three words', () => {
  const short = of('remedy').filter((line) => {
    const text = line.slice(line.indexOf(': ') + 2).trim()
    // What is put together from other texts is checked where those are.
    if (text.startsWith('{')) return false
    return text.split(' ').length < 3 || !/[.?}`"]$/.test(text)
  })
  expect(short).toEqual([])
})

const hasPhrase = (line: string): boolean => PHRASES.some(([phrase]) => line.search(phrase) >= 0)

test('no message or remedy uses the words that the style guide replaces', () => {
  expect([...of('message'), ...of('remedy')].filter(hasPhrase)).toEqual([])
})

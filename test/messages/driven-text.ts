import type { DrivenMessage } from './driven-messages.ts'

const HEAD = [
  'Every message and remedy of the packages as people see it, by package and file. Each text was produced by a test; a remedy',
  'is below its message. Errors are shown as error.toString() shows them, without the address of the page.',
  'Update with: npm run test:messages -- --write',
]

/**
 * The text of `driven.txt`. An example that is in the file stays as long as a test produces it, so that a new test changes
 * nothing.
 */
export function drivenText(messages: readonly DrivenMessage[], known: ReadonlySet<string>): string {
  const lines = [...HEAD]
  let place = ''
  let shown: string[] = []
  for (const message of messages) {
    const { folder, file, examples } = message
    if (examples.length === 0) continue
    if (place !== `${folder}/src/${file}`) {
      place = `${folder}/src/${file}`
      shown = []
      lines.push('', `## ${place}`)
    }
    // One example often shows several messages: a message and its remedy.
    if (examples.some((example) => shown.includes(example))) continue
    const example = examples.find((one) => known.has(block(one))) ?? examples[0]!
    shown.push(example)
    lines.push('', block(example))
  }
  return `${lines.join('\n')}\n`
}

/** The examples of a `driven.txt`. */
export const examplesIn = (text: string): ReadonlySet<string> =>
  new Set(text.split(/\n\n+/).map((one) => one.trimEnd()))

/** An example on lines of its own, without empty lines. */
const block = (example: string): string => example.replaceAll(/\n\s*\n/g, '\n').trimEnd()

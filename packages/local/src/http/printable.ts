import { inspect } from 'node:util'

/**
 * Returns text that is safe on a terminal, on one line.
 *
 * Text of a request, a handler or a definition may contain control characters, which move the cursor or set the window's
 * title, and characters that are invisible or turn the direction of writing. Each is shown as an escape such as
 * `\u001b`. In JSON the escaped text has the same value as the original.
 *
 * @see [CWE-150: escape, meta, or control sequences](https://cwe.mitre.org/data/definitions/150.html)
 */
export const printable = (text: string): string => text.replace(UNSAFE, escaped)

/** Control and format characters, line separators and lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** As {@link printable}, with line breaks kept. Each further line is indented, so that it cannot pass for a line of ours. */
export const printableLines = (text: string): string =>
  text
    .split('\n')
    .map(printable)
    .join('\n')
    .replace(/\n(?! )/g, '\n  ')

/** The longest text of an error that is printed. A handler's error may quote a whole body. */
const LONGEST_ERROR = 20_000

/** Describes whatever was thrown, with its stack, for a terminal. It never throws, whatever the value is. */
export function errorText(error: unknown): string {
  let text: string
  try {
    text = error instanceof Error ? inspect(error) : inspect(error, { customInspect: false })
  } catch {
    text = 'a value that cannot be shown'
  }
  return printableLines(text.slice(0, LONGEST_ERROR))
}

/** Prints what a handler threw on stderr. */
export const logError = (error: unknown): void => console.error(errorText(error))

/** The longest text that goes into a response header. */
const LONGEST_HEADER = 900

/** Returns text that a response header can carry: one line of visible ASCII. */
export const headerText = (text: string): string =>
  text.replace(/[^ -~]+/g, ' ').slice(0, LONGEST_HEADER)

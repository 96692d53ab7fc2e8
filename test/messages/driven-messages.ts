import { join } from 'node:path'
import { collectMessages, root, type Message } from './collect-messages.ts'
import { withFixedWords } from './fixed-words.ts'
import { keyOf } from './record-messages.ts'
import type { CreatedError, Records } from './records.ts'

/** A message of the sources with the texts that tests made of it. */
export interface DrivenMessage extends Message {
  /** How people see it, by example, in sorted order: the error with its remedy, or the text alone. Empty if no test produces it. */
  readonly examples: readonly string[]
}

/** Joins the messages of the sources with what was recorded. Two equal texts of one file are one message. */
export function drivenMessages(records: Records): DrivenMessage[] {
  const texts = textsByMessage(records)
  const errors = shownErrors(records)
  const found = new Map<string, DrivenMessage>()
  for (const message of collectMessages()) {
    if (!hasOwnWords(message.text)) continue
    const key = keyOf(message)
    if (found.has(key)) continue
    const recorded = [...(texts.get(key) ?? [])]
    // A constant that is not a property is evaluated once, so it is found in the errors alone.
    const parts = recorded.length > 0 ? recorded : constantText(message)
    const asErrors = errors.filter((error) => parts.some((part) => includes(error, message, part)))
    const isOfError = message.code !== undefined
    const examples =
      asErrors.length > 0 || isOfError ? asErrors.map(({ shown }) => shown) : recorded
    found.set(key, { ...message, examples: inOrder(examples.map(withFixedWords)) })
  }
  return [...found.values()]
}

/** The shortest first: a long value is rarely a better example. */
const inOrder = (examples: readonly string[]): string[] =>
  [...new Set(examples)].toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))

function textsByMessage({ texts }: Records): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const { key, text } of texts) {
    const known = found.get(key) ?? new Set()
    found.set(key, known.add(text))
  }
  return found
}

interface ShownError extends CreatedError {
  readonly shown: string
}

function shownErrors({ errors }: Records): ShownError[] {
  const found = new Map<string, ShownError>()
  for (const error of errors) {
    const shown = show(error)
    found.set(`${error.path}\t${shown}`, { ...error, shown })
  }
  return [...found.values()]
}

/** As `IamFetchError.toString` shows it, with the remedy on a line of its own and without the address of the page. */
export function show({ name, code, message, remedy }: CreatedError): string {
  const head = code ? `${name} [${code}]: ${message}` : `${name}: ${message}`
  if (remedy === undefined) return head
  return `${/[.!?…]$/.test(head) ? head : `${head}.`}\n    ${remedy}`
}

function includes(error: ShownError, { kind, code }: Message, part: string): boolean {
  // A code of ours; `Error` and the like are not.
  if (code !== undefined && !code.endsWith('Error') && error.code !== code) return false
  if (kind === 'remedy') return !!error.remedy?.includes(part)
  // The name of an error may be put in front of the full stop.
  return error.message.includes(part.replace(/\.$/, ''))
}

const constantText = ({ text }: Message): string[] => (text.includes('{') ? [] : [text])

/** Whether a text is more than other texts put together. */
const hasOwnWords = (text: string): boolean => /[a-z]{2}/i.test(text.replaceAll(/\{[^{}]*\}/g, ''))

/** The place of a message, for lists. */
export const placeOf = ({ folder, file, text }: Message): string => `${folder}/src/${file}: ${text}`

export const DRIVEN = join(root, 'test/messages/driven.txt')

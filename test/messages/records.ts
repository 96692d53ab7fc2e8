import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './collect-messages.ts'

/** Where each process of the tests writes what it recorded (recorder.mjs). */
export const RECORDS = join(root, 'node_modules/.cache/messages')

/** A message that a source filled in. */
export interface FilledText {
  /** Which message: `keyOf`. */
  readonly key: string
  readonly text: string
}

/** An error that a source created. */
export interface CreatedError {
  /** The source file. */
  readonly path: string
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly remedy?: string
}

/** What the tests produced. */
export interface Records {
  readonly texts: readonly FilledText[]
  readonly errors: readonly CreatedError[]
}

export function readRecords(): Records {
  const lines = readdirSync(RECORDS)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(RECORDS, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
  const texts: FilledText[] = []
  const errors: CreatedError[] = []
  for (const line of new Set(lines)) {
    const record: FilledText | CreatedError = JSON.parse(line)
    if ('key' in record) texts.push(record)
    else errors.push(record)
  }
  return { texts, errors }
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The text of a table's file. */
export const tableText = (table: object): string => `${JSON.stringify(table, undefined, 2)}\n`

/** Whether a file has this text; a file that is not there has not. */
export function isCurrent(file: string, text: string): boolean {
  try {
    // A checkout on Windows may have other line ends.
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n') === text
  } catch {
    return false
  }
}

/** Writes a text to a file unless it is there already, so that what watches the file does not see a change. */
export function writeIfChanged(file: string, text: string): boolean {
  if (isCurrent(file, text)) return false
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return true
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file that is JSON. */
export interface JsonFile {
  path: string
  content: unknown
}

/** What a suite found. */
export interface Result {
  counts: Readonly<Record<string, number>>
  /** One line each. */
  faults: readonly string[]
}

/** Reads the JSON files of a folder and of the folders in it. Others are left out. */
export function readJsonFiles(folder: string): JsonFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .flatMap((path) => {
      try {
        return [{ path, content: JSON.parse(readFileSync(join(folder, path), 'utf8')) }]
      } catch {
        return []
      }
    })
}

/** Counts by name. */
export class Counts {
  readonly all: Record<string, number> = {}

  add(name: string): void {
    this.all[name] = (this.all[name] ?? 0) + 1
  }
}

/** Whether a value has members. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// oxlint-disable-next-line no-restricted-imports -- this is the place where it is allowed
import { globSync } from 'node:fs'

const withSlashes = (path: string): string => path.replaceAll('\\', '/')

/** How {@link findFiles} searches. */
export interface FindOptions {
  /** Where the patterns begin, and what the paths are relative to. Defaults to the working folder. */
  cwd?: string
  /** Leaves out a file, or a folder with all that is in it. */
  exclude?: (path: string) => boolean
}

/**
 * Finds files by patterns such as `docs/pages/**.md`.
 *
 * @returns Their paths, with `/` between the names: `globSync` writes `\` on Windows.
 */
export function findFiles(
  patterns: string | readonly string[],
  { cwd = '.', exclude }: FindOptions = {},
): string[] {
  const isExcluded = (path: string): boolean => exclude?.(withSlashes(path)) ?? false
  return globSync(patterns, { cwd, exclude: isExcluded }).map(withSlashes)
}

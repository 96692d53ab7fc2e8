import type { LocalHandler } from '@iamfetch/local'

/** A module with handlers: where it lies and what it exports. */
export interface HandlerFile {
  /** The path of the file. */
  file: string
  /** The module, as `import * as` gives it. */
  exports: Readonly<Record<string, unknown>>
}

/**
 * Finds the file and the name under which a handler is exported, so that a bundle has the very function that
 * the definition has.
 *
 * @param where  The route, for the message.
 * @throws TypeError when none of the files exports it.
 */
export function locate(
  handler: LocalHandler,
  files: readonly HandlerFile[],
  where: string,
): { file: string; name: string } {
  for (const { file, exports } of files) {
    const name = Object.keys(exports).find((one) => exports[one] === handler)
    if (name !== undefined) return { file, name }
  }
  const known = files.map(({ file }) => file).join(', ') || 'none'
  throw new TypeError(
    `${where}: the handler is not an export of a handler file. Export it from one of them: ${known}.`,
  )
}

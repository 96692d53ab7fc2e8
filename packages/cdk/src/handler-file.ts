import { invalidOption } from '@iamfetch/core'
import type { HandlerSource } from '@iamfetch/local'

/** A module with handlers: where it is and what it exports. */
export interface HandlerFile {
  /** The absolute path of the file. */
  readonly file: string
  /** The module: `import * as handlers from './api.ts'`. */
  readonly exports: Readonly<Record<string, unknown>>
}

/**
 * Finds the file and the name under which a handler is exported, so that a bundle has the function of the definition.
 *
 * @param where  The route, for the message.
 * @throws `TypeError` with the code `INVALID_OPTION` if no file exports it, or if it expects a callback.
 */
export function locate(
  handler: HandlerSource | undefined,
  files: readonly HandlerFile[],
  where: string,
): { file: string; name: string } {
  if (typeof handler !== 'function') {
    throw invalidOption(
      'IamGuardedApi',
      `"functions" must have a function for "${where}", whose handler is not a function of the definition`,
    )
  }
  // aws/aws-lambda-nodejs-runtime-interface-client, `src/function/callback-deprecation.ts`
  if (handler.length > 2) {
    throw invalidOption(
      'IamGuardedApi',
      `"${where}.handler" must have at most two parameters, because a third one is a callback, which Lambda refuses from Node.js 24 on`,
    )
  }
  for (const { file, exports } of files) {
    const name = Object.keys(exports).find((exportName) => exports[exportName] === handler)
    if (name !== undefined) return { file, name }
  }
  const known = files.map(({ file }) => file).join(', ') || 'none'
  throw invalidOption(
    'IamGuardedApi',
    `"handlers" must have a file that exports the handler of ${where}; the files are ${known}`,
  )
}

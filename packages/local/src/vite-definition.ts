import { existsSync } from 'node:fs'
import { inspect } from 'node:util'
import type { ViteDevServer } from 'vite'
import type { StackDefinition } from './definition/definition.ts'
import { ListenError } from './http/listen-error.ts'
import { printable } from './http/printable.ts'
import { invalidOption } from './invalid-option.ts'

/** @throws `TypeError` with the code `INVALID_OPTION` for an option that a plugin does not have. */
export function checkNames(owner: string, options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw wrongOption(owner, `"${name}" is not an option; the options are ${names.join(', ')}`)
  }
}

/** Creates the error for a wrong option of a plugin, or for a wrong definition. */
export const wrongOption = (owner: string, problem: string): Error =>
  asOneSentence(invalidOption(owner, problem))

/**
 * Vite prints what a plugin throws with `inspect`, the frames of Vite and of this package included. What the person at the
 * terminal can put right is printed as its message alone; any other error stays as it is.
 *
 * @returns The same error.
 * @see [Node.js: util.inspect.custom](https://nodejs.org/api/util.html#utilinspectcustom)
 */
export function asOneSentence<E>(error: E): E {
  if (error instanceof ListenError || isInvalidOption(error)) {
    Object.defineProperty(error, inspect.custom, {
      value: () => printable(error.message),
      configurable: true,
    })
  }
  return error
}

const isInvalidOption = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'INVALID_OPTION'

/**
 * Loads the definition through Vite, which runs TypeScript on every Node and knows what the file imports.
 *
 * @param owner  The plugin.
 * @throws `TypeError` with the code `INVALID_OPTION` if there is no such file, or if it has no default export.
 */
export async function load(
  server: ViteDevServer,
  file: string,
  owner: string,
): Promise<StackDefinition> {
  if (!existsSync(file)) {
    throw wrongOption(owner, `"definition" must name a file that exists, got "${file}"`)
  }
  const loaded = await server.ssrLoadModule(file)
  const definition: unknown = loaded['default']
  if (typeof definition === 'object' && definition !== null) return definition
  throw wrongOption(
    owner,
    `"definition" must name a file with a default export, got "${file}". Write there: export default defineStack({ … })`,
  )
}

/** Whether a file is the definition, or is imported by it, directly or through other files. */
export function belongsTo(server: ViteDevServer, definition: string, changed: string): boolean {
  const { moduleGraph } = server.environments['ssr']
  const pending = [...(moduleGraph.getModulesByFile(changed) ?? [])]
  const visited = new Set(pending)
  for (const module of pending) {
    if (module.file === definition) return true
    for (const importer of module.importers) {
      if (visited.has(importer)) continue
      visited.add(importer)
      pending.push(importer)
    }
  }
  return false
}

import type { ViteDevServer } from 'vite'
import type { StackDefinition } from './definition/definition.ts'

/** @throws `TypeError` with the code `INVALID_OPTION` for an option that a plugin does not have. */
export function checkNames(owner: string, options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    const error = new TypeError(
      `${owner}: "${name}" is not an option; the options are ${names.join(', ')}`,
    )
    throw Object.assign(error, { code: 'INVALID_OPTION' })
  }
}

/** Loads the definition through Vite, which runs TypeScript on every Node and knows what the file imports. */
export async function load(server: ViteDevServer, file: string): Promise<StackDefinition> {
  const loaded = await server.ssrLoadModule(file)
  const definition: unknown = loaded['default']
  if (typeof definition === 'object' && definition !== null) return definition
  throw new TypeError(`${file} has no default export. Write: export default defineStack({ … })`)
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

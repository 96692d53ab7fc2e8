import { join } from 'node:path'
import { createServer, type Plugin, type ViteDevServer } from 'vite'
import { printable } from './http/printable.ts'
import { permissionTable } from './permissions/permission-table.ts'
import { tableText, writeIfChanged } from './permissions/table-file.ts'
import { belongsTo, checkNames, load } from './vite-definition.ts'

/** Which table {@link permissions} writes. */
export interface PermissionsPluginOptions {
  /** The file whose default export is the definition, relative to Vite's root. @default 'stack.ts' */
  definition?: string | undefined
  /** The file that the table is written to, relative to Vite's root. @default 'src/permissions.json' */
  file?: string | undefined
}

/**
 * A Vite plugin that writes what each role of the definition may do with each route, for `createPermissions` of
 * `iamfetch/permissions`. The table is a hint for the page: IAM decides when a call is made.
 *
 * It writes the file when the dev server or a build starts, and again when the definition or a file that it imports changes. Commit
 * the file, so that the types are there without a build. A definition that is wrong ends a build; the dev server reports it, and the
 * previous file stays.
 *
 * @example
 * ```ts
 * import { localStack, permissions } from '@iamfetch/local/vite'
 * import { defineConfig } from 'vite'
 *
 * export default defineConfig({ plugins: [localStack(), permissions()] })
 * ```
 */
export function permissions(options: PermissionsPluginOptions = {}): Plugin {
  checkNames('permissions', options, ['definition', 'file'])
  const { definition = 'stack.ts', file = 'src/permissions.json' } = options
  const write = async (server: ViteDevServer, root: string): Promise<void> => {
    const table = permissionTable(await load(server, join(root, definition), 'permissions'))
    writeIfChanged(join(root, file), tableText(table))
  }
  let root = ''
  let isBuild = false
  return {
    name: 'iamfetch:permissions',
    configResolved(config) {
      root = config.root
      isBuild = config.command === 'build'
    },
    async buildStart() {
      if (!isBuild) return
      // A build has no server to load TypeScript with.
      const server = await createServer({
        root,
        configFile: false,
        logLevel: 'silent',
        appType: 'custom',
        server: { middlewareMode: true, hmr: false, watch: null },
        optimizeDeps: { noDiscovery: true },
      })
      try {
        await write(server, root)
      } finally {
        await server.close()
      }
    },
    async configureServer(server) {
      const { logger } = server.config
      const writeOrReport = (): Promise<void> =>
        write(server, root).catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error)
          logger.error(`The table of permissions stays as it was: ${printable(reason)}`, {
            timestamp: true,
          })
        })
      await writeOrReport()
      server.watcher.on('change', (changed) => {
        if (!belongsTo(server, join(root, definition), changed)) return
        server.environments['ssr'].moduleGraph.invalidateAll()
        void writeOrReport()
      })
    },
  }
}

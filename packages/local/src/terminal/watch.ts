import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'

/** The files that are watched. */
export interface Watch {
  add(path: string): void
  close(): void
}

/** Editors save in several steps. */
const QUIET_MS = 60

/**
 * Watches files and reports when one changed, once for changes at the same time.
 *
 * It watches folders: an editor that saves by renaming replaces the file.
 */
export function watchFiles(changed: (path: string) => void): Watch {
  const folders = new Map<string, { names: Map<string, string>; watcher: FSWatcher }>()
  let timer: NodeJS.Timeout | undefined
  return {
    add(path) {
      const folder = dirname(path)
      const known = folders.get(folder)
      if (known) {
        known.names.set(basename(path), path)
        return
      }
      const names = new Map([[basename(path), path]])
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => {
          const file = name === null ? undefined : names.get(name)
          if (file === undefined) return
          clearTimeout(timer)
          timer = setTimeout(() => changed(file), QUIET_MS)
        })
        // A folder that is deleted does not end the process.
        watcher.on('error', () => {})
        folders.set(folder, { names, watcher })
      } catch {
        // A folder that does not exist cannot be watched.
      }
    },
    close() {
      clearTimeout(timer)
      for (const { watcher } of folders.values()) watcher.close()
    },
  }
}

import { existsSync } from 'node:fs'
import module from 'node:module'
import { basename, extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import type { TemplateOptions } from '../templates/stack-from-template.ts'
import { isTemplatePath } from '../templates/template-path.ts'
import type { StackDefinition } from '../definition/definition.ts'
import { printable } from '../http/printable.ts'
import { CommandError } from './command-error.ts'

/**
 * Loads a definition and reports every file of the project that is loaded with it.
 *
 * `@iamfetch/local` is found although the project has not installed it, as with `npx`, from Node 22.15.
 *
 * @param path  The definition, an absolute path.
 * @param template  How a template is read, if it is one.
 * @param onFile  Called with the path of the definition and of each module that it imports, `node_modules` left out.
 * @throws CommandError that names the file and what to do.
 */
export async function loadDefinition(
  path: string,
  onFile: (path: string) => void,
  template: TemplateOptions = {},
): Promise<StackDefinition> {
  if (!existsSync(path)) throw new CommandError(`There is no file ${path}.`)
  if (isTemplatePath(path)) return loadTemplate(path, onFile, template)
  onFile(path)
  if (/^\.[cm]?ts$/.test(extname(path)) && !process.features.typescript) {
    throw new CommandError(
      `Node ${process.versions.node} does not run TypeScript: ${basename(path)} needs Node 22.18 or later. npm brings one:\n  npx -p node@24 -p @iamfetch/local iamfetch-local ${basename(path)}\nOr write the definition as .mjs.`,
    )
  }
  const settled = watchModules((url) => {
    if (url.startsWith('file:') && !url.includes('/node_modules/')) onFile(fileURLToPath(url))
  })
  let loaded: { default?: StackDefinition }
  try {
    loaded = await import(pathToFileURL(path).href)
  } catch (cause) {
    throw new CommandError(`${path} cannot be loaded.`, 1, { cause })
  } finally {
    await settled()
  }
  if (loaded.default) return loaded.default
  throw new CommandError(`${path} has no default export. Write: export default defineStack({ … })`)
}

/** Reads a template, and prints the parts that are not run. */
async function loadTemplate(
  path: string,
  onFile: (path: string) => void,
  options: TemplateOptions,
): Promise<StackDefinition> {
  const [{ findTemplate }, { stackFromTemplate }] = await Promise.all([
    import('../templates/template-files.ts'),
    import('../templates/stack-from-template.ts'),
  ])
  // First the file, so that a template that is corrected is read again.
  onFile(findTemplate(path, options.stack).file)
  const { definition, leftOut } = stackFromTemplate(path, options)
  if (leftOut.length > 0) {
    const lines = leftOut.map(({ logicalId, reason }) => printable(`${logicalId}: ${reason}`))
    console.error(`Not run from ${basename(path)}:\n  ${lines.join('\n  ')}`)
  }
  return definition
}

/** @returns Waits until everything that was loaded so far has been reported. */
function watchModules(onFile: (url: string) => void): () => Promise<void> {
  // By name at run time: older Nodes do not have them, and an import of a missing name ends the thread.
  if (typeof module.registerHooks === 'function') {
    module.registerHooks({
      resolve(specifier, context, next) {
        try {
          return next(specifier, context)
        } catch (error) {
          if (specifier !== OWN_NAME) throw error
          return next(module.createRequire(import.meta.url).resolve(OWN_NAME), context)
        }
      },
      load(url, context, next) {
        if (!module.isBuiltin(url)) onFile(url)
        return next(url, context)
      },
    })
    return () => Promise.resolve()
  }
  // From Node 20.6 and before 22.15, hooks run on a separate thread. Without them only the definition itself is seen.
  if (typeof module.register !== 'function') return () => Promise.resolve()
  const { port1, port2 } = new MessageChannel()
  port1.on('message', onFile)
  port1.unref()
  const hooks = `let port
export const initialize = (given) => { port = given }
export const load = (url, context, next) => { port.postMessage(url); return next(url, context) }`
  module.register(`data:text/javascript,${encodeURIComponent(hooks)}`, {
    data: port2,
    transferList: [port2],
  })
  return () => new Promise((resolve) => setImmediate(resolve))
}

const OWN_NAME = '@iamfetch/local'

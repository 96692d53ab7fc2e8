// The API reference, from the doc comments: a page an entry point of each package.
import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Application, ReflectionKind } from 'typedoc'

const docs = join(import.meta.dirname, '..')
const root = join(docs, '..')

/** The source file of each entry point, by the name that it is imported by. */
function entryPoints() {
  const entries = new Map()
  for (const manifest of globSync('packages/*/package.json', { cwd: root }).toSorted()) {
    const { name, exports: exported, private: ours } = JSON.parse(
      readFileSync(join(root, manifest), 'utf8'),
    )
    if (ours) continue
    for (const [path, target] of Object.entries(exported)) {
      const source = target['@iamfetch/source']
      if (source) entries.set(join(root, manifest, '..', source), name + path.slice(1))
    }
  }
  return entries
}

/**
 * Writes the reference.
 *
 * @param {string} out  The folder for its pages.
 * @returns {Promise<string[]>} The names of the entry points, in the order of the packages.
 * @throws An error that names every export without a doc comment.
 */
export async function writeReference(out) {
  const entries = entryPoints()
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [...entries.keys()],
    tsconfig: join(docs, 'tsconfig.api.json'),
    basePath: root,
    router: 'module',
    out,
    readme: 'none',
    disableSources: true,
    sort: ['source-order'],
    groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables'],
    excludeInternal: true,
    logLevel: 'Error',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useHTMLAnchors: false,
    entryFileName: 'index',
    expandObjects: true,
    validation: false,
  })
  app.converter.addUnknownSymbolResolver(({ symbolReference }) => {
    const [{ path } = {}] = symbolReference?.path ?? []
    if (path === 'IamFetchError') return errorClass
    if (path === 'TypeError') {
      return 'https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/TypeError'
    }
  })
  let errorClass
  // TypeDoc names a module by its file, without ending and `index`.
  const names = new Map(
    [...entries].map(([file, name]) => [
      relative(root, file).replace(/(\/index)?\.ts$/, ''),
      name,
    ]),
  )
  app.converter.on('resolveBegin', ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = names.get(module.name) ?? module.name
    }
    errorClass = project
      .getReflectionsByKind(ReflectionKind.Class)
      .find(({ name }) => name === 'IamFetchError')
  })
  const project = await app.convert()
  if (!project) throw new Error('The reference: the sources do not compile.')
  const bare = undocumented(project)
  if (bare.length > 0) throw new Error(`Exports without a doc comment:\n${bare.join('\n')}`)
  await app.generateOutputs(project)
  return [...entries.values()]
}

const EXPORTED =
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Variable |
  ReflectionKind.Function

const undocumented = (project) =>
  project
    .getReflectionsByKind(EXPORTED)
    .filter(({ parent, comment, signatures = [] }) => {
      const own = comment ?? signatures.find((signature) => signature.comment)
      return parent?.kind === ReflectionKind.Module && !own
    })
    .map((reflection) => `${reflection.parent.name}: ${reflection.name}`)

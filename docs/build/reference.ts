import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import {
  Application,
  Converter,
  ReflectionKind,
  UnknownType,
  type ProjectReflection,
  type SomeType,
} from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import { findFiles } from '../../scripts/files.ts'

const docs = join(import.meta.dirname, '..')
const root = join(docs, '..')

/**
 * Writes the API reference from the doc comments: a page an entry point of each package.
 *
 * @param out  The folder for its pages.
 * @throws Error that names every export without a doc comment.
 */
export async function writeReference(out: string): Promise<void> {
  const entries = entryPoints()
  const options: PluginOptions = {
    hidePageHeader: true,
    hideBreadcrumbs: true,
    entryFileName: 'index',
    useCodeBlocks: true,
    useHTMLAnchors: true,
  }
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [...entries.keys()],
    tsconfig: join(docs, 'tsconfig.api.json'),
    basePath: root,
    // One page a module. The plugin adds this to TypeDoc's own routers.
    router: 'module',
    out,
    readme: 'none',
    disableSources: true,
    sort: ['source-order'],
    groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables'],
    excludeInternal: true,
    excludeExternals: true,
    logLevel: 'Error',
    ...options,
  })
  app.converter.addUnknownSymbolResolver(({ symbolReference }) => {
    const [name] = symbolReference?.path ?? []
    return name && ELSEWHERE[name.path]
  })
  // TypeDoc names a module by its file, without ending and `index`.
  const names = new Map(
    [...entries].map(([file, name]) => [relative(root, file).replace(/(\/index)?\.ts$/, ''), name]),
  )
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = names.get(module.name) ?? module.name
    }
    for (const reflection of project.getReflectionsByKind(TYPED)) {
      const typed =
        reflection.isDeclaration() || reflection.isSignature() || reflection.isParameter()
      if (typed && isFetch(reflection.type)) reflection.type = new UnknownType('typeof fetch')
    }
  })
  const project = await app.convert()
  if (!project) throw new Error('The reference: the sources do not compile.')
  const bare = undocumented(project)
  if (bare.length > 0) throw new Error(`Exports without a doc comment:\n${bare.join('\n')}`)
  await app.generateOutputs(project)
}

/** What comments of several packages link to, and no page of theirs has. */
const ELSEWHERE: Record<string, string> = {
  IamFetchError: '/reference/@iamfetch/core#iamfetcherror',
  TypeError: 'https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/TypeError',
}

/** The source file of each entry point, and the name that it is imported by. */
function entryPoints(): Map<string, string> {
  const entries = new Map<string, string>()
  for (const file of findFiles('packages/*/package.json', { cwd: root }).toSorted()) {
    const manifest: {
      name: string
      private?: boolean
      exports: Record<string, string | Record<string, string>>
    } = JSON.parse(readFileSync(join(root, file), 'utf8'))
    if (manifest.private) continue
    for (const [path, target] of Object.entries(manifest.exports)) {
      const source = typeof target === 'string' ? undefined : target['@iamfetch/source']
      if (source) entries.set(join(root, file, '..', source), manifest.name + path.slice(1))
    }
  }
  return entries
}

const TYPED =
  ReflectionKind.CallSignature |
  ReflectionKind.Property |
  ReflectionKind.Parameter |
  ReflectionKind.Variable

/** `typeof globalThis.fetch`, which TypeDoc writes out overload by overload. */
function isFetch(type?: SomeType): boolean {
  const overloads = (type?.type === 'reflection' && type.declaration.signatures) || []
  return (
    overloads.length === 2 &&
    overloads.every(
      ({ parameters = [] }) => parameters.map(({ name }) => name).join() === 'input,init',
    )
  )
}

const EXPORTED =
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Variable |
  ReflectionKind.Function

const undocumented = (project: ProjectReflection): string[] =>
  project
    .getReflectionsByKind(EXPORTED)
    .filter((reflection) => reflection.isDeclaration())
    .filter(({ parent, comment, signatures = [] }) => {
      const own = comment ?? signatures.find((signature) => signature.comment)
      return parent?.kindOf(ReflectionKind.Module) && !own
    })
    .map(({ parent, name }) => `${parent!.name}: ${name}`)

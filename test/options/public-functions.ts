import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from '@typescript/typescript6'

/** A function of a published entry point that takes an object of options which this repository declares. */
export interface PublicFunction {
  /** `iamfetch/react#useIamFetch`. */
  readonly name: string
  /** The name of the options' type. */
  readonly optionsType: string
  /** Which parameter takes the options, counted from 0. */
  readonly parameter: number
}

const root = join(import.meta.dirname, '../..')

/** Lists every exported function of every published entry point that takes options, in alphabetical order. */
export function publicFunctionsWithOptions(): PublicFunction[] {
  const entries = entryPoints()
  const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) =>
    ts.sys.readFile(path),
  )
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const program = ts.createProgram([...entries.values()], options)
  const checker = program.getTypeChecker()
  const found: PublicFunction[] = []
  for (const [entry, file] of entries) {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!source || !module) throw new Error(`${file} is not a module.`)
    for (const exported of checker.getExportsOfModule(module)) {
      const type = checker.getTypeOfSymbolAtLocation(exported, source)
      for (const signature of type.getCallSignatures()) {
        signature.getParameters().forEach((parameter, index) => {
          const optionsType = optionsTypeOf(checker.getTypeOfSymbolAtLocation(parameter, source))
          const name = `${entry}#${exported.name}`
          if (
            optionsType &&
            !found.some((other) => other.name === name && other.parameter === index)
          )
            found.push({ name, optionsType, parameter: index })
        })
      }
    }
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** The name of a type of ours that holds nothing but named properties, or `undefined` for every other type. */
function optionsTypeOf(given: ts.Type): string | undefined {
  const parts = given.isUnion() ? given.types : [given]
  for (const part of parts) {
    const symbol = part.aliasSymbol ?? part.symbol
    if (!symbol || part.getCallSignatures().length || part.isClass()) continue
    const [declaration] = symbol.declarations ?? []
    if (!declaration?.getSourceFile().fileName.startsWith(join(root, 'packages'))) continue
    if (part.getProperties().length) return symbol.name
  }
  return undefined
}

/** Entry points by their import name, with the source file of each. */
function entryPoints(): Map<string, string> {
  const entries = new Map<string, string>()
  for (const path of globSync('packages/*/package.json', { cwd: root })) {
    const manifest = JSON.parse(readFileSync(join(root, path), 'utf8'))
    if (manifest.private) continue
    for (const [subpath, target] of Object.entries<Record<string, string> | string>(
      manifest.exports,
    )) {
      const file = typeof target === 'object' && target['@iamfetch/source']
      if (file) entries.set(join(manifest.name, subpath), join(root, dirname(path), file))
    }
  }
  return entries
}

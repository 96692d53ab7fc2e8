import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from '@typescript/typescript6'
import { findFiles } from '../../scripts/files.ts'

/** A function of a published entry point that takes an object of options which this repository declares. */
export interface PublicFunction {
  /** `iamfetch/react#useIamFetch`. */
  readonly name: string
  /** The name of the options' type. */
  readonly optionsType: string
  /** Which parameter takes the options, counted from 0. */
  readonly parameter: number
  /** The options of one simple kind, and the kind. */
  readonly kinds: ReadonlyMap<string, Kind>
}

/** What an option is, if all of its values are of one kind. */
export type Kind = 'array' | 'boolean' | 'clock' | 'function' | 'number' | 'string'

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
  const kindsOf = (type: ts.Type): Map<string, Kind> =>
    new Map(
      type.getProperties().flatMap((property) => {
        const kind = kindOf(checker, checker.getNonNullableType(checker.getTypeOfSymbol(property)))
        return kind ? [[property.name, kind] as const] : []
      }),
    )
  for (const [entry, file] of entries) {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!source || !module) throw new Error(`${file} is not a module.`)
    for (const exported of checker.getExportsOfModule(module)) {
      const type = checker.getTypeOfSymbolAtLocation(exported, source)
      for (const signature of type.getCallSignatures()) {
        signature.getParameters().forEach((parameter, index) => {
          const taken = optionsOf(checker.getTypeOfSymbolAtLocation(parameter, source))
          const optionsType = taken?.symbol.name
          const name = `${entry}#${exported.name}`
          if (
            taken &&
            optionsType &&
            !found.some((other) => other.name === name && other.parameter === index)
          )
            found.push({ name, optionsType, parameter: index, kinds: kindsOf(taken.type) })
        })
      }
    }
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** A type of ours that holds nothing but named properties, or `undefined` for every other type. */
function optionsOf(given: ts.Type): { type: ts.Type; symbol: ts.Symbol } | undefined {
  const parts = given.isUnion() ? given.types : [given]
  for (const part of parts) {
    const symbol = part.aliasSymbol ?? part.symbol
    if (!symbol || part.getCallSignatures().length || part.isClass()) continue
    const [declaration] = symbol.declarations ?? []
    if (!declaration?.getSourceFile().fileName.startsWith(join(root, 'packages'))) continue
    if (part.getProperties().length) return { type: part, symbol }
  }
  return undefined
}

function kindOf(checker: ts.TypeChecker, type: ts.Type): Kind | undefined {
  const parts = type.isUnion() ? type.types : [type]
  const kinds = new Set(parts.map((part) => kindOfPart(checker, part)))
  return kinds.size === 1 ? [...kinds][0] : undefined
}

function kindOfPart(checker: ts.TypeChecker, type: ts.Type): Kind | undefined {
  if (type.flags & ts.TypeFlags.NumberLike) return 'number'
  if (type.flags & ts.TypeFlags.StringLike) return 'string'
  if (type.flags & ts.TypeFlags.BooleanLike) return 'boolean'
  if (checker.isArrayType(type)) return 'array'
  if (['Clock', 'ServerClock'].includes(type.symbol?.name)) return 'clock'
  return type.getCallSignatures().length ? 'function' : undefined
}

/** Entry points by their import name, with the source file of each. */
function entryPoints(): Map<string, string> {
  const entries = new Map<string, string>()
  for (const path of findFiles('packages/*/package.json', { cwd: root })) {
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

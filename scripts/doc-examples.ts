import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findFiles } from './files.ts'

/** An `@example` of a doc comment. */
export interface DocExample {
  /** `packages/core/src/fresh.ts`. */
  file: string
  /** Of its first line, from 1. */
  line: number
  code: string
}

/** Finds the examples in the doc comments of the packages' sources. */
export function docExamples(): DocExample[] {
  return findFiles('packages/*/src/**/*.{ts,tsx}').flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const found = text.matchAll(
      /@example[^\n]*\n((?: *\*[^\n]*\n)*?) *\* ```tsx?\n([^]*?) *\* ```/g,
    )
    return [...found].map(({ 0: whole, 2: code = '', index }) => ({
      file,
      line: text.slice(0, index + whole.indexOf(code)).split('\n').length,
      code: code.replaceAll(/^ *\* ?/gm, ''),
    }))
  })
}

/** What the entry points of the packages export: by name, the modules that have it, the root of a package first. */
export function exportedNames(): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const path of findFiles('packages/*/package.json')) {
    const { name, exports = {}, private: isPrivate } = JSON.parse(readFileSync(path, 'utf8'))
    if (isPrivate) continue
    for (const [entry, target] of Object.entries<{ '@iamfetch/source'?: string }>(exports)) {
      const source = target['@iamfetch/source']
      if (!source) continue
      const module = entry === '.' ? name : `${name}/${entry.slice(2)}`
      for (const exported of namesIn(readFileSync(join(dirname(path), source), 'utf8'))) {
        names.set(exported, [...(names.get(exported) ?? []), module])
      }
    }
  }
  // What the reader has is not imported.
  const given = readFileSync('scripts/example-names.d.ts', 'utf8')
  for (const [, name = ''] of given.matchAll(/^declare const (\w+)/gm)) names.delete(name)
  return names
}

function namesIn(text: string): string[] {
  const lists = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list.split(',').map(
      (one) =>
        one
          .trim()
          .replace(/^type /, '')
          .split(' as ')
          .at(-1) ?? '',
    ),
  )
  const declared = [
    ...text.matchAll(/^export (?:async )?(?:function|class|const|interface|type) (\w+)/gm),
  ].map(([, name = '']) => name)
  return [...lists, ...declared].filter(Boolean)
}

/**
 * Writes the imports that an example leaves out, as a reader would add them: those of the package that it documents, else
 * those of `iamfetch`.
 */
export function withImports({ file, code }: DocExample, names: Map<string, string[]>): string {
  const folder = file.split('/')[1] ?? ''
  const own = folder.includes('iamfetch') ? folder : `@iamfetch/${folder}`
  const entry = file
    .split('/')
    .at(-1)
    ?.replace(/\.tsx?$/, '')
  const known = new Set(
    [...code.matchAll(/import (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
      list.split(',').map((one) => one.trim().replace(/^type /, '')),
    ),
  )
  const used = new Set(
    [...code.matchAll(/(?<![\w'"-]|(?<!\.\.)\.)[A-Za-z_]\w+/g)].map(([word]) => word),
  )
  const imports = [...used].flatMap((name) => {
    const modules = names.get(name)
    const isDeclared = new RegExp(`(?:const|let|function|class) (?:\\{[^}]*)?\\b${name}\\b`).test(
      code,
    )
    if (!modules || known.has(name) || isDeclared) return []
    const module =
      modules.find((one) => one === `${own}/${entry}`) ??
      modules.find((one) => one === own) ??
      modules.find((one) => one.startsWith(`${own}/`)) ??
      modules.find((one) => one === 'iamfetch') ??
      modules[0]
    return [`import { ${name} } from '${module}'\n`]
  })
  return `${imports.join('')}${asModule(code)}`
}

/** Turns a fragment into a module: an element, and statements of a function. Files of the reader are of any type. */
function asModule(code: string): string {
  const alone = code
    .replaceAll(
      /^import (\w+) from '\.(?!\.\/stack\.ts')[^']+'$/gm,
      (_found, name: string) => `declare const ${name}: any`,
    )
    .replaceAll(/import\('\.[^']+'\)/g, 'Promise.resolve({ default: App })')
  if (alone.startsWith('<')) return `export const view = (\n${alone})\n`
  return /^return /m.test(alone) ? `export function Example() {\n${alone}}\n` : alone
}

/** Whether an example contains elements, and so is a `tsx` file. */
export const isTsx = ({ code }: DocExample): boolean => /<\/\w|\/>/.test(code)

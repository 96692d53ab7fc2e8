// `npm run test:types`: the types of definitions, with every TypeScript from 5.4 on. What has to compile compiles, what must not
// does not, with the sentence that is written there, and 200 routes take the checker less than 200 ms.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compilerOf, run } from '../packed/process.mjs'
import { failed, result, step } from '../packed/report.mjs'
import { manyRoutes } from './many-routes.mjs'

const VERSIONS = ['5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6.0', '7.0']
const CHECK_MS = 200
const ROUTES = 200
const root = fileURLToPath(new URL('../..', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = join(here, 'generated')
const MARK = '@ts-expect-error '

const declarations = join(folder, 'declarations')
const options = {
  target: 'es2022',
  lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  // What the packages publish, without building them.
  paths: {
    iamfetch: [join(declarations, 'iamfetch/src/index.d.ts')],
    'iamfetch/*': [
      join(declarations, 'iamfetch/src/*.d.ts'),
      join(declarations, 'iamfetch/src/*/index.d.ts'),
    ],
    '@iamfetch/local/*': [join(declarations, 'local/src/*.d.ts')],
    '@iamfetch/*': [join(declarations, '*/src/index.d.ts')],
  },
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  allowImportingTsExtensions: true,
  jsx: 'react-jsx',
  skipLibCheck: true,
  noEmit: true,
}

/** Writes the declarations of the packages. */
function declare() {
  const entries = ['core', 'sigv4', 'cognito', 'policy', 'iamfetch', 'local']
  const config = join(folder, 'tsconfig.declarations.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(root, 'packages'),
    outDir: declarations,
  }
  const files = [
    ...entries.map((name) => join(root, `packages/${name}/src/index.ts`)),
    join(root, 'packages/iamfetch/src/api/index.ts'),
    join(root, 'packages/local/src/vitest.ts'),
  ]
  const extended = join(root, 'tsconfig.base.json')
  writeFileSync(config, JSON.stringify({ extends: extended, compilerOptions, files, include: [] }))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { fine, all } = run(process.execPath, [compiler, '-p', config], { cwd: root })
  if (!fine) throw new Error(all)
}

/** Compiles files of the folder. */
function compile(version, files, more = []) {
  const config = join(folder, `tsconfig.${version}.json`)
  writeFileSync(config, JSON.stringify({ compilerOptions: options, files }))
  const clock = join(here, 'processor-clock.cjs')
  const args = ['--require', clock, compilerOf(version), '-p', config, '--pretty', 'false', ...more]
  return run(process.execPath, args, { cwd: folder })
}

/** The lines with a mistake: the number of the line and a part of the message. */
function expectationsOf(text) {
  return text.split('\n').flatMap((line, index) => {
    const at = line.indexOf(`// ${MARK}`)
    // The mistake is in the next line, and lines count from 1.
    return at === -1 ? [] : [{ line: index + 2, text: line.slice(at + MARK.length + 3) }]
  })
}

/** Errors by line, with the lines of their explanation. */
function errorsOf(output, file) {
  const errors = new Map()
  let current
  for (const line of output.split('\n')) {
    const found = /^(.+?)\((\d+),\d+\): error /.exec(line)
    if (found) {
      current = found[1].endsWith(file) ? Number(found[2]) : `elsewhere: ${line}`
    }
    if (current !== undefined) errors.set(current, `${errors.get(current) ?? ''}${line}\n`)
  }
  return errors
}

function checkRefused(version, text) {
  const expected = expectationsOf(text)
  const errors = errorsOf(compile(version, ['refused-plainly.ts']).all, 'refused-plainly.ts')
  const wrong = expected
    .filter((one) => !errors.get(one.line)?.includes(one.text))
    .map((one) => `line ${one.line}: expected ${one.text}\n${errors.get(one.line) ?? 'no error'}`)
  const lines = new Set(expected.map(({ line }) => line))
  const more = [...errors].filter(([line]) => !lines.has(line)).map(([, error]) => error)
  result(
    expected.length >= 20 && wrong.length === 0 && more.length === 0,
    `TypeScript ${version}: ${expected.length} mistakes do not compile, each with its sentence`,
    [...wrong, ...more].join('\n'),
  )
}

/**
 * The checker time for the routes alone: that of a file with them, without that of the same file with two routes.
 *
 * The compilers that run in Node measure with the processor time of their thread, so that other programs do not count, and the
 * median run is taken. TypeScript 7 is a native program that measures with a clock: the fastest run is taken, which was disturbed least.
 */
function checkTime(version) {
  const measure = (file) => {
    const runs = [1, 2, 3, 4, 5].map(() => {
      const { fine, all } = compile(version, [file], ['--extendedDiagnostics'])
      if (!fine) throw new Error(all)
      const ms = numberOf(all, 'Check time') * 1_000
      return { ms, instantiations: numberOf(all, 'Instantiations') }
    })
    return runs.toSorted((a, b) => a.ms - b.ms)[version === '7.0' ? 0 : 2]
  }
  const [many, few] = [measure('many-routes.ts'), measure('few-routes.ts')]
  const ms = Math.round(many.ms - few.ms)
  result(
    ms < CHECK_MS,
    `TypeScript ${version}: ${ROUTES} routes take ${ms} ms of checker time (limit ${CHECK_MS}) and ${many.instantiations - few.instantiations} instantiations`,
    '',
  )
}

const numberOf = (diagnostics, name) =>
  Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(diagnostics)?.[1])

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
try {
  const copied = (name) =>
    readFileSync(join(here, name), 'utf8').replaceAll(
      /'\.\/(definition|[\w-]+)\.ts'/g,
      "'../$1.ts'",
    )
  const refused = copied('refused.ts')
  writeFileSync(join(folder, 'refused-plainly.ts'), refused.replaceAll(MARK, 'must not compile: '))
  writeFileSync(join(folder, 'many-routes.ts'), manyRoutes(ROUTES))
  writeFileSync(join(folder, 'few-routes.ts'), manyRoutes(2))
  const versions = process.argv.length > 2 ? process.argv.slice(2) : VERSIONS
  step('Types of definitions')
  declare()
  for (const version of versions) {
    const compiled = compile(version, ['../compiles.ts'])
    result(compiled.fine, `TypeScript ${version}: compiles.ts compiles`, compiled.all)
    checkRefused(version, refused)
    checkTime(version)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(failed() ? `\n${failed()} failed` : '\nEverything holds.')
process.exit(failed() ? 1 : 0)

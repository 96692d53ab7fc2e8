import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { result, step } from './report.mjs'
import { compilerOf, run } from './process.mjs'

const VERSIONS = ['5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6.0', '7.0']
const RESOLUTIONS = { bundler: ['esnext', 'bundler'], node16: ['node16', 'node16'] }
/** A CommonJS project. TypeScript 6 deprecates `node10`, which was the default of `module: commonjs`, and 7 does not have it. */
const commonJsOf = (version) => ['commonjs', version.startsWith('5.') ? 'node10' : 'bundler']
/** Vite has no declarations for `node10`, and a project that bundles does not use it. */
const NOT_IN_NODE10 = /Cannot find module 'vite'/
const OURS = /^node_modules\/(@iamfetch\/|iamfetch\/|create-iamfetch\/)|^every-package\.ts/

/** Compiles a file that uses every package with every TypeScript, declarations included. */
export function checkTypes(project, entries) {
  step('Types: a file that uses every package, declarations checked too (strict, no skipLibCheck)')
  const from = fileURLToPath(new URL('consumer/every-package.ts', import.meta.url))
  copyFileSync(from, join(project, 'every-package.ts'))
  const text = readFileSync(from, 'utf8')
  // The CDK is not installed here; `npm run check:infra` compiles what uses @iamfetch/cdk.
  const expected = entries.filter((entry) => entry !== '@iamfetch/cdk')
  const left = expected.filter((entry) => !text.includes(`from '${entry}'`))
  result(left.length === 0, `it names all ${expected.length} entries`, `not: ${left.join(', ')}`)
  for (const version of VERSIONS) {
    const resolutions = { ...RESOLUTIONS, 'module commonjs': commonJsOf(version) }
    for (const [name, [module, moduleResolution]] of Object.entries(resolutions)) {
      const config = join(project, `tsconfig.${name.replace(' ', '-')}.json`)
      const compilerOptions = {
        target: 'es2022',
        lib: ['es2022', 'dom', 'dom.iterable'],
        module,
        moduleResolution,
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        jsx: 'react-jsx',
        types: ['node'],
      }
      writeFileSync(config, JSON.stringify({ compilerOptions, files: ['every-package.ts'] }))
      const compiled = run(
        process.execPath,
        [compilerOf(version), '-p', config, '--pretty', 'false'],
        {
          cwd: project,
        },
      )
      const errors = compiled.all.split('\n').filter((line) => /error TS\d+/.test(line))
      const ours = errors.filter(
        (line) =>
          (OURS.test(line) || !line.startsWith('node_modules/')) &&
          !(moduleResolution === 'node10' && NOT_IN_NODE10.test(line)),
      )
      const others = [...new Set(errors.filter((line) => !ours.includes(line)).map(packageOf))]
      const inOthers =
        others.length > 0 ? ` (declarations of others fail with it: ${others.join(', ')})` : ''
      result(
        ours.length === 0,
        `TypeScript ${version}, ${name}${inOthers}`,
        ours.slice(0, 8).join('\n'),
      )
    }
  }
  checkCommonJs(project, expected)
}

/** A file of a CommonJS project, for the versions whose `nodenext` lets it require ES modules. */
function checkCommonJs(project, entries) {
  const lines = entries.map((entry, index) => `import entry${index} = require('${entry}')`)
  const names = entries.map((_, index) => `entry${index}`)
  writeFileSync(join(project, 'every.cts'), `${lines.join('\n')}\nexport = [${names.join()}]\n`)
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022']
  const kind = ['--module', 'nodenext', '--jsx', 'react-jsx', '--types', 'node']
  for (const version of VERSIONS.slice(VERSIONS.indexOf('5.8'))) {
    const args = [compilerOf(version), ...options, ...kind, '--ignoreConfig', 'every.cts']
    // Before 6.0 a file on the command line goes without the tsconfig anyway.
    if (version.startsWith('5.')) args.splice(args.indexOf('--ignoreConfig'), 1)
    const compiled = run(process.execPath, args, { cwd: project })
    result(compiled.fine, `TypeScript ${version}, CommonJS with nodenext`, compiled.all)
  }
}

const packageOf = (line) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(line)?.[1] ?? line

// What the credentials of a server cost compared with the AWS SDK's chain: bytes and the processor time of an import. Alone it rewrites its section of the report:
// node --conditions=@iamfetch/source packages/iamfetch/bench/node-entry.mjs
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { median } from '../../sigv4/bench/measure.mjs'
import { table } from '../../sigv4/bench/table.mjs'

/** The same job: the credentials of the environment, a profile, a container, a web identity or the instance. */
const CONTENDERS = {
  'iamfetch/node defaultCredentials': "export { defaultCredentials } from 'iamfetch/node'",
  'AWS SDK fromNodeProviderChain':
    "export { fromNodeProviderChain } from '@aws-sdk/credential-providers'",
}
const ROUNDS = 9

/** Bundles each contender for Node, with what it imports. */
async function bundles(folder) {
  const all = []
  for (const [name, contents] of Object.entries(CONTENDERS)) {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: ['@iamfetch/source'],
      // What the SDK's CommonJS files need in a module.
      banner: {
        js: "import{createRequire}from'node:module';var require=createRequire(import.meta.url);",
      },
      logLevel: 'error',
    })
    const { contents: bytes } = outputFiles[0]
    const file = join(folder, `${all.length}.mjs`)
    writeFileSync(file, bytes)
    all.push({ name, file, min: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length })
  }
  return all
}

/** Milliseconds of processor time that an import takes in a fresh process: what else the machine does counts little. */
function timeImport(file) {
  const url = JSON.stringify(pathToFileURL(file).href)
  const code = `const before = process.cpuUsage()
    await import(${url})
    const { user, system } = process.cpuUsage(before)
    console.log((user + system) / 1_000)`
  const args = ['--input-type=module', '-e', code]
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

/** @returns Bytes and import time of both, and the ratios: of the bytes, and of the times round by round. */
export async function nodeEntry() {
  const folder = mkdtempSync(join(tmpdir(), 'iamfetch-bench-'))
  try {
    const rows = await bundles(folder)
    const times = rows.map(() => [])
    for (let round = -1; round < ROUNDS; round++) {
      for (const [i, { file }] of rows.entries()) {
        const ms = timeImport(file)
        // The first round fills the caches of the file system.
        if (round >= 0) times[i].push(ms)
      }
    }
    return {
      rows: rows.map(({ name, min, gzip }, i) => ({ name, min, gzip, importMs: median(times[i]) })),
      sizeRatio: rows[0].gzip / rows[1].gzip,
      importRatio: median(times[0].map((ms, round) => ms / times[1][round])),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The bars of the report. */
export const nodeEntryBars = ({ sizeRatio, importRatio }) => [
  {
    what: "iamfetch/node: size / the SDK's chain",
    value: sizeRatio,
    bar: '≤ 0.2',
    met: sizeRatio <= 0.2,
  },
  {
    what: "iamfetch/node: import time / the SDK's chain",
    value: importRatio,
    bar: '≤ 0.5',
    met: importRatio <= 0.5,
  },
]

const HEADING = '## Credentials of a server'
const NEXT_HEADING = '## How it grows'

/** The section of the report. */
export const nodeEntrySection = ({ rows, sizeRatio, importRatio }) => `${HEADING}

The AWS SDK's chain and \`defaultCredentials\` of \`iamfetch/node\`, both bundled for Node and minified by esbuild. Each import is in a process of its own,
in turns, the median of ${ROUNDS} rounds in processor time. Ours has ${sizeRatio.toFixed(2)} of the bytes and takes ${importRatio.toFixed(2)} of the time. What one signature costs on Hermes is in [the table
of runtimes](../../../test/runtimes/README.md), which \`npm run test:hermes\` writes.

${table([
  ['contender', 'min', 'min+gzip', 'import, ms'],
  ...rows.map(({ name, min, gzip, importMs }) => [
    name,
    min.toLocaleString('en'),
    gzip.toLocaleString('en'),
    importMs.toFixed(1),
  ]),
])}

`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const measured = await nodeEntry()
  const section = nodeEntrySection(measured)
  const bars = nodeEntryBars(measured)
  console.log(section)
  console.table(bars)
  const readme = fileURLToPath(new URL('../../sigv4/bench/README.md', import.meta.url))
  const text = readFileSync(readme, 'utf8')
  const [before] = text.split(text.includes(HEADING) ? HEADING : NEXT_HEADING)
  writeFileSync(readme, before + section + text.slice(text.indexOf(NEXT_HEADING)))
  execFileSync(process.execPath, ['node_modules/oxfmt/bin/oxfmt', readme])
  if (bars.some(({ met }) => !met)) process.exitCode = 1
}

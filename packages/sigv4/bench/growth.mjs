// How the cost of a signature grows; run alone it rewrites its section of bench/README.md:
// node --conditions=@iamfetch/source packages/sigv4/bench/growth.mjs
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createSigner } from '@iamfetch/sigv4'
import { median } from './measure.mjs'
import { credentialsOf } from './subjects.mjs'
import { table } from './table.mjs'

const base = 'https://abcdefghij.execute-api.eu-central-1.amazonaws.com/prod/items'
const one = createSigner({ credentials: credentialsOf(false) })
const post = (body) => ({ method: 'POST', body })
const together = (many, call) => () => Promise.all(Array.from({ length: many }, call))
const bytes = new TextEncoder().encode('{}')
const CALLERS = [1, 10, 100, 1_000, 10_000]

/** What a run with `many` of something does. Each row does as much as the largest does in one run, or a bit more. */
const SERIES = [
  {
    what: 'concurrent callers',
    numbers: CALLERS,
    make: (many) => together(many, () => one.sign(base, post('{}'))),
  },
  {
    what: 'as many `Request` objects, without a signature',
    reference: true,
    numbers: CALLERS,
    make: (many) =>
      together(many, async () => new Request(base, { ...post(bytes), headers: new Headers() })),
  },
  {
    what: 'query parameters',
    numbers: [1, 10, 100, 1_000],
    runs: 10,
    make: (many) => {
      const query = Array.from({ length: many }, (_, i) => `key${i}=value%20${i}`).join('&')
      return () => one.sign(`${base}?${query}`)
    },
  },
  {
    what: 'kB of body',
    numbers: [1, 10, 100, 1_024, 10_240],
    make: (many) => {
      const body = new Uint8Array(many * 1_024)
      return () => one.sign(base, post(body))
    },
  },
  {
    what: 'identities, each in turn',
    numbers: [1, 10, 100, 1_000],
    runs: 10,
    make: (many) => {
      const signers = Array.from({ length: many }, () =>
        createSigner({ credentials: credentialsOf(true) }),
      )
      return async () => {
        for (const signer of signers) await signer.sign(base)
      }
    },
  },
]

const ROUNDS = 5
/** Sorting costs n log n: 1.1 from 10 to 1,000. What grows with the square has 2. */
const STEEPEST = 1.15
const MOST_HELD_KB = 1_024

/**
 * Measures each series in this process: processor time of all threads, collections included, so that what else runs on
 * the machine does not count; all sizes in turn, each round after a collection.
 */
async function measureGrowth() {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  /** Bytes in use after unused objects are collected; buffers are collected one collection after their owners. */
  const heldBytes = async () => {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      collect()
    }
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const series = []
  for (const { what, reference = false, numbers, runs = 1, make } of SERIES) {
    const units = numbers.at(-1) * runs
    const rows = numbers.map((many) => ({ many, times: [], heldKb: 0, run: make(many) }))
    for (let round = -1; round < ROUNDS; round++) {
      for (const row of rows) {
        const before = await heldBytes()
        const { user, system } = process.cpuUsage()
        const times = Math.round(units / row.many)
        for (let i = 0; i < times; i++) await row.run()
        const spent = process.cpuUsage({ user, system })
        // The first round warms up.
        if (round < 0) continue
        row.times.push((spent.user + spent.system) / times)
        row.heldKb += ((await heldBytes()) - before) / 1_024
      }
    }
    const measured = rows.map(({ many, times, heldKb }) => ({ many, us: median(times), heldKb }))
    series.push({ what, reference, rows: measured, exponent: exponentOf(measured) })
  }
  return series
}

/** The p of a + b·nᵖ: by least squares over the logarithms, without what one alone costs. */
function exponentOf([first, ...others]) {
  const points = others.map(({ many, us }) => [
    Math.log(many - first.many),
    Math.log(Math.max(us - first.us, 1e-3)),
  ])
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean((point) => point[0]), mean((point) => point[1])]
  return mean((point) => (point[0] - x) * (point[1] - y)) / mean((point) => (point[0] - x) ** 2)
}

/** Time and memory over growing numbers, measured in a process of its own. Misses a bar: the process ends with 1. */
export function growth() {
  const args = ['--conditions=@iamfetch/source', fileURLToPath(import.meta.url), 'measure']
  const series = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  for (const of of series) {
    of.linear = of.exponent <= STEEPEST
    of.bounded = of.rows.every(({ heldKb }) => heldKb <= MOST_HELD_KB)
    if (!of.reference && !(of.linear && of.bounded)) process.exitCode = 1
  }
  return series
}

/** The section of the report. */
export function growthSection(series) {
  const answer = (met) => (met ? 'yes' : '**no**')
  const verdicts = series.map(({ what, reference, exponent, linear, bounded, rows }) => [
    what,
    exponent.toFixed(2),
    reference ? 'for comparison' : answer(linear),
    Math.max(...rows.map(({ heldKb }) => heldKb)).toFixed(0),
    reference ? 'for comparison' : answer(bounded),
  ])
  const rows = series.flatMap(({ what, rows: all }) =>
    all.map(({ many, us }) => [
      what,
      many.toLocaleString('en'),
      (us / 1_000).toFixed(2),
      (us / many).toFixed(1),
    ]),
  )
  return `## How it grows

On Node, warm, in processor time of all threads, so that what else runs on the machine does not count; the median of ${ROUNDS} rounds in which all
sizes take turns and do the same amount of work. The exponent is the p of a + b·nᵖ, fitted to all sizes: 1 is linear, up to ${STEEPEST} passes (parameters
are sorted, which is n log n). Memory is what ${ROUNDS} rounds left behind after garbage collection; up to ${MOST_HELD_KB.toLocaleString('en')} kB passes.
The step from 1,000 to 10,000 callers is the garbage collector's, whose young generation their requests outlive: the platform's own objects have it
too, it does not come again, and with \`node --max-semi-space-size=256\` it comes later.

${table([['how the cost grows with', 'exponent', 'linear or better', 'memory kept, kB', 'bounded'], ...verdicts])}

${table([['what', 'how many', 'in all, ms', 'each, µs'], ...rows])}
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'measure') console.log(JSON.stringify(await measureGrowth()))
  else {
    const readme = fileURLToPath(new URL('README.md', import.meta.url))
    const section = growthSection(growth())
    console.log(section)
    const [before] = readFileSync(readme, 'utf8').split('## How it grows')
    writeFileSync(readme, before + section)
    execFileSync(process.execPath, ['node_modules/oxfmt/bin/oxfmt', readme])
  }
}

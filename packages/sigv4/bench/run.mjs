// `npm run bench`: what a signature costs compared with its peers, in time and in bytes. Figures of different machines or
// moments say nothing; the ratios, taken round by round, do. Writes bench/README.md and bench/sign.svg.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'
import { barsOf, loopback } from '../../iamfetch/bench/loopback.mjs'
import { nodeEntry, nodeEntryBars } from '../../iamfetch/bench/node-entry.mjs'
import { chart } from './chart.mjs'
import { growth } from './growth.mjs'
import { joined, median, ratio, SIZES } from './measure.mjs'
import { report } from './report.mjs'
import { sizes } from './sizes.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const TASKS = [...SIZES.map((size) => ({ size, cold: false })), { size: 1_024, cold: true }]
/** What the bars are about is measured in more processes than the rest. */
const processesFor = ({ size, cold }) => (size === 1_024 && !cold ? 5 : 1)

const onNode = (task) => {
  const args = ['--conditions=@iamfetch/source', here('on-node.mjs'), JSON.stringify(task)]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

async function inChromium(work) {
  const { outputFiles } = await build({
    entryPoints: [here('on-page.mjs')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@iamfetch/source'],
  })
  // Over loopback, where a page has crypto.subtle.
  const server = createServer((request, response) => {
    const script = request.url === '/page.js'
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html')
    response.end(
      script ? outputFiles[0].text : '<!doctype html><script type=module src=/page.js></script>',
    )
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const executablePath = await findChromium()
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: chromiumFlags,
  })
  try {
    return await work(async (expression) => {
      // A fresh page, and with it a fresh engine, for each.
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${server.address().port}/`)
      await page.waitForFunction('globalThis.bench')
      const result = await page.evaluate(expression)
      await page.close()
      return result
    }, browser.version())
  } finally {
    await browser.close()
    server.close()
  }
}

const results = { node: [], chromium: [] }
for (const task of TASKS) {
  const runs = Array.from({ length: processesFor(task) }, () => onNode(task))
  results.node.push({ ...task, times: joined(runs) })
  process.stdout.write('.')
}
await inChromium(async (evaluate, version) => {
  results.chromiumVersion = version
  for (const task of TASKS) {
    const runs = []
    for (let i = 0; i < processesFor(task); i++)
      runs.push(await evaluate(`bench(${JSON.stringify(task)})`))
    results.chromium.push({ ...task, times: joined(runs) })
    process.stdout.write('.')
  }
  const { signing, idle } = await evaluate('longestBlock(10485760)')
  results.blockedMs = median(signing)
  results.idleMs = median(idle)
})
results.sizes = await sizes(here('.'))
results.growth = await growth()
results.loopback = await loopback()
results.nodeEntry = await nodeEntry()

const kilo = ({ size, cold }) => size === 1_024 && !cold
const [node, page] = [results.node.find(kilo).times, results.chromium.find(kilo).times]
const bars = [
  ['Node: aws4 / signParts', ratio(node, 'aws4', 'iamfetch signParts'), '≥', 3],
  [
    'Node: smithy with a node hash / signParts',
    ratio(node, 'smithy, node hash', 'iamfetch signParts'),
    '≥',
    4,
  ],
  [
    'Node: signParts / the three bare hashes',
    ratio(node, 'iamfetch signParts', 'the three bare hashes'),
    '≤',
    2.7,
  ],
  ['Node: aws4fetch / signer.sign', ratio(node, 'aws4fetch sign', 'iamfetch signer.sign'), '≥', 4],
  [
    'Chromium: aws4fetch / signer.sign',
    ratio(page, 'aws4fetch sign', 'iamfetch signer.sign'),
    '≥',
    1.5,
  ],
  [
    `Chromium: main thread blocked by 10 MB, ms (${results.idleMs.toFixed(0)} when idle)`,
    results.blockedMs,
    '<',
    50,
  ],
].map(([what, value, sign, bar]) => ({
  what,
  value,
  bar: `${sign} ${bar}`,
  met: sign === '≥' ? value >= bar : value <= bar,
}))

bars.push(...barsOf(results.loopback), ...nodeEntryBars(results.nodeEntry))
const text = report({ ...results, bars })
console.log(`\n\n${text}`)
writeFileSync(here('README.md'), text)
writeFileSync(here('sign.svg'), chart({ node, page }))
execFileSync(process.execPath, ['node_modules/oxfmt/bin/oxfmt', here('.')])
console.log(`\nWritten: ${here('README.md')}, ${here('sign.svg')}`)
if (bars.some(({ met }) => !met)) process.exitCode = 1

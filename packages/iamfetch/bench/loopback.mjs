// What a signed 1 kB POST over loopback costs next to a plain `fetch`, in processor time of the client: part of `npm run bench`,
// or alone: `npm run bench:loopback`.
import { execFile, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { chromium } from 'playwright'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const IN_FLIGHT = [1, 50]
const NAMES = ['plain fetch', 'same headers', 'signature alone', 'iamFetch', 'aws4fetch']
/** The bar of DESIGN.md, in Node. */
const MOST_OF_PLAIN = 1.35

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

/** @returns One row for each platform and number of requests in flight: microseconds, and the multiple of a plain `fetch`. */
export async function loopback() {
  const server = fork(here('server.mjs'), [await pageScript()])
  const address = await new Promise((resolve) => {
    server.once('message', ({ port }) => resolve(`http://127.0.0.1:${String(port)}`))
  })
  try {
    const rows = []
    for (const inFlight of IN_FLIGHT) {
      rows.push(rowOf('Node', inFlight, await onNode(address, inFlight)))
    }
    for (const inFlight of IN_FLIGHT) {
      rows.push(rowOf('Chromium', inFlight, await onPage(address, inFlight)))
    }
    return rows
  } finally {
    if (server.connected) server.disconnect()
  }
}

/** The bars, and whether they are met. */
export const barsOf = (rows) =>
  rows
    .filter(({ platform }) => platform === 'Node')
    .map(({ inFlight, ofPlain }) => ({
      what: `Node: a 1 kB POST over loopback, ${inFlight} at a time: iamFetch / plain fetch`,
      value: ofPlain.iamFetch,
      bar: `≤ ${MOST_OF_PLAIN}`,
      met: ofPlain.iamFetch <= MOST_OF_PLAIN,
    }))

function rowOf(platform, inFlight, times) {
  const microseconds = Object.fromEntries(NAMES.map((name) => [name, median(times[name])]))
  // Each round is compared with itself.
  const ofPlain = Object.fromEntries(
    NAMES.map((name) => [
      name,
      median(times[name].map((value, round) => value / times['plain fetch'][round])),
    ]),
  )
  return { platform, inFlight, microseconds, ofPlain }
}

async function onNode(address, inFlight) {
  const args = ['--conditions=@iamfetch/source', '--no-warnings', here('on-node.mjs'), address]
  const { stdout } = await promisify(execFile)(process.execPath, [...args, String(inFlight)])
  return JSON.parse(stdout)
}

/** Processor time of the page's main thread. */
async function onPage(address, inFlight) {
  const executablePath = await findChromium()
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: chromiumFlags,
  })
  try {
    const page = await browser.newPage()
    await page.goto(address)
    await page.waitForFunction('globalThis.sendAll')
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
    const threadSeconds = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics')
      return metrics.find(({ name }) => name === 'TaskDuration').value
    }
    const calls = 100
    const times = Object.fromEntries(NAMES.map((name) => [name, []]))
    for (let round = -3; round < 9; round++) {
      for (const name of NAMES) {
        const start = await threadSeconds()
        await page.evaluate(`sendAll(${JSON.stringify(name)}, ${calls}, ${inFlight})`)
        const seconds = (await threadSeconds()) - start
        if (round >= 0) times[name].push((seconds * 1_000_000) / calls)
      }
    }
    return times
  } finally {
    await browser.close()
  }
}

async function pageScript() {
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
  return outputFiles[0].text
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await loopback()
  for (const { platform, inFlight, microseconds, ofPlain } of rows) {
    for (const name of NAMES) {
      const us = microseconds[name].toFixed(0).padStart(6)
      console.log(
        `${platform.padEnd(9)} ${String(inFlight).padStart(3)} at a time  ${name.padEnd(15)} ${us} µs  ${ofPlain[name].toFixed(2)}`,
      )
    }
  }
  for (const { what, value, bar, met } of barsOf(rows)) {
    console.log(`${met ? 'met' : 'NOT MET'}: ${what}: ${value.toFixed(2)} (bar ${bar})`)
    if (!met) process.exitCode = 1
  }
}

import { nodeEntrySection } from '../../iamfetch/bench/node-entry.mjs'
import { growthSection } from './growth.mjs'
import { median } from './measure.mjs'
import { table } from './table.mjs'

/** The README of the bench: bars, times, bytes, growth. */
export function report({
  node,
  chromium,
  chromiumVersion,
  sizes,
  growth,
  loopback,
  nodeEntry,
  bars,
}) {
  return `# What a signature costs

Written by \`npm run bench\` on Node ${process.versions.node} and Chromium ${chromiumVersion.split('.')[0]}. Each figure is the median of rounds in which all
contenders take turns; a ratio is the median of the rounds' own ratios. Other machines give other figures and much the same ratios.

![Time for one signature of a 1 kB POST](sign.svg)

${table([['bar', 'asked', 'measured', ''], ...bars.map(({ what, bar, value, met }) => [what, bar, value.toFixed(2), met ? 'met' : 'missed'])])}

## Node, microseconds a signature

A session token of 1,000 characters. "Cold" derives the signing key as well. \`signParts\`, aws4, smithy and Amplify give headers; \`signer.sign\` and
aws4fetch take what \`fetch\` takes and give a \`Request\`.

${times(node)}

## Chromium, microseconds a signature

${times(chromium)}

## A 1 kB POST over loopback, microseconds of processor time

Of the client alone: the server is another process. In Chromium the main thread of the page. In brackets the multiple of a plain \`fetch\`.

${loopbackTable(loopback)}

## Bytes in a browser

Minified by esbuild. aws4fetch has no hash inside and needs \`crypto.subtle\`.

${table([['job', 'contender', 'min', 'min+gzip', 'min+brotli'], ...sizes.map(({ job, name, min, gzip, brotli }) => [job, name, ...[min, gzip, brotli].map((n) => n.toLocaleString('en'))])])}

${nodeEntrySection(nodeEntry)}${growthSection(growth)}`
}

const loopbackTable = (rows) => {
  const names = Object.keys(rows[0].microseconds)
  return table([
    ['', ...names],
    ...rows.map(({ platform, inFlight, microseconds, ofPlain }) => [
      `${platform}, ${inFlight} at a time`,
      ...names.map((name) => `${microseconds[name].toFixed(0)} (${ofPlain[name].toFixed(2)})`),
    ]),
  ])
}

const nameOf = ({ size, cold }) => {
  const units = [
    [1_048_576, 'MB'],
    [1_024, 'kB'],
  ]
  const [unit, name] = units.find(([least]) => size >= least) ?? [1, 'B']
  return `${size / unit} ${name}${cold ? ', cold' : ''}`
}

function times(results) {
  const names = Object.keys(results[0].times)
  const figure = (value) =>
    value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(1)
  return table([
    ['', ...results.map(nameOf)],
    ...names.map((name) => [name, ...results.map((one) => figure(median(one.times[name])))]),
  ])
}

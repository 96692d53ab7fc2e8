import { median } from './measure.mjs'

/** The README of the bench: bars, times, bytes, growth. */
export function report({ node, chromium, chromiumVersion, sizes, growth, bars }) {
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

## Bytes in a browser

Minified by esbuild. aws4fetch has no hash inside and needs \`crypto.subtle\`.

${table([['job', 'contender', 'min', 'min+gzip', 'min+brotli'], ...sizes.map(({ job, name, min, gzip, brotli }) => [job, name, ...[min, gzip, brotli].map((n) => n.toLocaleString('en'))])])}

## How it grows

On Node, warm. Heap is what is still held after the run and a garbage collection.

${table([['what', 'how many', 'in all, ms', 'each, µs', 'heap held, kB'], ...growth.map(({ what, many, ms, eachUs, heldKb }) => [what, many.toLocaleString('en'), ms.toFixed(1), eachUs.toFixed(1), heldKb.toFixed(0)])])}
`
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

function table(lines) {
  const widths = lines[0].map((_, column) =>
    Math.max(3, ...lines.map((line) => String(line[column]).length)),
  )
  const text = (line) => `| ${line.map((cell, i) => String(cell).padEnd(widths[i])).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [text(lines[0]), rule, ...lines.slice(1).map(text)].join('\n')
}

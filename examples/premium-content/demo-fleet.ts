import { parseArgs } from 'node:util'
import { runFleet, type FleetReport } from './fleet.ts'
import { startSharedStore } from './shared-store.ts'

const HELP = `npm run demo:fleet

Starts processes that call the premium content provider for three tenants, all at once and without a token,
with one shared store. Compares the tokens that were requested with the calls that were made. Ends by
itself, after two minutes at the latest.

  --processes <n>  How many processes, 1 to 100. Defaults to 20.
  --calls <n>      Calls of each process, 1 to 10000. Defaults to 100.
  --help           Prints this help.
`

/** Cognito's first tier, according to public price pages. */
const DOLLARS_PER_TOKEN = 0.00225

try {
  const { values } = parseArgs({
    options: {
      processes: { type: 'string', default: '20' },
      calls: { type: 'string', default: '100' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) console.log(HELP)
  else await demo(whole('processes', values.processes, 100), whole('calls', values.calls, 10_000))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function demo(processes: number, callsPerProcess: number): Promise<void> {
  // The servers and processes that were started end as well.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const store = await startSharedStore()
  if (store.kind === 'dynamodb') {
    console.log(
      'There is no redis-server on PATH (apt-get install redis-server); dynalite, a DynamoDB, takes its place.',
    )
  }
  try {
    console.log(
      `\n  ${processes} processes share ${store.name}. One token per tenant and set of scopes is enough\n  for all of them. This takes about half a minute.\n`,
    )
    tell(await runFleet({ processes, callsPerProcess, store, onProgress }))
  } finally {
    await store.stop()
  }
}

function onProgress(line: string): void {
  console.log(`  ${line}`)
}

function tell(report: FleetReport): void {
  const { processes, calls, minted, shared, failed, secretsRead, durationMs } = report
  const tokens = minted.reduce((sum, { count }) => sum + count, 0)
  console.log(
    `  ${text(calls)} calls were made in ${text(durationMs / 1_000)} s, ${failed.length} failed.\n`,
  )
  console.log('  Tokens that Cognito would charge for')
  for (const { client, scopes, count } of minted) {
    console.log(`    ${client.padEnd(8)} ${scopes.join(' ').padEnd(14)} ${count}`)
  }
  const rows: [what: string, count: number][] = [
    ['Requested, one per tenant and set of scopes', tokens],
    ['If each process requested its own', processes * minted.length],
    ['If each call requested one', calls],
  ]
  console.log('')
  for (const [what, count] of rows) {
    const dollars = `$${(count * DOLLARS_PER_TOKEN).toFixed(3)}`
    console.log(`  ${what.padEnd(42)} ${text(count).padStart(8)}   ${dollars.padStart(9)}`)
  }
  console.log(`
  Prices: $${DOLLARS_PER_TOKEN} a token, Cognito's first tier.
  ${text(shared)} times a process used a token that another process had requested.
  ${text(secretsRead)} times a process read a client secret from Secrets Manager, once per process and tenant.
  The tokens in the store are encrypted: reading the store yields no token.\n`)
  for (const one of new Set(failed)) console.log(`  Failed: ${one}`)
  if (failed.length > 0 || tokens !== minted.length) process.exitCode = 1
}

function text(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 })
}

function whole(name: string, given: string, most: number): number {
  const value = Number(given)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new TypeError(`--${name} takes a whole number from 1 to ${most}.`)
}

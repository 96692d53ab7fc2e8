import { parseArgs } from 'node:util'
import { runFleet, type FleetReport } from './fleet.ts'
import { startSharedStore } from './shared-store.ts'

const HELP = `npm run demo:fleet

Runs a fleet of processes that call the premium content provider for three tenants, all of them cold and at
once, sharing one store. Shows the tokens minted against the calls made. Ends by itself, after two minutes
at the latest.

  --processes <n>  How many processes. 1 to 100. Left out, 20.
  --calls <n>      Calls of each. 1 to 10000. Left out, 100.
  --help           Prints this.
`

/** Cognito's first tier, as public price pages have it. */
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
  // So that the servers and processes that were started end too.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const store = await startSharedStore()
  if (store.kind === 'dynamodb') {
    console.log(
      'There is no redis-server on PATH (apt-get install redis-server); dynalite, a DynamoDB, takes its place.',
    )
  }
  try {
    console.log(`\n  ${processes} processes start, which share ${store.name}.`)
    tell(await runFleet({ processes, callsPerProcess, store }))
  } finally {
    await store.stop()
  }
}

function tell(report: FleetReport): void {
  const { processes, calls, minted, shared, failed, secretsRead, durationMs } = report
  const tokens = minted.reduce((sum, { count }) => sum + count, 0)
  console.log(
    `  ${text(calls)} calls were made in ${text(durationMs / 1_000)} s, ${failed.length} failed.\n`,
  )
  console.log('  Tokens minted')
  for (const { client, scopes, count } of minted) {
    console.log(`    ${client.padEnd(8)} ${scopes.join(' ').padEnd(14)} ${count}`)
  }
  const rows: [what: string, count: number][] = [
    ['Minted, one per tenant and set of scopes', tokens],
    ['If each process minted its own', processes * minted.length],
    ['If each call did', calls],
  ]
  console.log('')
  for (const [what, count] of rows) {
    const dollars = `$${(count * DOLLARS_PER_TOKEN).toFixed(3)}`
    console.log(`  ${what.padEnd(42)} ${text(count).padStart(8)}   ${dollars.padStart(9)}`)
  }
  console.log(`
  ${text(shared)} times a process took a token that another one had minted; ${text(secretsRead)} times one read a secret.
  Whoever reads the store sees sealed texts.\n`)
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

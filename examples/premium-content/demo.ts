import { parseArgs } from 'node:util'
import { tenantNames, tenants, type Tenant } from './access.ts'
import { administer } from './administer.ts'
import { startPremiumContent, type PremiumContent } from './start.ts'

const HELP = `npm run demo:premium

Runs the premium content provider and a consumer for each of three tenants on 127.0.0.1, calls them, rotates
a secret, revokes a client, and explains each result. Ends by itself within seconds.

  --keep   Keeps running afterwards, for calls of your own. Ctrl+C stops it.
  --help   Prints this help.
`

/** Where what belongs to a line begins, below it. */
const INDENT = ' '.repeat(6)

/** What a refusal of the demo is about, by path and status. */
const EXPECTED: Record<string, string> = {
  'unauthorized-read 401': 'Expected: this call has no token on purpose.',
  'authorized-read 502': 'Expected: the tenant may not have the scope premium/read.',
  'authorized-write 502': 'Expected: the tenant may not have the scope premium/write.',
}

try {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean' } },
  })
  if (values.help) console.log(HELP)
  else await demo(values.keep)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function demo(keep: boolean): Promise<void> {
  // It ends in any case.
  const timeout = setTimeout(() => {
    console.error('The demo took over a minute and was ended.')
    process.exit(1)
  }, 60_000)
  let passedMs = 0
  const premium = await startPremiumContent({ clock: { now: () => Date.now() + passedMs } })
  const hourPasses = (): void => void (passedMs += 3_600_000)
  try {
    console.log('\n  Premium content, without an AWS account: a provider and its three tenants.')
    console.log(
      '  GET needs the scope premium/read, POST needs premium/write. A tenant without the',
    )
    console.log(
      '  scope is refused by the token endpoint, and the service of the tenant responds with',
    )
    console.log('  502 and the reason. Refusals below are expected, and marked as such.')
    for (const tenant of tenantNames) await tellCalls(premium, tenant)
    await tellCaching(premium)
    await tellRotation(premium, hourPasses)
    await tellRevocation(premium, hourPasses)
    clearTimeout(timeout)
    if (keep) await stayUp(premium)
  } finally {
    clearTimeout(timeout)
    await premium.stop()
  }
}

async function tellCalls(premium: PremiumContent, tenant: Tenant): Promise<void> {
  console.log(`\n  ${tenant}, whose app client has ${tenants[tenant].join(' and ')}`)
  for (const path of ['unauthorized-read', 'authorized-read', 'authorized-write']) {
    const [status, body] = await call(premium, tenant, path)
    console.log(`    /${path.padEnd(18)} ${status}  ${body}`)
    const note = EXPECTED[`${path} ${status}`]
    if (note) console.log(`${INDENT}${note}`)
  }
}

/** Calls a tenant's consumer. For a failure, prints the code, and the message below it. */
async function call(
  { urlOf }: PremiumContent,
  tenant: Tenant,
  path: string,
): Promise<[status: number, body: string]> {
  const response = await fetch(`${urlOf(tenant)}/${path}`)
  const text = await response.text()
  const { code, message } = JSON.parse(text)
  return [response.status, code === undefined ? text : `${code}\n${INDENT}${spread(message)}`]
}

/** Breaks a sentence that is wider than a terminal. */
function spread(sentence: string): string {
  return sentence.replaceAll(/(.{40,70}) /g, `$1\n${INDENT}`)
}

async function tellCaching(premium: PremiumContent): Promise<void> {
  const { stack } = premium
  const reads = Array.from({ length: 200 }, () => call(premium, 'acme', 'authorized-read'))
  const answers = await Promise.all(reads)
  const good = answers.filter(([status]) => status === 200).length
  console.log(
    `\n  acme reads 200 times at once: ${good} responses with 200. Tokens requested since the start,\n  one for each client and set of scopes:`,
  )
  for (const { client, scopes, count } of stack.tokensMinted()) {
    console.log(`    ${client.padEnd(8)} ${scopes.join(' ').padEnd(14)} ${count}`)
  }
}

async function tellRotation(premium: PremiumContent, hourPasses: () => void): Promise<void> {
  const { addSecret, storeSecret, listSecrets, deleteSecret } = administer(premium, 'acme')
  const [old = ''] = await listSecrets()
  const { value } = await addSecret()
  await storeSecret(value)
  await deleteSecret(old)
  const [before] = await call(premium, 'acme', 'authorized-read')
  hourPasses()
  const [after] = await call(premium, 'acme', 'authorized-read')
  console.log(`
  acme's secret is rotated: a second one added and stored in Secrets Manager,
  the first one deleted.
    The next call, with the token that it still holds: ${before}
    A call an hour later (simulated), with the new secret and a new token: ${after}`)
}

async function tellRevocation(premium: PremiumContent, hourPasses: () => void): Promise<void> {
  await administer(premium, 'globex').revoke()
  hourPasses()
  const [status, body] = await call(premium, 'globex', 'authorized-read')
  console.log(`
  globex's app client is deleted. A token cannot be revoked: the current one works
  until it expires.
    A call an hour later (simulated): ${status} ${body}
    502 is expected: globex's service gets no new token.\n`)
}

async function stayUp(premium: PremiumContent): Promise<void> {
  console.log('  It keeps running. Ctrl+C stops it.')
  for (const tenant of tenantNames) console.log(`    curl ${premium.urlOf(tenant)}/authorized-read`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

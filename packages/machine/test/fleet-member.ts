// One process of the fleet in fleet-of-processes.slow.test.ts. The test says when it begins and when it goes on.
import { createClient } from '@redis/client'
import { machineToken, oauthTokenEndpoint, type MachineTokenEvent } from '../src/index.ts'
import { redisStore } from '../src/redis.ts'

const [idp, redisPort, calls, ...tenants] = process.argv.slice(2)

/** What a member tells when it is half through, and in the end. */
export interface Report {
  done: number
  failed: string[]
  minted: number
  shared: number
  storeFailures: number
}

const client = createClient({ socket: { host: '127.0.0.1', port: Number(redisPort) } })
client.on('error', () => {})
await client.connect()

// More than the usual 50 ms for a store operation: twenty processes on two cores keep each other waiting.
const store = redisStore({ client, timeoutMs: 1_000 })
const events: MachineTokenEvent[] = []
const tokens = tenants.map((tenant) =>
  machineToken({
    source: oauthTokenEndpoint({ url: `${idp}/oauth2/token`, clientId: tenant }),
    clientSecret: `secret-of-${tenant}`,
    scopes: ['premium/read'],
    store,
    onEvent: (event) => events.push(event),
  }),
)

const failed: string[] = []
let done = 0

async function callHalf(): Promise<Report> {
  const half = Number(calls) / 2
  for (let sent = 0; sent < half; sent += 25) {
    const batch = Array.from({ length: Math.min(25, half - sent) }, async (_, index) => {
      const token = tokens[index % tokens.length]!
      try {
        const [, claims] = (await token()).split('.')
        const { client_id: owner } = JSON.parse(Buffer.from(claims!, 'base64url').toString())
        if (owner !== tenants[index % tokens.length]) failed.push(`got the token of ${owner}`)
      } catch (error) {
        failed.push(String(error))
      }
      done++
    })
    await Promise.all(batch)
  }
  const count = (type: MachineTokenEvent['type']): number =>
    events.filter((event) => event.type === type).length
  return {
    done,
    failed,
    minted: count('minted'),
    shared: count('shared'),
    storeFailures: count('store-failed'),
  }
}

process.on('message', (order) => {
  // The store is gone by now. An API rejects the tokens, so each process has to look for new ones.
  if (order === 'go on') {
    for (const token of tokens) void token().then((value) => token.invalidate(value))
  }
  void callHalf().then((report) => process.send!(report))
})
process.send!('ready')

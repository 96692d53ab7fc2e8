// One process of the loopback bench: what a 1 kB POST costs in processor time. Prints JSON.
import { AwsClient } from 'aws4fetch'
import { createIamFetch } from 'iamfetch'

const [, , address, inFlight = '1'] = process.argv
if (address === undefined) {
  console.error(
    'Usage: post.mjs URL [REQUESTS IN FLIGHT], for example post.mjs http://127.0.0.1:8080 50',
  )
  process.exit(2)
}
const credentials = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'x'.repeat(1_000),
}
const body = JSON.stringify({ text: 'x'.repeat(1_013) })
const url = `${address}/prod/notes?limit=10`
const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
const iamFetch = createIamFetch({ baseUrl: `${address}/prod`, credentials, region: 'eu-central-1' })
const client = new AwsClient({ ...credentials, region: 'eu-central-1', service: 'execute-api' })

const subjects = {
  'plain fetch': () => fetch(url, init),
  iamFetch: () => iamFetch('/notes?limit=10', init),
  aws4fetch: () => client.fetch(url, init),
}
const CALLS = 500
const ROUNDS = 15

async function run(send) {
  let left = CALLS
  const worker = async () => {
    while (left-- > 0) await (await send()).text()
  }
  await Promise.all(Array.from({ length: Number(inFlight) }, worker))
}

const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]))
// The first three rounds are for the compiler.
for (let round = -3; round < ROUNDS; round++) {
  for (const [name, send] of Object.entries(subjects)) {
    const start = process.cpuUsage()
    await run(send)
    const { user, system } = process.cpuUsage(start)
    if (round >= 0) times[name].push((user + system) / CALLS)
  }
}
console.log(JSON.stringify(times))

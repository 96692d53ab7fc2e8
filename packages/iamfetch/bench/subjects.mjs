import { AwsClient } from 'aws4fetch'
import { createIamFetch } from 'iamfetch'
import { sha256Hex, signParts } from '@iamfetch/sigv4'

/** The ways to send the same 1 kB POST to a server. */
export function subjectsOf(address) {
  const credentials = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: 'x'.repeat(1_000),
  }
  const region = 'eu-central-1'
  const url = `${address}/prod/notes?limit=10`
  const init = {
    method: 'POST',
    body: JSON.stringify({ text: 'x'.repeat(1_013) }),
    headers: { 'content-type': 'application/json' },
  }
  const iamFetch = createIamFetch({ baseUrl: `${address}/prod`, credentials, region })
  const client = new AwsClient({ ...credentials, region, service: 'execute-api' })
  const { host } = new URL(url)
  const signedHeaders = () => {
    const parts = {
      method: 'POST',
      path: '/prod/notes',
      query: 'limit=10',
      headers: [['host', host]],
    }
    const at = new Date()
    const { headers } = signParts(parts, {
      credentials,
      region,
      at,
      payloadHash: sha256Hex(init.body),
    })
    return [...headers.slice(1), ['content-type', 'application/json']]
  }
  const once = signedHeaders()
  return {
    'plain fetch': () => fetch(url, init),
    // What the longer request costs, without signing it: the session token has a thousand characters.
    'same headers': () => fetch(url, { ...init, headers: once }),
    // The least that any signing client does.
    'signature alone': () => fetch(url, { ...init, headers: signedHeaders() }),
    iamFetch: () => iamFetch('/notes?limit=10', init),
    aws4fetch: () => client.fetch(url, init),
  }
}

/** Sends `calls` requests, `inFlight` of them at a time, and reads each response. */
export async function sendAll(send, calls, inFlight) {
  let left = calls
  const worker = async () => {
    while (left-- > 0) await (await send()).text()
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}

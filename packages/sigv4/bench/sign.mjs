// What a signature costs on Node beside its peers, all in one run: `node --conditions=@iamfetch/source
// packages/sigv4/bench/sign.mjs`. Figures of different machines or moments say nothing; the ratios do.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import aws4 from 'aws4'
import { AwsClient } from 'aws4fetch'
import { createSigner, sha256Hex, signParts } from '@iamfetch/sigv4'

const credentials = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE00',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  // As long as Cognito's are.
  sessionToken: randomBytes(750).toString('base64'),
}
const region = 'eu-central-1'
const service = 'execute-api'
const host = 'abcdefghij.execute-api.eu-central-1.amazonaws.com'
const path = '/prod/items/42'
const query = 'limit=10&cursor=abc'
const url = `https://${host}${path}?${query}`
const type = 'application/json'
const body = JSON.stringify({ text: 'x'.repeat(1_011) })
const bytes = Buffer.from(body)

class NodeSha256 {
  constructor(secret) {
    this.hash = secret ? createHmac('sha256', secret) : createHash('sha256')
  }
  update(data) {
    this.hash.update(data)
  }
  digest() {
    return Promise.resolve(this.hash.digest())
  }
}
const smithy = new SignatureV4({
  credentials,
  region,
  service,
  sha256: NodeSha256,
  applyChecksum: false,
})
const aws4fetch = new AwsClient({ ...credentials, region, service })
const signer = createSigner({ credentials })
const key = randomBytes(32)
const canonical = signParts(
  { method: 'POST', path, query, headers: [['host', host]] },
  { credentials, region, service, at: new Date(), payloadHash: sha256Hex(body) },
)

const subjects = {
  'three bare hashes': () => {
    createHash('sha256').update(bytes).digest('hex')
    createHash('sha256').update(canonical.canonicalRequest).digest('hex')
    createHmac('sha256', key).update(canonical.stringToSign).digest('hex')
  },
  'ours: signParts': () =>
    signParts(
      {
        method: 'POST',
        path,
        query,
        headers: [
          ['host', host],
          ['content-type', type],
        ],
      },
      { credentials, region, service, at: new Date(), payloadHash: sha256Hex(body) },
    ),
  aws4: () =>
    aws4.sign(
      {
        method: 'POST',
        host,
        path: `${path}?${query}`,
        region,
        service,
        headers: { 'content-type': type },
        body,
      },
      credentials,
    ),
  'smithy, node hash': () =>
    smithy.sign(
      new HttpRequest({
        method: 'POST',
        hostname: host,
        path,
        query: { limit: '10', cursor: 'abc' },
        headers: { host, 'content-type': type },
        body,
      }),
    ),
  'ours: signer.sign': () =>
    signer.sign(url, { method: 'POST', body, headers: { 'content-type': type } }),
  aws4fetch: () => aws4fetch.sign(url, { method: 'POST', body, headers: { 'content-type': type } }),
}

const ROUNDS = 200
const PER_ROUND = 300
const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]))
// Taken in turns, so that a machine that slows down slows all of them.
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(subjects)) {
    const start = performance.now()
    for (let i = 0; i < PER_ROUND; i++) {
      const pending = run()
      if (pending instanceof Promise) await pending
    }
    times[name].push(((performance.now() - start) * 1_000) / PER_ROUND)
  }
}
const typical = (name) => times[name].toSorted((a, b) => a - b)[ROUNDS / 2]

console.log(
  `POST of ${bytes.length} bytes, warm key, Node ${process.version}, median of ${ROUNDS} rounds`,
)
for (const name of Object.keys(subjects))
  console.log(`  ${name.padEnd(20)} ${typical(name).toFixed(1).padStart(7)} µs`)
const parts = typical('ours: signParts')
const bars = [
  ['aws4 / signParts', typical('aws4') / parts, '>=', 2.5],
  ['smithy / signParts', typical('smithy, node hash') / parts, '>=', 3],
  ['signParts / three bare hashes', parts / typical('three bare hashes'), '<=', 3],
  ['aws4fetch / signer.sign', typical('aws4fetch') / typical('ours: signer.sign'), '>=', 4],
]
for (const [what, ratio, sign, bar] of bars) {
  const ok = sign === '>=' ? ratio >= bar : ratio <= bar
  console.log(
    `  ${what.padEnd(32)} ${ratio.toFixed(2).padStart(6)}  (${sign} ${bar}) ${ok ? 'ok' : 'MISSED'}`,
  )
}

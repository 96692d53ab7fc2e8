// One process of the bench on Node; prints its times as JSON.
import crypto, { createHash, createHmac, createSecretKey, randomBytes } from 'node:crypto'
import aws4 from 'aws4'
import { sha256Hex, signParts } from '@iamfetch/sigv4'
import { measure, roundsFor } from './measure.mjs'
import { host, path, query, subjectsOf } from './subjects.mjs'

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

const hash = crypto.hash
  ? (data) => crypto.hash('sha256', data)
  : (data) => createHash('sha256').update(data).digest('hex')

const onlyNode = ({ body, method, headers, each, smithy, region, service }) => {
  const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret' }
  const { canonicalRequest, stringToSign } = signParts(
    {
      method,
      path,
      query,
      headers: [
        ['host', host],
        ['x-amz-security-token', 'x'.repeat(1_000)],
      ],
    },
    { credentials, region, service, at: new Date(), payloadHash: sha256Hex(body ?? '') },
  )
  const key = createSecretKey(randomBytes(32))
  return {
    // Body, canonical request and string to sign by the fastest calls of node:crypto, and nothing else.
    'the three bare hashes': () => {
      hash(body ?? '')
      hash(canonicalRequest)
      createHmac('sha256', key).update(stringToSign).digest('hex')
    },
    aws4: each(
      (own) => () =>
        aws4.sign(
          {
            method,
            host,
            path: `${path}?${query}`,
            region,
            service,
            headers: { ...headers },
            body: body instanceof Uint8Array ? Buffer.from(body.buffer) : body,
          },
          own,
        ),
    ),
    'smithy, node hash': smithy(NodeSha256),
  }
}

const [, , task] = process.argv
if (task === undefined) {
  console.error(
    `Usage: on-node.mjs '{"size":1024,"cold":false}'; \`npm run bench\` starts it for each size.`,
  )
  process.exit(2)
}
const { size, cold } = JSON.parse(task)
console.log(
  JSON.stringify(await measure(subjectsOf(size, cold, onlyNode), { rounds: roundsFor(size) })),
)

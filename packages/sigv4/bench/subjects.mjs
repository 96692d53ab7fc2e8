// What is measured, on Node and in Chromium alike: one signature of a request with a body of `size` bytes.
import { Sha256 } from '@aws-crypto/sha256-js'
import { signRequest } from '@aws-amplify/core/internals/aws-client-utils'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { AwsClient } from 'aws4fetch'
import { createSigner, sha256Hex, signParts } from '@iamfetch/sigv4'

const region = 'eu-central-1'
const service = 'execute-api'
export const host = 'abcdefghij.execute-api.eu-central-1.amazonaws.com'
export const path = '/prod/items/42'
export const query = 'limit=10&cursor=abc'
const url = `https://${host}${path}?${query}`
const type = 'application/json'

/** As long as Cognito's are. */
const sessionToken = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(750))))
let keys = 0

/** With `cold`, each call gets a secret that no cache knows. */
export const credentialsOf = (cold) => ({
  accessKeyId: 'ASIAEXAMPLEEXAMPLE00',
  secretAccessKey: `wJalrXUtnFEMI/K7MDENG+bPxRfiCYEX${String(cold ? ++keys : 0).padStart(8, '0')}`,
  sessionToken,
})

/** A GET without a body; text up to 64 kB, as an API gets it; bytes above, as a file is. */
export function bodyOf(size) {
  if (size === 0) return undefined
  if (size <= 65_536) return JSON.stringify({ text: 'x'.repeat(size - 11) })
  return new Uint8Array(size).fill(120)
}

/** One function a contender. Given `sha256Node`, there are those that only Node has. */
export function subjectsOf(size, cold, more = () => ({})) {
  const body = bodyOf(size)
  const method = body === undefined ? 'GET' : 'POST'
  const headers = body === undefined ? {} : { 'content-type': type }
  const init = { method, headers, ...(body !== undefined && { body }) }
  // A warm contender is made once, a cold one for each call.
  const each = (make) => {
    if (cold) return () => make(credentialsOf(true))()
    return make(credentialsOf(false))
  }
  const smithy = (sha256) =>
    each((credentials) => {
      const options = { credentials, region, service, sha256, applyChecksum: false }
      const signer = new SignatureV4(options)
      return () =>
        signer.sign(
          new HttpRequest({
            method,
            hostname: host,
            path,
            query: { limit: '10', cursor: 'abc' },
            headers: { host, ...headers },
            body,
          }),
        )
    })
  return {
    'iamfetch signParts': each(
      (credentials) => () =>
        signParts(
          { method, path, query, headers: [['host', host], ...Object.entries(headers)] },
          { credentials, region, service, at: new Date(), payloadHash: sha256Hex(body ?? '') },
        ),
    ),
    'smithy, sha256-js': smithy(Sha256),
    'Amplify signRequest': each(
      (credentials) => () =>
        signRequest(
          { method, url: new URL(url), headers: { host, ...headers }, body },
          { credentials, signingRegion: region, signingService: service, signingDate: new Date() },
        ),
    ),
    'iamfetch signer.sign': each((credentials) => {
      const signer = createSigner({ credentials })
      return () => signer.sign(url, init)
    }),
    'aws4fetch sign': each((credentials) => {
      const client = new AwsClient({ ...credentials, region, service })
      return () => client.sign(url, init)
    }),
    ...more({ body, method, headers, each, smithy, region, service }),
  }
}

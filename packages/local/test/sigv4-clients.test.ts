import { createHash } from 'node:crypto'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send, type RawAnswer } from './support/send-raw.ts'
import { alice, bob, iam, serveApi, type ServedApi } from './support/serve-api.ts'

let http: ServedApi
let rest: ServedApi
beforeAll(async () => {
  const routes = { 'GET /test': iam(), 'POST /test': iam() }
  http = await serveApi({ type: 'http', routes })
  rest = await serveApi({ type: 'rest', routes })
})
afterAll(() => Promise.all([http.stop(), rest.stop()]))

type Headers = Record<string, string>

/** What a client does that is different from the AWS SDK. */
interface Habits {
  method?: string
  body?: string
  /** The host that is signed. */
  host: string
  /** Headers that are signed, in addition to `host` and `x-amz-date`. */
  signed?: Headers
  /** Headers that are added after signing. */
  added?: Headers
  presigned?: boolean
}

/** Sends a request as a client with these habits signs it. */
async function call(
  api: ServedApi,
  sentHost: string,
  { method = 'GET', body, host, signed = {}, added = {}, presigned = false }: Habits,
): Promise<RawAnswer> {
  const { accessKeyId, secretAccessKey, sessionToken } = alice
  const signer = new SignatureV4({
    service: 'execute-api',
    region: 'eu-central-1',
    // In a presigned URL the token is in the query. In headers each client does it in its own way.
    credentials: { accessKeyId, secretAccessKey, ...(presigned && { sessionToken }) },
    sha256: Sha256,
    applyChecksum: false,
  })
  const path = new URL(`${api.url}/test`).pathname
  const request = new HttpRequest({ method, path, headers: { host, ...signed }, body })
  const options = { unhoistableHeaders: new Set(Object.keys(signed)) }
  const made = presigned ? await signer.presign(request, options) : await signer.sign(request)
  const query = presigned
    ? `?${new URLSearchParams(Object.entries(made.query ?? {}).map(([k, v]) => [k, String(v)]))}`
    : ''
  const headers = { ...made.headers, host: sentHost, ...added }
  return send(api, method, path + query, Object.entries(headers), body)
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
const token: Headers = { 'x-amz-security-token': alice.sessionToken }
const reasonOf = ({ headers }: RawAnswer): string | null => headers.get('x-local-reason')
const apis = (): ServedApi[] => [http, rest]
const own = ({ port }: ServedApi): string => `127.0.0.1:${port}`

describe('clients that add headers after signing', () => {
  it('x-amz-security-token need not be signed: its value is that of the session', async () => {
    for (const api of apis()) {
      const host = own(api)
      expect((await call(api, host, { host, added: token })).status).toBe(200)
      const wrong = { 'x-amz-security-token': bob.sessionToken }
      expect(reasonOf(await call(api, host, { host, added: wrong }))).toBe(
        'UnrecognizedClient: the session token is not the one of this access key',
      )
    }
  })

  it('x-amz-content-sha256 need not be signed: its value is that of the body', async () => {
    for (const api of apis()) {
      const host = own(api)
      const post = { method: 'POST', body: '{"a":1}', host, signed: token }
      const added = { 'x-amz-content-sha256': hash('{"a":1}') }
      expect((await call(api, host, { ...post, added })).status).toBe(200)
      const wrong = { 'x-amz-content-sha256': hash('{"a":2}') }
      expect(reasonOf(await call(api, host, { ...post, added: wrong }))).toBe(
        'InvalidSignature: x-amz-content-sha256 is not the hash of the body',
      )
    }
  })

  it('the session token in a presigned query does not vouch for one in an unsigned header', async () => {
    const host = own(http)
    expect((await call(http, host, { host, presigned: true })).status).toBe(200)
    expect(reasonOf(await call(http, host, { host, presigned: true, added: token }))).toBe(
      'InvalidSignature: the header x-amz-security-token is not signed',
    )
  })

  it.each(['x-amz-date', 'x-amz-user-agent', 'x-amz-meta-a'])(
    'the value of %s is checked nowhere else, so it has to be signed',
    async (name) => {
      const host = own(http)
      const added = { ...token, [name]: '20260101T000000Z' }
      const answer = await call(http, host, { host, added })
      expect(answer.status).toBe(403)
    },
  )

  it.each(['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'])(
    'the payload hash %s is refused, signed or not, with a reason that names it',
    async (value) => {
      const host = own(http)
      const claimed = { 'x-amz-content-sha256': value }
      for (const habits of [
        { host, signed: { ...token, ...claimed } },
        { host, signed: token, added: claimed },
      ]) {
        expect(reasonOf(await call(http, host, habits))).toBe(
          `InvalidSignature: x-amz-content-sha256 is ${value}, which execute-api does not accept; it has to be the hash of the body`,
        )
      }
    },
  )
})

describe('clients that leave the port out of the host', () => {
  it('a Host without a port is accepted when it was signed as it was sent', async () => {
    for (const api of apis()) {
      for (const host of ['127.0.0.1', 'localhost']) {
        expect((await call(api, host, { host, signed: token })).status).toBe(200)
      }
    }
  })

  it('a Host that was signed without the port and sent with it is accepted', async () => {
    for (const api of apis()) {
      expect((await call(api, own(api), { host: '127.0.0.1', signed: token })).status).toBe(200)
      const host = '127.0.0.1'
      expect((await call(api, own(api), { host, presigned: true })).status).toBe(200)
    }
  })

  it('a Host that was signed with the port and sent without it is refused', async () => {
    const answer = await call(http, '127.0.0.1', { host: own(http), signed: token })
    expect(reasonOf(answer)).toBe(
      'InvalidSignature: the signature is not the one of this request and this key',
    )
  })

  it('a Host with another port of this machine is refused, also when only the signed one has it', async () => {
    const foreign = own(rest)
    expect(reasonOf(await call(http, foreign, { host: foreign, signed: token }))).toBe(
      'InvalidSignature: the request was signed for another port of this machine',
    )
    expect((await call(http, foreign, { host: '127.0.0.1', signed: token })).status).toBe(403)
    expect((await call(http, own(http), { host: foreign, signed: token })).status).toBe(403)
    expect((await call(http, own(http), { host: 'localhost', signed: token })).status).toBe(403)
  })
})

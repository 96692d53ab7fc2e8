import { cognitoCredentials } from '@iamfetch/cognito/native'
import { createRequestSigner, presignParts, sha256Hex, signParts } from '@iamfetch/sigv4/native'
import { createIamFetch, createTokenFetch, type FetchEvent } from 'iamfetch/native'
import { bareSuite } from '../runtimes/bare.ts'
import { check, same, type Check, type Vector } from '../runtimes/setup.ts'
import { missing, now } from './globals.ts'
import { API, IDENTITY_POOL_ID, ScriptedNetwork, type SignedRequest } from './network.ts'

/** What the VM receives, as JSON. */
export interface Run {
  readonly setup: { readonly vectors: readonly Vector[] }
  readonly idToken: string
  /** The token of the user who signs in next. */
  readonly nextIdToken: string
}

/** What the VM prints, as JSON. */
export interface Printed {
  readonly checks: readonly Check[]
  /** What Hermes lacks of the language and got from the suite. */
  readonly missing: readonly string[]
  readonly signed: readonly SignedRequest[]
  /** Milliseconds for one signature of a POST with 1 kB, in the fastest round. */
  readonly signMs: number
}

/** One app on one device: its network, its credentials and its signing `fetch`. */
interface App {
  readonly network: ScriptedNetwork
  readonly credentials: ReturnType<typeof cognitoCredentials>
  readonly iamFetch: typeof globalThis.fetch
  readonly events: FetchEvent[]
}

const HOUR_MS = 3_600_000
const JSON_TYPE = { 'content-type': 'application/json' }
const networks: ScriptedNetwork[] = []

function startApp(
  idToken: () => string,
  { aheadMs = 0, cognitoSaysTime = true, deadlineMs = 60_000 } = {},
): App {
  const network = new ScriptedNetwork({ cognitoSaysTime })
  networks.push(network)
  const { fetch } = network
  const clock = { now: () => now() + aheadMs }
  const events: FetchEvent[] = []
  const credentials = cognitoCredentials({
    identityPoolId: IDENTITY_POOL_ID,
    idToken: async () => idToken(),
    fetch,
    clock,
  })
  const onEvent = (event: FetchEvent): void => void events.push(event)
  const iamFetch = createIamFetch({ baseUrl: API, credentials, fetch, deadlineMs, onEvent })
  return { network, credentials, iamFetch, events }
}

async function pathSuite({ idToken, nextIdToken }: Run, done: Check[]): Promise<void> {
  const start = (options = {}): App => startApp(() => idToken, options)
  await check(done, 'exchange', 'gives one set of credentials to 20 callers', async () => {
    const { network, credentials } = start()
    const all = await Promise.all(Array.from({ length: 20 }, async () => credentials()))
    same([new Set(all).size, network.operations], [1, ['GetId', 'GetCredentialsForIdentity']])
  })
  await check(done, 'exchange', 'is repeated before the session expires', async () => {
    const { network, credentials, iamFetch } = start()
    const first = await credentials()
    await pause(HOUR_MS)
    same((await iamFetch('/notes')).status, 200)
    same([(await credentials()) === first, network.operations.length], [false, 3])
  })
  await check(done, 'exchange', 'is repeated for another user', async () => {
    let token = idToken
    const { network, credentials } = startApp(() => token)
    const first = await credentials()
    token = nextIdToken
    same([(await credentials()) === first, network.operations.length], [false, 4])
  })
  await check(done, 'exchange', 'rejects text that is not a token', async () => {
    same(await codeOf(startApp(() => 'no token').credentials()), 'ID_TOKEN_INVALID')
  })

  await check(done, 'signed call', 'GET with a query that needs escapes', async () => {
    const { network, iamFetch } = start()
    same((await iamFetch("/notes/ü (1)?b=a+b&a=%C3%A9&flag&c=!'()*&a=2")).status, 200)
    same(network.signed.length, 1)
  })
  for (const [kind, body, length] of BODIES) {
    await check(done, 'signed call', `POST of ${kind}`, async () => {
      const { iamFetch } = start()
      const response = await iamFetch('/notes', { method: 'POST', body: body() })
      const answer = await response.json()
      // A form has its boundary in addition to the text.
      const isRight = length === undefined ? answer.length > 100 : answer.length === length
      same([response.status, isRight], [200, true])
    })
  }
  await check(done, 'signed call', 'POST of a Request', async () => {
    const request = new Request(`${API}/notes`, { method: 'POST', body: TEXT })
    const response = await start().iamFetch(request)
    same([response.status, (await response.json()).length], [200, 12])
  })
  await check(done, 'signed call', 'is sent again after 503, and signed again', async () => {
    const { network, iamFetch } = start()
    network.failures.push({ status: 503, headers: { 'retry-after': '2' } }, { status: 503 })
    same((await iamFetch('/notes')).status, 200)
    const dates = network.received.map(({ headers }) => headers['x-amz-date'])
    same([dates.length, dates[0] === dates[1]], [3, false])
  })
  await check(done, 'signed call', 'POST is not sent again after 503', async () => {
    const { network, iamFetch } = start()
    network.failures.push({ status: 503 })
    const response = await iamFetch('/notes', { method: 'POST', body: '{}' })
    same([response.status, network.received.length], [503, 1])
  })
  await check(
    done,
    'signed call',
    'is replayed once with a new session after a refused token',
    async () => {
      const { network, iamFetch } = start()
      const message = 'The security token included in the request is expired'
      network.failures.push({ status: 403, body: { message } })
      same((await iamFetch('/notes', { method: 'POST', body: '{}' })).status, 200)
      same([network.received.length, network.operations.length], [2, 3])
    },
  )
  await check(done, 'signed call', 'of a device 2 h slow has Cognito’s time', async () => {
    const { network, iamFetch } = start({ aheadMs: -2 * HOUR_MS })
    same([(await iamFetch('/notes')).status, network.received.length], [200, 1])
  })
  for (const [name, aheadMs] of [
    ['slow', -10 * 60_000],
    ['fast', 10 * 60_000],
  ] as const) {
    await check(
      done,
      'signed call',
      `of a device 10 min ${name} has the gateway’s time`,
      async () => {
        const { network, iamFetch } = start({ aheadMs, cognitoSaysTime: false })
        same((await iamFetch('/notes', { method: 'POST', body: '{}' })).status, 200)
        same((await iamFetch('/notes')).status, 200)
        same(network.received.length, 3)
      },
    )
  }
  await check(done, 'signed call', 'to another origin does not leave', async () => {
    const { network, iamFetch } = start()
    same(await codeOf(iamFetch('https://example.com/')), 'ORIGIN_NOT_ALLOWED')
    same(network.operations, [])
  })
  await check(
    done,
    'signed call',
    'ends with its deadline, or with the reason of an abort',
    async () => {
      same(await codeOf(start({ deadlineMs: 10 }).iamFetch('/notes')), 'DEADLINE_EXCEEDED')
      const controller = new AbortController()
      const call = start().iamFetch('/notes', { signal: controller.signal })
      controller.abort()
      const error: unknown = await call.catch((reason: unknown) => reason)
      same(error instanceof Error && error.name, 'AbortError')
    },
  )
  await check(done, 'token call', 'with a user’s ID token', async () => {
    const network = new ScriptedNetwork()
    const { fetch } = network
    const call = createTokenFetch({ baseUrl: API, token: async () => idToken, fetch })
    same((await call('/claims')).status, 200)
    same(network.received[0]?.headers['authorization'], `Bearer ${idToken}`)
  })
}

const TEXT = 'grüße 😀'
/** Made for each call. The length of a form depends on its boundary, which has a random length. */
const BODIES: readonly (readonly [kind: string, body: () => BodyInit, length?: number])[] = [
  ['text', () => TEXT, 12],
  ['bytes', () => new Uint8Array([9, 0, 127, 255, 9]).subarray(1, -1), 3],
  ['a buffer', () => new Uint8Array([1, 2, 3, 255]).buffer, 4],
  ['a blob', () => new Blob([TEXT], { type: 'image/png' }), 12],
  ['parameters', () => new URLSearchParams({ a: 'b c', ü: '+' }), 16],
  ['a form', form],
]

function form(): FormData {
  const fields = new FormData()
  fields.append('name', TEXT)
  return fields
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => String((Object(error) as { code?: unknown }).code ?? error),
  )

/**
 * The fastest of 25 rounds, each of 20 signatures, because `Date` counts whole milliseconds. Not the median: while other programs
 * run, it is up to four times as long, and says more of them than of the engine.
 */
async function signMsOf1kB(): Promise<number> {
  const signer = createRequestSigner({
    credentials: {
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: 'x'.repeat(1_000),
    },
  })
  const body = JSON.stringify({ text: 'x'.repeat(1_013) })
  const headers = Object.entries(JSON_TYPE)
  const request = { url: `${API}/notes`, method: 'POST', headers, body }
  const rounds: number[] = []
  for (let round = 0; round < 25; round++) {
    const startedAt = Date.now()
    for (let i = 0; i < 20; i++) await signer.sign(request)
    rounds.push((Date.now() - startedAt) / 20)
  }
  return Math.min(...rounds)
}

async function main(run: Run): Promise<Printed> {
  const checks = await bareSuite(run.setup, { presignParts, sha256Hex, signParts })
  await pathSuite(run, checks)
  const signed = networks.flatMap((network) => network.signed)
  return { checks, missing, signed, signMs: await signMsOf1kB() }
}

const { RUN, print } = globalThis as unknown as { RUN: Run; print: (text: string) => void }
main(RUN).then(
  (printed) => print(JSON.stringify(printed)),
  (error: unknown) => print(`${String(error)} ${String(Object(error).stack)}`),
)

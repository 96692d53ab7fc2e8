// What `npm run test:native` runs: the app's own session and calls on React Native's own globals, as Metro bundles them.
// React Native's URL, Blob, FileReader, FormData, XMLHttpRequest, whatwg-fetch and AbortController: nothing else of it.
import 'react-native/Libraries/Core/setUpXHR'
import { explain, rememberRequests } from 'iamfetch/explain'
import {
  createIamFetch,
  createTokenFetch,
  followAppState,
  sha256Hex,
  withIdToken,
} from 'iamfetch/native'
import { makeCall } from '../src/calls.ts'
import type { AppConfig } from '../src/config.ts'
import { startSession, type Session } from '../src/session.ts'

/** What the other side tells. */
interface Setup {
  config: AppConfig & { restUrl: string }
  idTokens: { alice: string; bob: string }
}

interface Echo {
  method: string
  path: string
  query: string
  sha256: string
  type: string
  fields?: Record<string, string>
}

const TEXT = 'grüße 😀'
// UTF-8 by hand: there is no TextEncoder.
const BYTES = Uint8Array.from(unescape(encodeURIComponent(TEXT)), (one) => one.charCodeAt(0))
const HASH = sha256Hex(BYTES)

const checks: (readonly [name: string, run: (world: World) => Promise<void>])[] = [
  ['the globals are those of React Native alone', globals],
  ['alice may GET and POST; bob’s POST is refused, and the log says why', theScreen],
  ['POST of text', ({ post }) => expectBytes(post(TEXT), 'text/plain;charset=UTF-8')],
  [
    'POST of bytes',
    ({ post }) => expectBytes(post(Uint8Array.of(1, ...BYTES, 2).subarray(1, -1)), ''),
  ],
  ['POST of a buffer', ({ post }) => expectBytes(post(BYTES.buffer.slice(0)), '')],
  [
    'POST of a blob',
    ({ post }) => expectBytes(post(new Blob([TEXT], { type: 'image/x' })), 'image/x'),
  ],
  ['POST of parameters', ({ post }) => parameters(post)],
  ['POST of a form of texts', ({ post }) => formOfTexts(post)],
  [
    'POST of a form with { uri } is refused before anything leaves',
    ({ post }) => formWithUri(post),
  ],
  ['POST of a Request', aRequest],
  ['POST without a body', async ({ post }) => same((await post(undefined)).sha256, sha256Hex(''))],
  ['paths and queries arrive as they were signed', paths],
  ['no path climbs out, no other origin is called', origins],
  ['a redirect that the platform follows is refused', redirects],
  ['a deadline is a DEADLINE_EXCEEDED, an abort an AbortError', ends],
  ['cache: no-store adds nothing to what was signed', noStore],
  ['a body is hashed by the native hash that was handed in', nativeHash],
  ['a device whose clock is 2 h slow signs correctly', skewed],
  ['coming back to the foreground renews a stale session', foreground],
  ['a call with the ID token', token],
  ['a signed call that sends the ID token as well', companion],
  ['explain tells why bob may not POST, and leaves the answer to be read', explained],
  ['explain names the line that a proxy changed', mismatched],
  ['explain of a call without an answer', unanswered],
]

interface World extends Setup {
  alice: Session
  bob: Session
  post: (body: unknown) => Promise<Echo>
}

/** Runs everything. */
async function run(setup: Setup): Promise<{ name: string; error?: string }[]> {
  // Expo's Metro configuration adds streams to every bundle; React Native has none.
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (/Stream/.test(name)) Reflect.deleteProperty(globalThis, name)
  }
  const session = (idToken: string): Session =>
    startSession(setup.config, () => Promise.resolve(idToken), memory())
  const alice = session(setup.idTokens.alice)
  const bob = session(setup.idTokens.bob)
  const post = async (body: unknown): Promise<Echo> =>
    echo(await alice.fetch('/echo', { method: 'POST', body: body as BodyInit }))
  const done: { name: string; error?: string }[] = []
  for (const [name, check] of checks) {
    try {
      await check({ ...setup, alice, bob, post })
      done.push({ name })
    } catch (error) {
      const { code, remedy, stack, cause } = Object(error) as Record<string, unknown>
      done.push({
        name,
        error: [String(error), code, remedy, cause, stack].filter(Boolean).join(' | '),
      })
    }
  }
  return done
}
Object.assign(globalThis, { RUN: run })

async function globals(): Promise<void> {
  const missing = [
    'TextEncoder',
    'TextDecoder',
    'crypto',
    'ReadableStream',
    'TransformStream',
    'BroadcastChannel',
  ]
  same(
    missing.filter((name) => name in globalThis),
    [],
  )
  same('any' in AbortSignal, false)
  same(new URL('https://host.example/a/../b').pathname, '/a/../b')
  same('arrayBuffer' in Blob.prototype, false)
}

async function theScreen({ alice, bob }: World): Promise<void> {
  same((await makeCall(alice.fetch, 1, 'GET')).outcome, 'allowed')
  same((await makeCall(alice.fetch, 2, 'POST')).outcome, 'allowed')
  same((await makeCall(bob.fetch, 3, 'GET')).outcome, 'allowed')
  const refused = await makeCall(bob.fetch, 4, 'POST')
  same([refused.outcome, refused.status], ['refused', 403])
  if (!/does not allow|not allowed|does not say why/.test(refused.text ?? ''))
    throw new Error(refused.text)
  const { state, groups, sub } = alice.credentials.status()
  same([state, groups, typeof sub], ['ready', ['FullAccess'], 'string'])
}

async function parameters(post: World['post']): Promise<void> {
  const given = new URLSearchParams({ a: 'b c' })
  const { sha256, type } = await post(given)
  same(
    [sha256, type],
    [sha256Hex(given.toString()), 'application/x-www-form-urlencoded;charset=UTF-8'],
  )
}

async function formOfTexts(post: World['post']): Promise<void> {
  const form = new FormData()
  form.append('name', TEXT)
  form.append('two "words"', 'x')
  const { fields } = await post(form)
  same(fields, { name: TEXT, 'two "words"': 'x' })
}

async function formWithUri(post: World['post']): Promise<void> {
  const form = new FormData()
  form.append('photo', { uri: 'file:///photo.jpg', name: 'photo.jpg', type: 'image/jpeg' } as never)
  const error = await failure(post(form))
  same(error.code, 'BODY_UNREADABLE')
  if (!/new File\(uri\)/.test(error.remedy)) throw new Error(error.remedy)
}

async function aRequest({ alice, config }: World): Promise<void> {
  const request = new Request(`${config.apiUrl}/echo`, { method: 'POST', body: TEXT })
  await expectBytes(echo(await alice.fetch(request)), 'text/plain;charset=UTF-8')
}

async function paths({ alice }: World): Promise<void> {
  const first = await echo(await alice.fetch("/things/a@b/(c)'d é?b=2&a=x+y&é=1&flag"))
  same([first.path, first.query], ["/things/a@b/(c)'d é", '%C3%A9=1&a=x%20y&b=2&flag='])
  same((await echo(await alice.fetch('/things/./x/../y%2Fz'))).path, '/things/y/z')
}

async function origins({ alice, config }: World): Promise<void> {
  const inStage = createIamFetch({
    baseUrl: `${config.apiUrl}/things`,
    region: config.region,
    credentials: alice.credentials,
  })
  for (const url of [
    '/../echo',
    '/%2e%2e/echo',
    'https://evil.example/x',
    '\\\\evil.example',
    '//evil.example',
  ]) {
    same((await failure(inStage(url))).code, 'ORIGIN_NOT_ALLOWED')
  }
}

async function redirects({ alice }: World): Promise<void> {
  same((await failure(alice.fetch('/moved'))).code, 'REDIRECT_REFUSED')
}

async function ends({ alice, config }: World): Promise<void> {
  const { region, apiUrl: baseUrl } = config
  const { credentials } = alice
  const hasty = createIamFetch({ baseUrl, region, credentials, deadlineMs: 100 })
  same((await failure(hasty('/slow'))).code, 'DEADLINE_EXCEEDED')
  const patient = createIamFetch({ baseUrl, region, credentials })
  for (const call of [hasty, patient]) {
    const controller = new AbortController()
    const under = call('/slow', { signal: controller.signal })
    setTimeout(() => controller.abort(), 20)
    same((await failure(under)).name, 'AbortError')
    same((await failure(call('/test', { signal: controller.signal }))).name, 'AbortError')
  }
}

async function noStore({ alice }: World): Promise<void> {
  same((await echo(await alice.fetch('/things/x', { cache: 'no-store' }))).query, '')
}

async function nativeHash({ alice, config }: World): Promise<void> {
  const seen: number[] = []
  const call = createIamFetch({
    baseUrl: config.apiUrl,
    region: config.region,
    credentials: alice.credentials,
    sha256: async (data) => {
      seen.push(data.length)
      return Uint8Array.from(sha256Hex(data).match(/../g)!, (two) => parseInt(two, 16))
    },
  })
  await expectBytes(echo(await call('/echo', { method: 'POST', body: BYTES })), '')
  same(seen, [BYTES.length])
}

async function skewed({ config, idTokens }: World): Promise<void> {
  const clock = { now: () => Date.now() - 7_200_000 }
  const { fetch } = startSession(config, () => Promise.resolve(idTokens.alice), memory(), clock)
  same((await fetch('/test')).status, 200)
}

async function foreground({ config, idTokens }: World): Promise<void> {
  let offset = 0
  const clock = { now: () => Date.now() + offset }
  const { credentials } = startSession(
    config,
    () => Promise.resolve(idTokens.alice),
    memory(),
    clock,
  )
  let tell: (state: string) => void = () => {}
  const appState = {
    addEventListener(_: 'change', listener: (state: string) => void) {
      tell = listener
      return { remove: () => (tell = () => {}) }
    },
  }
  const end = followAppState(credentials, appState, clock.now)
  const before = await credentials()
  tell('background')
  offset = 50 * 60_000
  tell('active')
  for (let turns = 0; credentials.status().state !== 'ready' || turns < 5; turns++) {
    if (turns > 200) throw new Error(credentials.status().state)
    await new Promise((wake) => setTimeout(wake, 10))
  }
  same((await credentials()).accessKeyId === before.accessKeyId, false)
  end()
}

async function token({ config, idTokens }: World): Promise<void> {
  const call = createTokenFetch({ baseUrl: config.apiUrl, token: async () => idTokens.alice })
  same((await (await call('/claims')).json()).email, 'alice@example.com')
}

async function companion({ alice, config, idTokens }: World): Promise<void> {
  const seen: number[] = []
  let authorization = ''
  const call = createIamFetch({
    baseUrl: config.apiUrl,
    region: config.region,
    credentials: alice.credentials,
    fetch(input, init) {
      authorization = new Headers(init?.headers).get('authorization') ?? ''
      return fetch(input, init)
    },
    beforeSign: withIdToken(() => Promise.resolve(idTokens.alice)),
    sha256: async (data) => {
      seen.push(data.length)
      return Uint8Array.from(sha256Hex(data).match(/../g)!, (two) => parseInt(two, 16))
    },
  })
  same(await (await call("/companion?b=(2)&a=x y'")).json(), { email: 'alice@example.com' })
  same(/SignedHeaders=[^,]*;x-amz-iamfetch-identity/.test(authorization), true)
  await expectBytes(echo(await call('/echo', { method: 'POST', body: BYTES })), '')
  same(seen, [BYTES.length])
}

async function explained({ bob, config }: World): Promise<void> {
  const call = createIamFetch({
    baseUrl: config.apiUrl,
    region: config.region,
    credentials: bob.credentials,
    fetch: rememberRequests(),
  })
  for (const body of [null, TEXT, BYTES, new Blob([TEXT])]) {
    const answer = await call('/test?a=1', { method: 'POST', body })
    const { hidden, responsible, remedy, ruledOut, api } = await explain(answer, {
      role: 'ReadOnlyAccessRole',
      credentials: await bob.credentials(),
      clock: bob.credentials.clock,
    })
    same([answer.status, hidden, responsible, api], [403, 'ACCESS_DENIED', 'policy', 'http'])
    if (!remedy.some((one) => /POST\/test/.test(one))) throw new Error(remedy.join())
    for (const fine of [
      'signed when it was sent',
      'token was sent along',
      'time fits',
      'within the limits',
    ]) {
      if (!ruledOut.some((one) => one.includes(fine)))
        throw new Error(`${fine}: ${ruledOut.join()}`)
    }
    same(await answer.json(), { message: 'Forbidden' })
  }
}

async function mismatched({ alice, config }: World): Promise<void> {
  const sent = { method: 'POST', body: TEXT }
  const by = (proxy: (request: Request) => Request) =>
    createIamFetch({
      baseUrl: config.restUrl,
      region: config.region,
      credentials: alice.credentials,
      fetch: rememberRequests((request) => fetch(proxy(request))),
    })
  same((await by((request) => request)('/echo?b=2&a=1', sent)).status, 200)
  const changes: [string, (request: Request) => Request][] = [
    ['body', (request) => new Request(request, { method: 'POST', body: 'other' })],
    [
      'query',
      ({ url, headers }) => new Request(`${url}&c=3`, { method: 'POST', headers, body: TEXT }),
    ],
  ]
  for (const [line, proxy] of changes) {
    const answer = await by(proxy)("/echo?b=(2)&a=x y'", sent)
    const { code, differences } = await explain(answer)
    same([code, differences?.map((one) => one.line)], ['SIGNATURE_MISMATCH', [line]])
  }
}

async function unanswered({ alice, config }: World): Promise<void> {
  const call = createIamFetch({
    baseUrl: config.apiUrl,
    region: config.region,
    credentials: alice.credentials,
    fetch: rememberRequests(() => Promise.reject(new TypeError('Network request failed'))),
    retry: { attempts: 1 },
  })
  const error = await failure(call('/test', { method: 'POST', body: TEXT }))
  const { code, ruledOut } = await explain(error, { clock: alice.credentials.clock })
  same([code, ruledOut.length > 2], ['NETWORK_OR_CORS', true])
}

/** As expo-secure-store: refuses the names that that refuses. */
function memory() {
  const held = new Map<string, string>()
  const named = (key: string): string => {
    if (!/^[\w.-]+$/.test(key)) throw new Error(`Invalid key: ${key}`)
    return key
  }
  return {
    getItemAsync: async (key: string) => held.get(named(key)) ?? null,
    setItemAsync: async (key: string, value: string) => void held.set(named(key), value),
    deleteItemAsync: async (key: string) => void held.delete(named(key)),
  }
}

async function echo(response: Response): Promise<Echo> {
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status} ${text}`)
  return JSON.parse(text) as Echo
}

async function expectBytes(answer: Promise<Echo>, type: string): Promise<void> {
  const seen = await answer
  same([seen.sha256, seen.type], [HASH, type])
}

const failure = (promise: Promise<unknown>): Promise<Error & { code: string; remedy: string }> =>
  promise.then(
    () => Promise.reject(new Error('did not fail')),
    (error: unknown) => error as Error & { code: string; remedy: string },
  )

function same(actual: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (one !== other) throw new Error(`${one} instead of ${other}`)
}

import { cognitoCredentials } from '@iamfetch/cognito'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import { sha256Hex } from '@iamfetch/sigv4'
import { createIamFetch, createTokenFetch } from 'iamfetch'
import { bareSuite } from './bare.ts'
import { check, same, type Check, type Setup } from './setup.ts'

/** The whole of it, on a runtime with `fetch`: vectors, the exchange, signed calls, calls with tokens. */
export async function suite(setup: Setup): Promise<Check[]> {
  const done = await bareSuite(setup)
  await check(done, 'hash', 'is that of the platform at 200 lengths', async () => {
    for (let length = 0; length < 200; length++) {
      const bytes = crypto.getRandomValues(new Uint8Array(length))
      same(sha256Hex(bytes), hex(await crypto.subtle.digest('SHA-256', bytes)))
    }
  })

  const credentialsOf = (name: 'alice' | 'bob') =>
    cognitoCredentials({
      identityPoolId: setup.identityPoolId,
      endpoint: setup.cognitoIdentity,
      idToken: () => Promise.resolve(setup.idTokens[name]),
    })
  const alice = credentialsOf('alice')
  await check(done, 'exchange', 'gives one set of credentials to 20 callers', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => alice()))
    same(new Set(all).size, 1)
    same(all[0]!.accessKeyId.startsWith('ASIA') && all[0]!.sessionToken!.length > 100, true)
  })
  await check(done, 'exchange', 'refuses a text that is not a token', async () => {
    const { identityPoolId, cognitoIdentity: endpoint } = setup
    const idToken = () => Promise.resolve('no token')
    const refused = cognitoCredentials({ identityPoolId, endpoint, idToken })()
    same(await codeOf(refused), 'ID_TOKEN_INVALID')
  })

  const { api: baseUrl, region } = setup
  const asAlice = createIamFetch({ baseUrl, region, credentials: alice })
  const asBob = createIamFetch({ baseUrl, region, credentials: credentialsOf('bob') })
  await check(done, 'signed call', 'GET with a query that needs escapes', async () => {
    const response = await asAlice("/test?b=a+b&a=%C3%A9&flag&c=!'()*&a=2")
    same([response.status, (await response.json()).method], [200, 'GET'])
  })
  for (const [kind, body, length] of bodies()) {
    await check(done, 'signed call', `POST of ${kind}`, async () => {
      const response = await asAlice('/test', { method: 'POST', body: body() })
      same(response.status, 200)
      const { bytes } = await response.json()
      if (length === undefined ? !(bytes > 0) : bytes !== length) throw new Error(`${bytes} bytes`)
    })
  }
  await check(done, 'signed call', 'POST of a Request', async () => {
    const { api } = setup
    const request = new Request(`${api}/test?a`, { method: 'POST', body: TEXT })
    const response = await asAlice(request)
    same([response.status, (await response.json()).bytes], [200, 12])
  })
  await check(done, 'signed call', 'POST without a body', async () => {
    same((await asAlice('/test', { method: 'POST' })).status, 200)
  })
  await check(done, 'signed call', 'POST of a form with a file', async () => {
    const call = asAlice('/test', { method: 'POST', body: formWithFile() })
    const readable = await new Response(formWithFile()).arrayBuffer().then(Boolean, () => false)
    if (readable) return same((await call).status, 200)
    same(await codeOf(call), 'BODY_UNREADABLE')
    return 'the platform cannot read a form with a file: BODY_UNREADABLE'
  })
  await check(done, 'signed call', 'of bob: GET passes, POST is refused', async () => {
    same((await asBob('/test')).status, 200)
    same((await asBob('/test', { method: 'POST', body: '{}' })).status, 403)
  })
  await check(done, 'signed call', 'to another origin does not leave', async () => {
    same(await codeOf(asAlice('https://example.com/')), 'ORIGIN_NOT_ALLOWED')
  })
  await check(done, 'signed call', 'that is aborted rejects with the reason', async () => {
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    const call = asAlice('/test', { signal: controller.signal })
    same(String(await call.catch((error: unknown) => error)), 'Error: enough')
  })

  await check(done, 'token call', 'with a user’s ID token', async () => {
    const call = createTokenFetch({ baseUrl, token: async () => setup.idTokens.alice })
    const response = await call('/claims')
    same([response.status, (await response.json()).email], [200, 'alice@example.com'])
  })
  await check(done, 'token call', 'with a machine token, minted once for 20 callers', async () => {
    const { clientId, clientSecret } = setup.appClient
    const token = machineToken({
      source: oauthTokenEndpoint({ url: `${setup.origin}/oauth2/token`, clientId }),
      clientSecret,
      scopes: ['premium/read'],
    })
    const premium = createTokenFetch({ baseUrl, token })
    const answers = await Promise.all(Array.from({ length: 20 }, () => premium('/premium')))
    same([...new Set(answers.map(({ status }) => status))], [200])
    same(new Set(await Promise.all(answers.map((answer) => answer.text()))).size, 1)
  })
  return done
}

const TEXT = 'grüße 😀'

function bodies(): [kind: string, body: () => BodyInit, length?: number][] {
  const bytes = new TextEncoder().encode(TEXT)
  return [
    ['text', () => TEXT, bytes.length],
    ['bytes', () => new Uint8Array([1, ...bytes, 2]).subarray(1, -1), bytes.length],
    ['a buffer of 1 MB', () => new ArrayBuffer(1_000_000), 1_000_000],
    ['parameters', () => new URLSearchParams({ a: 'b c', ü: '+' })],
    ['a blob', () => new Blob([bytes], { type: 'image/png' }), bytes.length],
    ['a stream', () => new Response(bytes).body!, bytes.length],
    ['a form', form],
  ]
}

function form(): FormData {
  const fields = new FormData()
  fields.append('name', TEXT)
  return fields
}

function formWithFile(): FormData {
  const fields = form()
  fields.append('file', new File([TEXT], 'ü.txt'))
  return fields
}

const hex = (buffer: ArrayBuffer): string =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('')

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => String((Object(error) as { code?: unknown }).code ?? error),
  )

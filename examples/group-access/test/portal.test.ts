import { createFaults, type Faults, type LocalStack } from '@iamfetch/local'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import { cognitoCredentials, createIamFetch, createTokenFetch } from 'iamfetch'
import { withIdToken } from 'iamfetch/id-token'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import { startWithPortal } from '../portal/start.ts'

type Name = 'alice' | 'bob'

let faults: Faults
let stack: LocalStack
const idTokens = {} as Record<Name, string>
const names = ['alice', 'bob'] as const

beforeAll(async () => {
  faults = createFaults()
  stack = await startWithPortal({ faults })
  for (const name of names) idTokens[name] = (await signIn(stack, name)).idToken
})
afterAll(() => stack.stop())

const urlOf = (api: 'test' | 'portal'): string => stack.config.apis[api]!.url
const idTokenOf = (name: Name) => async (): Promise<string> => idTokens[name]

/** As the page calls: signed, with the ID token in addition to the signature. */
function asSigner(name: Name, api: 'test' | 'portal' = 'portal'): typeof fetch {
  const { region, identityPoolId, endpoints } = stack.config
  const idToken = idTokenOf(name)
  const endpoint = endpoints.cognitoIdentity
  const credentials = cognitoCredentials({ identityPoolId, endpoint, idToken })
  return createIamFetch({
    baseUrl: urlOf(api),
    region,
    credentials,
    beforeSign: withIdToken(idToken),
  })
}
const asTokenHolder = (name: Name): typeof fetch =>
  createTokenFetch({ baseUrl: urlOf('portal'), token: idTokenOf(name) })

interface Made {
  key: { id: string; clientId: string; status: string; lastUsedAt?: string }
  secret: string
}
const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
async function makeKey(name: Name, scopes: readonly string[]): Promise<Made> {
  const answer = await asSigner(name)('/keys', post({ label: 'a script', scopes }))
  expect(answer.status).toBe(201)
  return (await answer.json()) as Made
}
function tokenOf({ key, secret }: Made): () => Promise<string> {
  const url = `${stack.config.endpoints.oauth}/oauth2/token`
  const source = oauthTokenEndpoint({ url, clientId: key.clientId })
  return machineToken({ source, clientSecret: secret })
}
/** As a machine that was given a key calls. */
const asKey = (made: Made): typeof fetch =>
  createTokenFetch({ baseUrl: urlOf('portal'), token: tokenOf(made) })
const seen = async (answer: Promise<Response>) => {
  const response = await answer
  return [response.status, (await response.json()) as { of?: string; as?: string }] as const
}

test('one handler gives a user the same notes by a signature, by an ID token and by a key', async () => {
  for (const name of names) {
    const key = asKey(await makeKey(name, ['notes/read']))
    const [status, signed] = await seen(asSigner(name)('/my/notes'))
    expect([status, signed]).toMatchObject([200, { of: name, as: 'user' }])
    expect(JSON.stringify(signed)).toContain(`A first note of ${name}.`)
    expect(await seen(asTokenHolder(name)('/notes'))).toEqual([200, signed])
    expect(await seen(key('/notes'))).toEqual([200, { ...signed, as: 'machine-for-user' }])
  }
})

test('what a key writes is its owner’s, and not another user’s', async () => {
  const made = await makeKey('alice', ['notes/read', 'notes/write'])
  const text = 'by the script of alice'
  expect((await asKey(made)('/notes', post({ text }))).status).toBe(201)
  const [, alices] = await seen(asSigner('alice')('/my/notes'))
  expect(alices).toMatchObject({ notes: [{ text, by: made.key.clientId }, {}] })
  const [, bobs] = await seen(asSigner('bob')('/my/notes'))
  expect(JSON.stringify(bobs)).not.toContain(text)
})

test('a key may do only what it was given and what its user may do', async () => {
  const reading = asKey(await makeKey('alice', ['notes/read']))
  expect((await reading('/notes', post({ text: 'x' }))).status).toBe(403)
  const wanted = post({ label: 'too much', scopes: ['notes/read', 'notes/write'] })
  expect(await seen(asSigner('bob')('/keys', wanted))).toMatchObject([
    403,
    { error: 'SCOPES_NOT_HELD' },
  ])
  expect(await seen(asSigner('bob')('/me'))).toEqual([
    200,
    { username: 'bob', scopes: ['notes/read'] },
  ])
  // IAM stops the signed call, the handler the one with a token.
  const note = post({ text: 'x' })
  expect((await asSigner('bob')('/my/notes', note)).status).toBe(403)
  expect((await asTokenHolder('bob')('/notes', note)).status).toBe(403)
})

test('no user sees, rotates or revokes the key of another user', async () => {
  const { key } = await makeKey('alice', ['notes/read'])
  const bob = asSigner('bob')
  const list = (await (await bob('/keys')).json()) as { keys: { id: string }[] }
  expect(list.keys.map(({ id }) => id)).not.toContain(key.id)
  const tries = [
    bob(`/keys/${key.id}/events`),
    bob(`/keys/${key.id}/rotate`, post({ graceSeconds: 0 })),
    bob(`/keys/${key.id}`, { method: 'DELETE', body: '{}' }),
  ]
  for (const one of tries) expect(await seen(one)).toMatchObject([404, { error: 'KEY_NOT_FOUND' }])
})

test('a key cannot create keys, and a call without a key or a user is refused', async () => {
  const key = asKey(await makeKey('alice', ['notes/read']))
  expect((await key('/keys')).status).toBe(403)
  expect((await key('/my/notes')).status).toBe(403)
  expect((await fetch(`${urlOf('portal')}/notes`)).status).toBe(401)
  expect((await fetch(`${urlOf('portal')}/keys`)).status).toBe(403)
})

test('a revoked key is refused within 5 seconds, whatever its token has left', async () => {
  const made = await makeKey('bob', ['notes/read'])
  const headers = { authorization: `Bearer ${await tokenOf(made)()}` }
  const call = () => fetch(`${urlOf('portal')}/notes`, { headers })
  expect((await call()).status).toBe(200)
  const answer = await asSigner('bob')(`/keys/${made.key.id}`, { method: 'DELETE', body: '{}' })
  expect(await seen(Promise.resolve(answer))).toMatchObject([200, { key: { status: 'revoked' } }])
  faults.shiftClock(4_999)
  expect((await call()).status).toBe(401)
  faults.shiftClock(-4_999)
})

test('the page’s first API goes on as it was', async () => {
  expect((await asSigner('alice', 'test')('/test', post({}))).status).toBe(200)
  expect((await asSigner('bob', 'test')('/test', post({}))).status).toBe(403)
  expect((await asSigner('bob', 'test')('/test')).status).toBe(200)
})

import { generateKeyPair, SignJWT, decodeJwt, decodeProtectedHeader } from 'jose'
import { identityHeader } from '@iamfetch/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startWhoCalled, type UserTokens, type WhoCalled } from '../start.ts'

const HOUR_MS = 3_600_000
const forms = ['http', 'rest'] as const
const ways = [
  ['/me', 'gateway'],
  ['/me/verified', 'verified'],
] as const
const cases = forms.flatMap((form) => ways.map(([path, proof]) => ({ form, path, proof })))

let who: WhoCalled
let alice: UserTokens
let bob: UserTokens
/** What the gateway let through to the backend. */
let invoked: { name: string; event: unknown }[] = []
/** Whom the backend let in. */
let letIn: string[] = []

beforeAll(async () => {
  who = await startWhoCalled({
    onInvoke: (name, event) => void invoked.push({ name, event }),
    onCaller: ({ subject }) => void letIn.push(subject),
  })
  ;[alice, bob] = await Promise.all([who.signIn('alice'), who.signIn('bob')])
})
beforeEach(() => {
  invoked = []
  letIn = []
})
afterAll(() => who.stop())

const answerFor = (username: 'alice' | 'bob', proof: string): object => ({
  sub: who.stack.users[username].sub,
  username,
  email: `${username}@example.com`,
  groups: username === 'alice' ? ['Members', 'Editors'] : ['Members'],
  proof,
})

/** A token with other claims, and the signature that it had. */
function altered(token: string, claims: object): string {
  const [header, , signature] = token.split('.')
  const payload = Buffer.from(JSON.stringify({ ...decodeJwt(token), ...claims }))
  return [header, payload.toString('base64url'), signature].join('.')
}

/** The same claims and the same key ID, signed with a key of one's own. */
async function signedByMyself(token: string): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256')
  const { kid = '' } = decodeProtectedHeader(token)
  return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey)
}

function unsigned(token: string): string {
  const header = Buffer.from('{"alg":"none"}').toString('base64url')
  return `${header}.${token.split('.')[1]}.`
}

describe.each(cases)('$form API, GET $path', ({ form, path, proof }) => {
  // Alice is in two groups. A REST API's text does not tell them from one, so that her token is verified.
  const proofOfAlice = form === 'rest' ? 'verified' : proof
  test('returns to each user their own sub, email and username', async () => {
    const [asAlice, asBob] = [who.asUser(form, alice.idToken), who.asUser(form, bob.idToken)]
    const answers = await Promise.all([asAlice(path), asBob(path), asAlice(path)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
      answerFor('alice', proofOfAlice),
      answerFor('bob', proof),
      answerFor('alice', proofOfAlice),
    ])
    expect(invoked).toHaveLength(3)
  })

  test('passes the Authorization header on to the backend as it came', async () => {
    await who.asUser(form, alice.idToken)(path)
    const { headers } = invoked[0]!.event as { headers: Record<string, string> }
    const [name = ''] = Object.keys(headers).filter((key) => /^authorization$/i.test(key))
    expect(headers[name]).toBe(`Bearer ${alice.idToken}`)
  })

  test('refuses a call without a token with 401 before the backend', async () => {
    const response = await fetch(`${who.stack.config.apis[form].url}${path}`)
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }])
    expect(invoked).toEqual([])
  })

  test('refuses an expired token with 401 before the backend', async () => {
    const { idToken } = await who.signIn('alice')
    const call = who.asUser(form, idToken)
    try {
      who.stack.faults.shiftClock(HOUR_MS - 60_000)
      expect((await call(path)).status).toBe(200)
      who.stack.faults.shiftClock(60_000)
      expect((await call(path)).status).toBe(401)
    } finally {
      who.stack.faults.shiftClock(-HOUR_MS)
    }
    expect(invoked).toHaveLength(1)
  })

  test('refuses the token of another pool with 401 before the backend', async () => {
    const other = await startWhoCalled()
    try {
      const { idToken } = await other.signIn('alice')
      expect((await who.asUser(form, idToken)(path)).status).toBe(401)
      expect(invoked).toEqual([])
    } finally {
      await other.stop()
    }
  })

  test.each<[string, () => string | Promise<string>]>([
    ['garbage', () => 'not.a.token'],
    ['a word', () => 'alice'],
    ['a token that was altered to name bob', () => altered(alice.idToken, { sub: bobsSub() })],
    ['a token that was altered to last longer', () => altered(alice.idToken, { exp: 4e9 })],
    ['an unsigned token of the right form', () => unsigned(bob.idToken)],
    ['a token that the caller signed', () => signedByMyself(bob.idToken)],
  ])('refuses %s with 401 before the backend', async (_, token) => {
    const response = await who.asUser(form, await token())(path)
    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain('alice@')
    expect(invoked).toEqual([])
  })

  test('refuses two tokens at once with 401 before the backend', async () => {
    const headers = [alice, bob].map(({ idToken }): [string, string] => [
      'authorization',
      `Bearer ${idToken}`,
    ])
    const response = await fetch(`${who.stack.config.apis[form].url}${path}`, { headers })
    expect(response.status).toBe(401)
    expect(invoked).toEqual([])
  })

  test('turns no caller into another user because of other values in the request', async () => {
    const claimed = { sub: bobsSub(), 'cognito:username': 'bob', email: 'bob@example.com' }
    const response = await who.asUser(form, alice.idToken)(
      `${path}?sub=${bobsSub()}&username=bob&claims=${encodeURIComponent(JSON.stringify(claimed))}`,
      {
        headers: {
          [identityHeader]: bob.idToken,
          'x-amzn-oidc-data': bob.idToken,
          'x-amzn-oidc-identity': bobsSub(),
          'x-amzn-requestcontext': JSON.stringify({ authorizer: { claims: claimed } }),
          'x-forwarded-user': 'bob',
          'x-user-id': bobsSub(),
          sub: bobsSub(),
        },
      },
    )
    expect(await response.json()).toEqual(answerFor('alice', proofOfAlice))
    expect(letIn).toEqual([who.stack.users['alice'].sub])
  })
})

describe('an access token in place of the ID token', () => {
  test.each(ways)('is stopped by the authorizer of a REST API: 401, GET %s', async (path) => {
    expect((await who.asUser('rest', alice.accessToken)(path)).status).toBe(401)
    expect(invoked).toEqual([])
  })

  test.each(ways)(
    'is let through by that of an HTTP API, and refused here: GET %s',
    async (path) => {
      const response = await who.asUser('http', alice.accessToken)(path)
      expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }])
      expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
      expect(letIn).toEqual([])
    },
  )

  test.each(forms)(
    'an access token in place of the ID token of a machine makes no user either, %s API',
    async (form) => {
      for (const [path] of ways) {
        const response = await who.asTenant(form, 'acme')(path)
        expect(response.status).toBe(401)
      }
      expect(letIn).toEqual([])
    },
  )
})

const bobsSub = (): string => who.stack.users['bob'].sub

import { createHash, randomBytes } from 'node:crypto'
import { fixedClock } from '@iamfetch/testing'
import { createIamFetch } from 'iamfetch'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkDefinition, createFaults, startLocalStack, type LocalStack } from '../src/index.ts'

const CALLBACK = 'http://localhost:5173/callback?from=pool'
const LOGGED_OUT = 'http://localhost:5173/bye'
const clock = fixedClock(Date.UTC(2026, 0, 1))
let stack: LocalStack
let cookies: Map<string, string>
beforeEach(async () => {
  cookies = new Map()
  stack = await startLocalStack(
    {
      users: { alice: { email: 'alice@example.com' }, bob: {} },
      resourceServers: { premium: ['read'] },
      hostedUi: {
        callbackUrls: [CALLBACK, 'myapp://signed-in'],
        logoutUrls: [LOGGED_OUT],
        scopes: ['openid', 'email', 'premium/read'],
      },
    },
    { faults: createFaults({ clock }) },
  )
})
afterEach(() => stack.stop())

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

const request = (changes: Record<string, string | undefined> = {}): string => {
  const parameters = {
    response_type: 'code',
    client_id: stack.config.userPoolClientId,
    redirect_uri: CALLBACK,
    scope: 'openid email',
    state: 'a&b',
    nonce: 'n-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, value)
  }
  return `/oauth2/authorize?${query}`
}

/** One request of a browser that keeps its cookies. */
async function open(path: string, form?: Record<string, string>): Promise<Response> {
  const response = await fetch(new URL(path, stack.config.endpoints.oauth), {
    redirect: 'manual',
    headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
  for (const set of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
    cookies.set(name, value)
  }
  return response
}

/** The fields of the sign-in page in addition to name and password. */
const hiddenIn = async (page: Response): Promise<{ _csrf: string }> => ({
  _csrf: /name="_csrf" value="(\w+)"/.exec(await page.text())?.[1] ?? '',
})

const target = (response: Response): URL =>
  new URL(response.headers.get('location') ?? '', stack.config.endpoints.oauth)

/** Goes the way of a person, up to the callback. */
async function signIn(
  name = 'alice',
  changes: Record<string, string | undefined> = {},
): Promise<URL> {
  const { username, password } = stack.users[name]!
  const page = target(await open(request(changes)))
  expect(page.pathname).toBe('/login')
  const hidden = await hiddenIn(await open(page.href))
  return target(await open(page.href, { username, password, ...hidden }))
}

const redeem = async (code: string | null, changes: Record<string, string> = {}) => {
  const response = await open('/oauth2/token', {
    grant_type: 'authorization_code',
    client_id: stack.config.userPoolClientId,
    code: code ?? '',
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    ...changes,
  })
  return { status: response.status, ...(await response.json()) }
}

/** Calls an operation of administrators for a user. */
async function administer(operation: string, Username: string): Promise<void> {
  const { endpoints, region, userPoolId } = stack.config
  const administrator = createIamFetch({
    baseUrl: endpoints.cognitoIdp,
    region,
    service: 'cognito-idp',
    credentials: stack.admin,
    clock,
  })
  await administrator('/', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify({ UserPoolId: userPoolId, Username }),
  })
}

describe('the way of a code', () => {
  it('leads over the sign-in page to the callback, and to tokens that verify', async () => {
    const callback = await signIn()
    expect(callback.href.startsWith(`${CALLBACK}&code=`)).toBe(true)
    expect(callback.searchParams.get('state')).toBe('a&b')
    const tokens = await redeem(callback.searchParams.get('code'))
    expect(Object.keys(tokens).toSorted()).toEqual([
      'access_token',
      'expires_in',
      'id_token',
      'refresh_token',
      'status',
      'token_type',
    ])
    const { endpoints, userPoolId, userPoolClientId } = stack.config
    const keys = createRemoteJWKSet(
      new URL(`${endpoints.cognitoIdp}/${userPoolId}/.well-known/jwks.json`),
    )
    const { payload } = await jwtVerify(tokens.id_token, keys, {
      audience: userPoolClientId,
      issuer: `https://cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`,
      currentDate: new Date(clock.now()),
    })
    expect(payload).toMatchObject({
      sub: stack.users['alice']!.sub,
      nonce: 'n-1',
      token_use: 'id',
      email: 'alice@example.com',
      at_hash: createHash('sha256')
        .update(tokens.access_token)
        .digest()
        .subarray(0, 16)
        .toString('base64url'),
    })
    expect(decodeJwt(tokens.access_token)).toMatchObject({ scope: 'openid email', version: 2 })
  })

  it.each(['AdminDisableUser', 'AdminDeleteUser'])(
    'ends for a user after %s: no tokens for a code, and the sign-in page instead of another one',
    async (operation) => {
      const code = (await signIn()).searchParams.get('code')
      await administer(operation, 'alice')
      expect(await redeem(code)).toEqual({ status: 400, error: 'invalid_grant' })
      expect(target(await open(request())).pathname).toBe('/login')
      const silent = target(await open(request({ prompt: 'none' })))
      expect(silent.searchParams.get('error')).toBe('login_required')
    },
  )

  it('does not go on for another user who was given the same name', async () => {
    const code = (await signIn()).searchParams.get('code')
    await administer('AdminDeleteUser', 'alice')
    await administer('AdminCreateUser', 'alice')
    expect(await redeem(code)).toEqual({ status: 400, error: 'invalid_grant' })
    expect(target(await open(request())).pathname).toBe('/login')
  })

  it('uses defaults: every scope, and no ID token without openid', async () => {
    const all = await redeem((await signIn('alice', { scope: undefined })).searchParams.get('code'))
    expect(decodeJwt(all.access_token)['scope']).toBe('openid email premium/read')
    const callback = await signInAgain({ scope: 'premium/read' })
    const some = await redeem(callback.searchParams.get('code'))
    expect(some.id_token).toBeUndefined()
    expect(decodeJwt(some.access_token)['scope']).toBe('premium/read')
  })

  it('works without PKCE, and then with no verifier', async () => {
    const plain = { code_challenge: undefined, code_challenge_method: undefined }
    const first = (await signIn('alice', plain)).searchParams.get('code')
    expect(await redeem(first)).toEqual({ status: 400, error: 'invalid_grant' })
    const second = (await signInAgain(plain)).searchParams.get('code')
    const form = {
      grant_type: 'authorization_code',
      client_id: stack.config.userPoolClientId,
      redirect_uri: CALLBACK,
    }
    expect((await open('/oauth2/token', { ...form, code: second! })).status).toBe(200)
  })

  it('fills the user name in that login_hint names, without markup of the app', async () => {
    const page = target(await open(request({ login_hint: 'alice"><b>' })))
    const text = await (await open(page.href)).text()
    expect(text).toContain('name="username" value="alice&#34;&#62;&#60;b&#62;"')
  })

  it('binds the access token to the resource that the app names, after a refresh as well', async () => {
    const resource = 'https://api.example/notes'
    const callback = await signIn('alice', { resource })
    const tokens = await redeem(callback.searchParams.get('code'))
    expect(decodeJwt(tokens.access_token).aud).toBe(resource)
    expect(decodeJwt(tokens.id_token).aud).toBe(stack.config.userPoolClientId)
    const again = await redeem(null, {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    })
    expect(decodeJwt(again.access_token).aud).toBe(resource)
  })

  it.each(['notes', 'http://api.example/', '/notes', 'mailto:notes'])(
    'is refused at the callback for the resource %s',
    async (resource) => {
      const refused = target(await open(request({ resource })))
      expect(refused.searchParams.get('error')).toBe('invalid_request')
    },
  )

  it('begins with a GET alone', async () => {
    const response = await open(request(), { prompt: 'login' })
    expect(response.status).toBe(405)
    expect(response.headers.get('x-local-reason')).toBe('the authorize endpoint takes GET alone')
  })

  it('ends at an app of a phone', async () => {
    const callback = await signIn('alice', { redirect_uri: 'myapp://signed-in' })
    expect(callback.protocol).toBe('myapp:')
    expect(callback.searchParams.get('code')).toBeTruthy()
  })
})

const signInAgain = async (changes: Record<string, string | undefined>): Promise<URL> =>
  target(await open(request(changes)))

describe('a code', () => {
  it.each<[string, Record<string, string>]>([
    ['with another verifier', { code_verifier: randomBytes(32).toString('base64url') }],
    ['for another callback', { redirect_uri: 'myapp://signed-in' }],
  ])('is refused %s, and gone afterwards', async (_, changes) => {
    const code = (await signIn()).searchParams.get('code')
    expect(await redeem(code, changes)).toEqual({ status: 400, error: 'invalid_grant' })
    expect(await redeem(code)).toEqual({ status: 400, error: 'invalid_grant' })
  })

  it('is refused with a secret or another client', async () => {
    const code = (await signIn()).searchParams.get('code')
    const refused = { status: 400, error: 'invalid_client' }
    expect(await redeem(code, { client_secret: 'x' })).toEqual(refused)
    expect(await redeem(code, { client_id: 'x' })).toEqual(refused)
    expect(await redeem('', {})).toEqual({ status: 400, error: 'invalid_request' })
  })

  it('lives for five minutes', async () => {
    const code = (await signIn()).searchParams.get('code')
    await clock.advance(300_000)
    expect(await redeem(code)).toEqual({ status: 400, error: 'invalid_grant' })
  })

  it('that comes twice ends what the first one was given', async () => {
    const code = (await signIn()).searchParams.get('code')
    const { refresh_token: token } = await redeem(code)
    expect(await redeem(code)).toEqual({ status: 400, error: 'invalid_grant' })
    expect(await refresh(token)).toEqual({ status: 400, error: 'invalid_grant' })
  })
})

const refresh = async (token: string) => {
  const response = await open('/oauth2/token', {
    grant_type: 'refresh_token',
    client_id: stack.config.userPoolClientId,
    refresh_token: token,
  })
  return { status: response.status, ...(await response.json()) }
}

describe('a refresh token', () => {
  it('returns new tokens of the same sign-in and scopes, and no new refresh token', async () => {
    const first = await redeem((await signIn()).searchParams.get('code'))
    await clock.advance(5_000)
    const next = await refresh(first.refresh_token)
    expect(next.refresh_token).toBeUndefined()
    const { auth_time, sub, iat, nonce } = decodeJwt(next.id_token)
    const before = decodeJwt(first.id_token)
    expect({ auth_time, sub }).toEqual({ auth_time: before['auth_time'], sub: before.sub })
    expect(iat).toBe(before.iat! + 5)
    expect(nonce).toBeUndefined()
    expect(decodeJwt(next.access_token)['scope']).toBe('openid email')
  })

  it('is refused once it was revoked', async () => {
    const { refresh_token: token } = await redeem((await signIn()).searchParams.get('code'))
    const { userPoolClientId: client_id } = stack.config
    expect((await open('/oauth2/revoke', { token, client_id: 'x' })).status).toBe(400)
    expect((await open('/oauth2/revoke', { token, client_id })).status).toBe(200)
    expect(await refresh(token)).toEqual({ status: 400, error: 'invalid_grant' })
  })
})

describe('the session of the pages', () => {
  it('signs in again within the hour without a password, unless prompt=login asks', async () => {
    await signIn()
    expect(target(await open(request())).searchParams.get('code')).toBeTruthy()
    expect(target(await open(request({ prompt: 'login' }))).pathname).toBe('/login')
    await clock.advance(3_600_000)
    expect(target(await open(request())).pathname).toBe('/login')
  })

  it('ends at /logout, which leads to a registered address alone', async () => {
    const { userPoolClientId: id } = stack.config
    await signIn()
    const bye = encodeURIComponent(LOGGED_OUT)
    const isSignedIn = async () =>
      !target(await open(request({ prompt: 'none' }))).search.includes('error')
    expect((await open(`/logout?client_id=${id}&logout_uri=https://evil.example`)).status).toBe(400)
    expect((await open(`/logout?client_id=other&logout_uri=${bye}`)).status).toBe(400)
    // What is refused ends nothing.
    expect(await isSignedIn()).toBe(true)
    const answer = await open(`/logout?client_id=${id}&logout_uri=${bye}`)
    expect(target(answer).href).toBe(LOGGED_OUT)
    expect(target(await open(request({ prompt: 'none' }))).searchParams.get('error')).toBe(
      'login_required',
    )
  })

  it('of /logout with a callback goes on to the sign-in', async () => {
    await signIn()
    const answer = await open(request().replace('/oauth2/authorize', '/logout'))
    expect(target(answer).pathname).toBe('/login')
    expect((await open(target(answer).href)).status).toBe(200)
  })
})

describe('a wrong request', () => {
  it.each([
    { client_id: 'other' },
    { redirect_uri: 'http://localhost:5173/callback' },
    { redirect_uri: 'https://evil.example/"><script>' },
  ])('%o is answered with a page, not sent anywhere', async (changes) => {
    const response = await open(request(changes))
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
    expect(await response.text()).not.toContain('<script>')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it.each([
    [{ scope: 'openid phone' }, 'invalid_scope'],
    [{ response_type: 'token' }, 'unauthorized_client'],
    [{ response_type: 'x' }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge: 'short' }, 'invalid_request'],
    [{ identity_provider: 'Google' }, 'invalid_request'],
  ])('%o tells its callback: %s', async (changes, error) => {
    const { searchParams } = target(await open(request(changes)))
    expect(searchParams.get('error')).toBe(error)
    expect(searchParams.get('state')).toBe('a&b')
  })

  it('a user who was disabled reads that after the right password', async () => {
    await administer('AdminDisableUser', 'bob')
    const page = target(await open(request())).href
    const hidden = await hiddenIn(await open(page))
    const { password } = stack.users['bob']!
    const response = await open(page, { username: 'bob', password, ...hidden })
    expect(await response.text()).toContain('This user cannot sign in here: the user is disabled.')
  })

  it('a wrong password shows the same page for known and unknown users, without markup of the visitor', async () => {
    const page = target(await open(request())).href
    const texts = await Promise.all(
      ['alice', 'nobody', '"><script>'].map(async (username) => {
        const hidden = await hiddenIn(await open(page))
        const response = await open(page, { username, password: 'wrong', ...hidden })
        expect(response.status).toBe(400)
        return (await response.text()).replaceAll(/value="[^"]*"/g, '')
      }),
    )
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain('Incorrect username or password.')
  })
})

describe('the form', () => {
  const credentials = () => {
    const { username, password } = stack.users['alice']!
    return { username, password }
  }

  it('counts only from the browser that it was given to, for what it was given, and once', async () => {
    const page = target(await open(request())).href
    const refused = async (path: string, form: Record<string, string>): Promise<void> => {
      const response = await open(path, { ...credentials(), ...form })
      expect(response.status).toBe(403)
      expect(response.headers.get('location')).toBeNull()
      expect(response.headers.get('x-local-reason')).toMatch(/_csrf/)
      expect(response.headers.getSetCookie().join()).not.toContain('cognito=')
    }
    await refused(page, {})
    await refused(page, { _csrf: 'x' })
    const hidden = await hiddenIn(await open(page))
    await refused(page.replace('a%26b', 'other-state'), hidden)
    await refused(page, hidden)
    // What a foreign page read, which sends no cookie, and has its visitor send with one.
    cookies.clear()
    const foreign = await hiddenIn(await fetch(page))
    await open(page)
    await refused(page, foreign)
    const late = await hiddenIn(await open(page))
    await clock.advance(3_600_000)
    await refused(page, late)
    const again = await open(page, { ...credentials(), ...(await hiddenIn(await open(page))) })
    expect(again.status).toBe(302)
  })

  it('is for no frame, no cache, no script of another origin, and no later address', async () => {
    const { headers } = await open(target(await open(request())).href)
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.getSetCookie().join()).toMatch(
      /^XSRF-TOKEN=\w{40}; Path=\/; HttpOnly; SameSite=Lax$/,
    )
  })
})

describe('/oauth2/userInfo', () => {
  const ALL = ['address', 'custom:tenant', 'email', 'email_verified', 'locale', 'phone_number']
  const info = async (token: string): Promise<[number, unknown]> => {
    const response = await fetch(`${stack.config.endpoints.oauth}/oauth2/userInfo`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const text = await response.text()
    if (text !== '') return [response.status, JSON.parse(text)]
    return [response.status, response.headers.get('www-authenticate')]
  }

  it('returns the attributes for an access token with openid', async () => {
    const { access_token: token } = await redeem((await signIn()).searchParams.get('code'))
    expect(await info(token)).toEqual([
      200,
      {
        sub: stack.users['alice']!.sub,
        username: 'alice',
        email: 'alice@example.com',
        email_verified: 'true',
      },
    ])
  })

  it.each([
    ['openid', ALL],
    ['openid premium/read', ALL],
    ['openid email', ['email', 'email_verified']],
    ['openid phone', ['phone_number']],
    ['openid profile', ['custom:tenant', 'locale']],
    ['openid profile email', ['custom:tenant', 'email', 'email_verified', 'locale']],
  ])('tells what the scopes %s are for', async (scope, expected) => {
    const attributes = {
      address: 'here',
      locale: 'de',
      phone_number: '+491234',
      'custom:tenant': 'acme',
    }
    const own = await startLocalStack({
      users: { alice: { email: 'alice@example.com', attributes } },
      resourceServers: { premium: ['read'] },
      hostedUi: {
        callbackUrls: [CALLBACK],
        scopes: ['openid', 'email', 'phone', 'profile', 'premium/read'],
      },
    })
    const before = stack
    stack = own
    try {
      const { access_token: token } = await redeem(
        (await signIn('alice', { scope })).searchParams.get('code'),
      )
      const all = { ...attributes, email: 'alice@example.com', email_verified: 'true' }
      const shown = Object.entries(all).filter(([name]) => expected.includes(name))
      const { sub, username } = own.users['alice']
      expect(await info(token)).toEqual([200, { sub, username, ...Object.fromEntries(shown) }])
    } finally {
      stack = before
      await own.stop()
    }
  })

  it('refuses an ID token, a token without openid, an expired token, and no token', async () => {
    const first = await redeem((await signIn()).searchParams.get('code'))
    const other = await redeem((await signInAgain({ scope: 'email' })).searchParams.get('code'))
    await clock.advance(1_000)
    const invalid =
      'error="invalid_token", error_description="Access token is expired, disabled, or deleted, or the user has globally signed out."'
    const malformed =
      'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"'
    for (const token of [first.id_token, other.access_token]) {
      expect(await info(token)).toEqual([401, invalid])
    }
    for (const token of ['', 'x', 'x.y']) expect(await info(token)).toEqual([400, malformed])
    expect((await info(first.access_token))[0]).toBe(200)
    await clock.advance(3_600_000)
    expect(await info(first.access_token)).toEqual([401, invalid])
  })
})

describe('an access token of the hosted pages', () => {
  it('does nothing to its user without the scope for that, as on AWS', async () => {
    const { access_token: AccessToken } = await redeem((await signIn()).searchParams.get('code'))
    const call = async (name: string, token: string): Promise<[number, unknown]> => {
      const response = await fetch(stack.config.endpoints.cognitoIdp, {
        method: 'POST',
        headers: { 'x-amz-target': `AWSCognitoIdentityProviderService.${name}` },
        body: JSON.stringify({ AccessToken: token }),
      })
      return [response.status, await response.json()]
    }
    for (const name of ['GetUser', 'GlobalSignOut']) {
      expect(await call(name, AccessToken)).toEqual([
        400,
        {
          __type: 'NotAuthorizedException',
          message: 'Access Token does not have required scopes',
        },
      ])
    }
    await stack.stop()
    stack = await startLocalStack(
      { users: { alice: {} }, hostedUi: { callbackUrls: [CALLBACK] } },
      { faults: createFaults({ clock }) },
    )
    cookies.clear()
    const scope = { scope: 'openid aws.cognito.signin.user.admin' }
    const able = await redeem((await signIn('alice', scope)).searchParams.get('code'))
    expect((await call('GetUser', able.access_token))[0]).toBe(200)
  })
})

describe('a definition', () => {
  it('without hostedUi has no pages, and no grant for people', async () => {
    await stack.stop()
    stack = await startLocalStack({ users: { alice: {} } })
    expect((await open(request())).status).toBe(404)
    expect(await redeem('x')).toEqual({ status: 400, error: 'unauthorized_client' })
  })

  it.each([
    [{}, '"hostedUi.callbackUrls" must be a string, got undefined'],
    [
      { callbackUrls: ['/callback'] },
      '"hostedUi.callbackUrls[0]" must be an absolute URL without a fragment, with https, the scheme of an app, or http for localhost and 127.0.0.1, got "/callback"',
    ],
    [
      { callbackUrls: ['http://example.com/'] },
      '"hostedUi.callbackUrls[0]" must be an absolute URL without a fragment, with https, the scheme of an app, or http for localhost and 127.0.0.1, got "http://example.com/"',
    ],
    [
      { callbackUrls: ['https://example.com/#a'] },
      '"hostedUi.callbackUrls[0]" must be an absolute URL without a fragment, with https, the scheme of an app, or http for localhost and 127.0.0.1, got "https://example.com/#a"',
    ],
    [
      { callbackUrls: ['javascript:alert(1)'] },
      '"hostedUi.callbackUrls[0]" must be an absolute URL without a fragment, with https, the scheme of an app, or http for localhost and 127.0.0.1, got "javascript:alert(1)"',
    ],
    [
      { callbackUrls: ['https://a.example'], logoutUrls: ['x'] },
      '"hostedUi.logoutUrls[0]" must be an absolute URL without a fragment, with https, the scheme of an app, or http for localhost and 127.0.0.1, got "x"',
    ],
    [
      { callbackUrls: ['https://a.example'], scopes: ['premium/x'] },
      '"hostedUi.scopes[0]" must be one of openid, email, phone, profile, aws.cognito.signin.user.admin, got "premium/x"',
    ],
    [
      { callbackUrls: ['https://a.example'], urls: [] },
      '"hostedUi.urls" is not known; known here: callbackUrls, logoutUrls, scopes',
    ],
  ])('with %o is refused: %s', (hostedUi, text) => {
    expect(() => checkDefinition({ hostedUi } as never)).toThrow(text)
  })
})

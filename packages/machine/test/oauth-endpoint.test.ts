import { describe, expect, test } from 'vitest'
import { oauthTokenEndpoint, type OAuthTokenEndpointOptions } from '../src/index.ts'
import { jwt, thrownBy } from './endpoint.ts'

const url = 'https://test.auth.eu-central-1.amazoncognito.com/oauth2/token'
const make = (options: Partial<OAuthTokenEndpointOptions> = {}) =>
  oauthTokenEndpoint({ url, clientId: 'reader', ...options })
const answer = (status: number, json?: unknown, headers: Record<string, string> = {}) => ({
  status,
  json,
  headers: new Headers(headers),
})
const fine = {
  access_token: jwt({ token_use: 'access', client_id: 'reader', scope: 'premium/read', exp: 9e9 }),
  token_type: 'Bearer',
  expires_in: 3_600,
}

describe('the request', () => {
  test('client ID and secret are in the form, and not in a header', async () => {
    const {
      url: to,
      headers,
      body,
    } = await make().request({ clientSecret: 'abc+DEF_1&2', scopes: [] })
    expect(to).toBe(url)
    expect(body).toBe(
      'grant_type=client_credentials&client_id=reader&client_secret=abc%2BDEF_1%262',
    )
    expect(headers).toEqual({
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    })
  })

  test('auth: basic sends both as they are in a header, and not in the form', async () => {
    const { headers, body } = await make({ auth: 'basic' }).request({
      clientSecret: 'abc+DEF_123+xyzö',
      scopes: ['premium/read', 'premium/write'],
    })
    const bytes = Uint8Array.from(atob(headers['authorization']!.slice(6)), (c) => c.charCodeAt(0))
    expect(new TextDecoder().decode(bytes)).toBe('reader:abc+DEF_123+xyzö')
    expect(body).toBe('grant_type=client_credentials&scope=premium%2Fread+premium%2Fwrite')
  })

  test('the request carries a resource and metadata', async () => {
    const { body } = await make({
      resource: 'https://api.example',
      metadata: { tenant: 'a', b: 'c' },
    }).request({ clientSecret: 's', scopes: [] })
    const form = new URLSearchParams(body)
    expect(form.get('resource')).toBe('https://api.example')
    expect(JSON.parse(form.get('aws_client_metadata')!)).toEqual({ tenant: 'a', b: 'c' })
  })
})

describe('what an endpoint may be', () => {
  test.each([
    'http://idp.example/oauth2/token',
    'https://user:pass@idp.example/',
    'https://idp.example/#x',
    'ftp://idp.example/',
    'oauth2/token',
    'http://localhost.example/oauth2/token',
    'http://127.0.0.1.example/',
  ])('not %s', (bad) => {
    expect(() => make({ url: bad })).toThrow(TypeError)
  })

  test.each([
    'http://127.0.0.1:8080/oauth2/token',
    'http://localhost:1/t',
    'http://[::1]:1/t',
    'http://auth.localhost/t',
  ])('%s on this machine is allowed', async (good) => {
    const { url: to } = await make({ url: new URL(good) }).request({
      clientSecret: 's',
      scopes: [],
    })
    expect(to).toBe(good)
  })

  test('neither an unknown way to authenticate nor an empty client', () => {
    // @ts-expect-error there are two ways
    expect(() => make({ auth: 'jwt' })).toThrow(TypeError)
    expect(() => make({ clientId: '' })).toThrow(TypeError)
    expect(() => make({ clientId: 'a:b', auth: 'basic' })).toThrow(TypeError)
  })
})

describe('a token', () => {
  test('is taken with its scopes and both expiries', () => {
    expect(make().read(answer(200, fine))).toEqual({
      token: fine.access_token,
      expiresIn: 3_600,
      exp: 9e9,
      scopes: ['premium/read'],
    })
    expect(make().read(answer(200, { ...fine, token_type: 'bearer' })).expiresIn).toBe(3_600)
  })

  test.each([
    ['no token', { ...fine, access_token: undefined }],
    ['an empty token', { ...fine, access_token: '' }],
    ['a token that breaks the header', { ...fine, access_token: `${fine.access_token}\r\nx: y` }],
    ['a token that is not a JWT', { ...fine, access_token: 'opaque' }],
    ['three parts that are no JSON', { ...fine, access_token: 'aaa.bbb.ccc' }],
    ['claims that are a list', { ...fine, access_token: jwt([]) }],
    ['a header without alg', { ...fine, access_token: `${btoa('{}')}.${btoa('{}')}.x` }],
    ['an ID token', { ...fine, access_token: jwt({ token_use: 'id', exp: 9e9 }) }],
    [
      "another client's token",
      { ...fine, access_token: jwt({ token_use: 'access', client_id: 'writer' }) },
    ],
    ['an exp that is not a number', { ...fine, access_token: jwt({ exp: 'tomorrow' }) }],
    ['another type', { ...fine, token_type: 'mac' }],
    ['no type', { ...fine, token_type: undefined }],
    ['a lifetime that is a word', { ...fine, expires_in: 'an hour' }],
    ['a lifetime with a unit', { ...fine, expires_in: '3600s' }],
    ['a lifetime in an array', { ...fine, expires_in: [3_600] }],
    ['a lifetime that is true', { ...fine, expires_in: true }],
    ['a lifetime beyond all dates', { ...fine, expires_in: 1e15 }],
    ['a lifetime beyond all dates, as text', { ...fine, expires_in: '9999999999' }],
    ['an exp beyond all dates', { ...fine, access_token: jwt({ exp: 1e15 }) }],
    ['a life of nothing', { ...fine, expires_in: 0 }],
    ['a negative life', { ...fine, expires_in: -1 }],
  ])('is not %s', (_, body) => {
    expect(thrownBy(() => make().read(answer(200, body)))).toMatchObject({
      code: 'TOKEN_INVALID',
      retryable: false,
    })
  })

  test('may be opaque if the options say so, and then the scope of the response counts', () => {
    const opaque = make({ tokenFormat: 'opaque' })
    const body = { ...fine, access_token: 'opaque', scope: 'a b' }
    expect(opaque.read(answer(200, body))).toMatchObject({ token: 'opaque', scopes: ['a', 'b'] })
    expect(opaque.read(answer(200, { ...body, scope: undefined })).scopes).toBeUndefined()
  })

  test("has its scopes in `scp` with other vendors'", () => {
    const body = { ...fine, access_token: jwt({ scp: ['a', 'b'] }) }
    expect(make().read(answer(200, body)).scopes).toEqual(['a', 'b'])
  })
})

describe('a refusal', () => {
  test.each([
    [400, { error: 'invalid_client' }, 'INVALID_CLIENT'],
    [401, { error: 'invalid_client' }, 'INVALID_CLIENT'],
    [401, undefined, 'INVALID_CLIENT'],
    [400, { error: 'invalid_scope' }, 'INVALID_SCOPE'],
    [400, { error: 'unauthorized_client' }, 'UNAUTHORIZED_CLIENT'],
    // Keycloak and Auth0 for a wrong secret.
    [401, { error: 'unauthorized_client' }, 'INVALID_CLIENT'],
    [401, { error: 'access_denied' }, 'INVALID_CLIENT'],
    [400, { error: 'unsupported_grant_type' }, 'UNAUTHORIZED_CLIENT'],
    [400, { error: 'invalid_request' }, 'REQUEST_INVALID'],
    [400, { error: 'invalid_grant' }, 'REQUEST_INVALID'],
    [400, undefined, 'REQUEST_INVALID'],
    // Names that every object has.
    [400, { error: 'constructor' }, 'REQUEST_INVALID'],
    [401, { error: '__proto__' }, 'INVALID_CLIENT'],
    [403, undefined, 'FORBIDDEN'],
    [403, { message: 'Forbidden' }, 'FORBIDDEN'],
    [404, undefined, 'UNEXPECTED_ANSWER'],
    [302, undefined, 'REDIRECT_REFUSED'],
    [200, undefined, 'UNEXPECTED_ANSWER'],
    [200, 'a text', 'UNEXPECTED_ANSWER'],
    [200, { error: 'invalid_client' }, 'INVALID_CLIENT'],
    [204, undefined, 'UNEXPECTED_ANSWER'],
  ])('a refusal of status %i with %j is %s and final', (status, json, code) => {
    expect(thrownBy(() => make().read(answer(status, json)))).toMatchObject({
      code,
      status,
      retryable: false,
    })
  })

  test.each([
    [429, { error: 'invalid_client' }, 'THROTTLED'],
    [429, undefined, 'THROTTLED'],
    [400, { error: 'slow_down' }, 'THROTTLED'],
    [500, undefined, 'SERVICE_UNAVAILABLE'],
    [502, undefined, 'SERVICE_UNAVAILABLE'],
    [503, { error: 'invalid_client' }, 'SERVICE_UNAVAILABLE'],
    [408, undefined, 'SERVICE_UNAVAILABLE'],
  ])('a refusal of status %i with %j is %s and may pass', (status, json, code) => {
    expect(thrownBy(() => make().read(answer(status, json)))).toMatchObject({
      code,
      status,
      retryable: true,
    })
  })

  test('is what a browser makes of a redirect, status 0', () => {
    expect(thrownBy(() => make().read(answer(0)))).toMatchObject({
      code: 'REDIRECT_REFUSED',
      retryable: false,
    })
  })

  test('names the error of the wire and AWS’s request ID, and quotes nothing else', () => {
    const requestId = '7a1c9f4e-0d6b-4a53-9a58-0f9f6f6b8f11'
    const refusal = (error: string): unknown =>
      thrownBy(() => make().read(answer(400, { error }, { 'x-amzn-requestid': requestId })))
    expect(refusal('invalid_scope')).toMatchObject({ requestId })
    expect(String(refusal('invalid_scope'))).toContain('(invalid_scope)')
    expect(String(refusal('see token=secret here'))).not.toContain('secret here')
  })
})

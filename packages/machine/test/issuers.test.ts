import { fakeFetch, fixedClock, type Seen } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import {
  machineToken,
  oauthTokenEndpoint,
  type MachineToken,
  type OAuthTokenEndpointOptions,
} from '../src/index.ts'
import { elapse, jwt } from './endpoint.ts'

/** A token endpoint that responds in the form of an issuer. */
interface Issuer {
  endpoint: OAuthTokenEndpointOptions
  scopes?: string[]
  respond: (form: URLSearchParams, seconds: number) => Response
  /** What has to be in the request, in addition to the grant type. */
  sends: Record<string, string>
  lifeSeconds: number
  grants: string[]
}

const SECRET = 'a.secret~with+other_characters'
const error = (status: number, body: object): Response => Response.json(body, { status })

const issuers: Record<string, Issuer> = {
  Auth0: {
    endpoint: {
      url: 'https://example.eu.auth0.com/oauth/token',
      clientId: 'abc123',
      audience: 'https://api.example.com',
    },
    respond: (form, now) =>
      form.get('audience') === 'https://api.example.com'
        ? Response.json({
            access_token: jwt({
              iss: 'https://example.eu.auth0.com/',
              sub: 'abc123@clients',
              aud: 'https://api.example.com',
              azp: 'abc123',
              gty: 'client-credentials',
              scope: 'read:notes',
              iat: now,
              exp: now + 86_400,
            }),
            scope: 'read:notes',
            expires_in: 86_400,
            token_type: 'Bearer',
          })
        : error(403, {
            error: 'access_denied',
            error_description: 'No audience parameter was provided, and no default audience is set',
          }),
    sends: { client_id: 'abc123', client_secret: SECRET, audience: 'https://api.example.com' },
    lifeSeconds: 86_400,
    grants: ['read:notes'],
  },
  Okta: {
    endpoint: {
      url: 'https://example.okta.com/oauth2/default/v1/token',
      clientId: '0oa1example',
      auth: 'basic',
    },
    scopes: ['notes.read'],
    respond: (form, now) =>
      form.get('scope') === 'notes.read'
        ? Response.json({
            token_type: 'Bearer',
            expires_in: 3_600,
            access_token: jwt({
              ver: 1,
              iss: 'https://example.okta.com/oauth2/default',
              aud: 'api://default',
              cid: '0oa1example',
              sub: '0oa1example',
              scp: ['notes.read'],
              iat: now,
              exp: now + 3_600,
            }),
            scope: 'notes.read',
          })
        : error(400, { error: 'invalid_scope' }),
    sends: { scope: 'notes.read' },
    lifeSeconds: 3_600,
    grants: ['notes.read'],
  },
  'Entra ID (v1, numbers as text)': {
    endpoint: {
      url: 'https://login.microsoftonline.com/tenant/oauth2/token',
      clientId: '11111111-2222-3333-4444-555555555555',
      params: { resource_hint: 'x' },
      resource: 'https://graph.microsoft.com',
    },
    respond: (_form, now) =>
      Response.json({
        token_type: 'Bearer',
        expires_in: '3599',
        ext_expires_in: '3599',
        expires_on: String(now + 3_599),
        not_before: String(now - 300),
        resource: 'https://graph.microsoft.com',
        access_token: jwt({
          aud: 'https://graph.microsoft.com',
          iss: 'https://sts.windows.net/tenant/',
          appid: '11111111-2222-3333-4444-555555555555',
          idtyp: 'app',
          roles: ['Notes.Read.All'],
          exp: now + 3_599,
        }),
      }),
    sends: { resource: 'https://graph.microsoft.com', resource_hint: 'x', client_secret: SECRET },
    lifeSeconds: 3_599,
    grants: [],
  },
  'Entra ID (v2)': {
    endpoint: {
      url: 'https://login.microsoftonline.com/tenant/oauth2/v2.0/token',
      clientId: '11111111-2222-3333-4444-555555555555',
    },
    scopes: ['api://notes/.default'],
    respond: (_form, now) =>
      Response.json({
        token_type: 'Bearer',
        expires_in: 3_599,
        ext_expires_in: 3_599,
        // Tokens of Microsoft Graph are opaque to everybody else; they have three parts nevertheless.
        access_token: jwt({ aud: 'api://notes', roles: ['Notes.Read.All'], exp: now + 3_599 }),
      }),
    sends: { scope: 'api://notes/.default' },
    lifeSeconds: 3_599,
    // Without a scope in the response or the token, all that was requested is granted.
    grants: ['api://notes/.default'],
  },
  Keycloak: {
    endpoint: {
      url: 'https://id.example.com/realms/main/protocol/openid-connect/token',
      clientId: 'reader',
    },
    respond: (_form, now) =>
      Response.json({
        access_token: jwt({
          iss: 'https://id.example.com/realms/main',
          sub: 'd1c1b7f2-0000-4000-8000-000000000000',
          typ: 'Bearer',
          azp: 'reader',
          client_id: 'reader',
          preferred_username: 'service-account-reader',
          scope: 'profile email',
          exp: now + 300,
        }),
        expires_in: 300,
        refresh_expires_in: 0,
        token_type: 'Bearer',
        'not-before-policy': 0,
        scope: 'profile email',
      }),
    sends: { client_id: 'reader', client_secret: SECRET },
    lifeSeconds: 300,
    grants: ['profile', 'email'],
  },
  'an issuer whose response has no expires_in, with a JWT': {
    endpoint: { url: 'https://idp.example/token', clientId: 'reader' },
    respond: (_form, now) =>
      Response.json({ access_token: jwt({ exp: now + 1_200 }), token_type: 'bearer' }),
    sends: { client_id: 'reader' },
    lifeSeconds: 1_200,
    grants: [],
  },
  'an issuer whose response has no expires_in, with an opaque token': {
    endpoint: { url: 'https://idp.example/token', clientId: 'reader', tokenFormat: 'opaque' },
    respond: () =>
      Response.json({ access_token: 'opaque', token_type: 'bearer', expires_in: null }),
    sends: { client_id: 'reader' },
    lifeSeconds: 300,
    grants: [],
  },
  'the same with a lifetime of the endpoint': {
    endpoint: {
      url: 'https://idp.example/token',
      clientId: 'reader',
      tokenFormat: 'opaque',
      defaultLifetimeSeconds: 900,
    },
    respond: () => Response.json({ access_token: 'opaque', token_type: 'bearer' }),
    sends: { client_id: 'reader' },
    lifeSeconds: 900,
    grants: [],
  },
}

function callerOf(
  { endpoint, scopes, respond }: Issuer,
  changed: Partial<OAuthTokenEndpointOptions> = {},
) {
  const clock = fixedClock()
  const sent = fakeFetch((seen: Seen) =>
    respond(new URLSearchParams(seen.body), Math.floor(clock.now() / 1_000)),
  )
  const token: MachineToken = machineToken({
    source: oauthTokenEndpoint({ ...endpoint, ...changed }),
    clientSecret: SECRET,
    scopes,
    fetch: sent,
    clock,
  })
  return { clock, sent, token }
}

describe('a machine token comes', () => {
  test.each(Object.entries(issuers))('from %s', async (_, issuer) => {
    const { clock, sent, token } = callerOf(issuer)
    const { expiresAt, scopes } = await token.get()
    expect(expiresAt).toEqual(new Date(clock.now() + issuer.lifeSeconds * 1_000))
    expect(scopes).toEqual(issuer.grants)
    const form = Object.fromEntries(new URLSearchParams(sent.seen[0]!.body))
    expect(form).toMatchObject({ grant_type: 'client_credentials', ...issuer.sends })
    expect(sent.seen[0]!.headers.has('authorization')).toBe(issuer.endpoint.auth === 'basic')
    await token()
    expect(sent.seen).toHaveLength(1)
  })
})

describe('a refusal', () => {
  test('with access_denied names "audience", and no proxy', async () => {
    const { token } = callerOf(issuers['Auth0']!, { audience: undefined })
    await expect(token()).rejects.toMatchObject({
      code: 'FORBIDDEN',
      status: 403,
      message: expect.stringContaining('(access_denied)'),
      remedy: expect.stringContaining('Auth0 requires "audience".'),
    })
  })

  test.each([
    ['Keycloak', { error: 'unauthorized_client', error_description: 'Invalid client credentials' }],
    ['Auth0', { error: 'access_denied', error_description: 'Unauthorized' }],
  ])('of a rotated secret by %s is followed by the previous one', async (name, refusal) => {
    const issuer = issuers[name]!
    const rotating = fakeFetch((seen: Seen) => {
      const form = new URLSearchParams(seen.body)
      return form.get('client_secret') === SECRET ? issuer.respond(form, 0) : error(401, refusal)
    })
    const token = machineToken({
      source: oauthTokenEndpoint(issuer.endpoint),
      clientSecret: { current: 'not yet known', previous: SECRET },
      fetch: rotating,
      clock: fixedClock(0),
    })
    expect(await token()).toContain('.')
    expect(rotating.seen).toHaveLength(2)
  })

  test('without an OAuth error is one of a web ACL or a proxy', async () => {
    const blocked = { ...issuers['Auth0']!, respond: () => new Response('', { status: 403 }) }
    await expect(callerOf(blocked).token()).rejects.toMatchObject({
      code: 'FORBIDDEN',
      remedy: expect.stringContaining('web ACL (AWS WAF)'),
    })
  })

  test("a refusal of a Basic header names auth: 'post', which the same issuer then accepts", async () => {
    // It decodes the form of RFC 6749 §2.3.1: the "+" of the secret becomes a space.
    const decoding: Issuer = {
      ...issuers['Okta']!,
      respond: (form, now) =>
        form.get('client_secret') === SECRET
          ? issuers['Okta']!.respond(form, now)
          : error(401, { error: 'invalid_client' }),
    }
    await expect(callerOf(decoding).token()).rejects.toMatchObject({
      code: 'INVALID_CLIENT',
      remedy: expect.stringContaining("Pass auth: 'post'"),
    })
    expect(await callerOf(decoding, { auth: 'post' }).token()).toContain('.')
    await expect(callerOf(decoding, { auth: 'client_secret_jwt' }).token()).rejects.toMatchObject({
      code: 'INVALID_CLIENT',
      remedy: expect.not.stringContaining("auth: 'post'"),
    })
  })

  test('a refusal of a token that is not a JWT names tokenFormat', async () => {
    const opaque: Issuer = {
      ...issuers['Keycloak']!,
      respond: () =>
        Response.json({ access_token: 'opaque', token_type: 'Bearer', expires_in: 60 }),
    }
    await expect(callerOf(opaque).token()).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
      remedy: expect.stringContaining("tokenFormat: 'opaque'"),
    })
    expect(await callerOf(opaque, { tokenFormat: 'opaque' }).token()).toBe('opaque')
  })
})

describe('tokens with different parameters', () => {
  test('are not shared: audience, params and metadata are part of what is requested', () => {
    const identityOf = (options: Partial<OAuthTokenEndpointOptions>): string =>
      JSON.stringify(
        oauthTokenEndpoint({ url: 'https://idp.example/token', clientId: 'a', ...options })
          .identity,
      )
    const identities = [
      {},
      { audience: 'a' },
      { audience: 'b' },
      { resource: 'a' },
      { params: { a: 'b' } },
      { params: { b: 'a' } },
      { metadata: { a: 'b' } },
      { auth: 'client_secret_jwt' as const },
    ].map(identityOf)
    expect(new Set(identities).size).toBe(identities.length)
    expect(identityOf({ params: { a: '1', b: '2' } })).toBe(
      identityOf({ params: { b: '2', a: '1' } }),
    )
  })
})

describe('minLifeSeconds', () => {
  const endpoint = oauthTokenEndpoint({
    url: 'https://idp.example/token',
    clientId: 'reader',
    tokenFormat: 'opaque',
  })
  const setUp = (minLifeSeconds: number, lifeSeconds: number) => {
    const clock = fixedClock()
    let serial = 0
    const sent = fakeFetch(() =>
      Response.json({
        access_token: `t${++serial}`,
        token_type: 'Bearer',
        expires_in: lifeSeconds,
      }),
    )
    const token = machineToken({
      source: endpoint,
      clientSecret: SECRET,
      fetch: sent,
      clock,
      minLifeSeconds,
    })
    return { clock, sent, token }
  }

  test('every token that is returned lives at least that long, whenever it is requested', async () => {
    const { clock, sent, token } = setUp(90, 300)
    for (let step = 0; step < 60; step++) {
      const { expiresAt } = await elapse(clock, token.get())
      expect(expiresAt.getTime() - clock.now()).toBeGreaterThanOrEqual(90_000)
      await clock.advance(13_000)
    }
    // 780 seconds at 210 usable seconds a token, renewed at 70 to 80 percent of them.
    expect(sent.seen.length).toBeLessThanOrEqual(7)
  })

  test('longer than the issuer’s tokens live is an error, after one request', async () => {
    const { sent, token } = setUp(600, 300)
    for (let call = 0; call < 3; call++) {
      await expect(token()).rejects.toMatchObject({
        code: 'TOKEN_INVALID',
        message: expect.stringContaining('it lives for 300 s, and "minLifeSeconds" is 600'),
        remedy: expect.stringContaining('minLifeSeconds'),
      })
    }
    expect(sent.seen).toHaveLength(1)
  })
})

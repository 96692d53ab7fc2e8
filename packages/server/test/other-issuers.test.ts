import { describe, expect, it } from 'vitest'
import { eventFixtures } from '../src/fixtures.ts'
import { resolveCaller, withCaller, type Caller, type CallerOptions } from '../src/index.ts'

// Tokens as issuers describe them, with values replaced. Each is sent through an HTTP API's JWT authorizer, which writes the
// claims as text, and verified by a function, which keeps their types.

interface TokenRow {
  issuer: string
  source: string
  claims: Record<string, unknown>
  expected: Partial<Caller>
}

const times = { iat: 1_767_225_600, exp: 1_767_229_200 }
const API = 'https://api.example'
const AUTH0 = { iss: 'https://example.eu.auth0.com/', aud: API, ...times }
const OKTA = { ver: 1, iss: 'https://example.okta.com/oauth2/default', aud: API, ...times }
const ENTRA = {
  iss: 'https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0',
  aud: 'api-app-id',
  ver: '2.0',
  ...times,
}
const ENTRA1 = {
  ...ENTRA,
  iss: 'https://sts.windows.net/11111111-2222-4333-8444-555555555555/',
  ver: '1.0',
}
const KEYCLOAK = { iss: 'https://sso.example/realms/demo', aud: 'account', typ: 'Bearer', ...times }
const PING = {
  iss: 'https://auth.pingone.eu/11111111-2222-4333-8444-555555555555/as',
  aud: [API],
  ...times,
}

const rows: TokenRow[] = [
  {
    issuer: 'Auth0, a machine',
    source: 'https://auth0.com/docs/secure/tokens/access-tokens',
    claims: {
      ...AUTH0,
      sub: 'client0@clients',
      azp: 'client0',
      gty: 'client-credentials',
      scope: 'read:notes',
    },
    expected: {
      kind: 'machine',
      subject: 'client0',
      clientId: 'client0',
      scopes: ['read:notes'],
      groups: [],
    },
  },
  {
    issuer: 'Auth0, a machine of a tenant whose tokens have no "gty"',
    source: 'https://auth0.com/docs/secure/tokens/access-tokens',
    claims: { ...AUTH0, sub: 'client0@clients', azp: 'client0' },
    expected: { kind: 'machine', subject: 'client0', clientId: 'client0' },
  },
  {
    issuer: 'Auth0, a user',
    source: 'https://auth0.com/docs/secure/tokens/access-tokens',
    claims: { ...AUTH0, sub: 'auth0|0123456789', azp: 'client0', scope: 'openid read:notes' },
    expected: {
      kind: 'user',
      subject: 'auth0|0123456789',
      clientId: 'client0',
      scopes: ['openid', 'read:notes'],
    },
  },
  {
    issuer: 'Auth0, a user with two audiences',
    source: 'https://auth0.com/docs/secure/tokens/access-tokens',
    claims: {
      ...AUTH0,
      aud: [API, 'https://example.eu.auth0.com/userinfo'],
      sub: 'google-oauth2|1',
      azp: 'client0',
    },
    expected: { kind: 'user', subject: 'google-oauth2|1', clientId: 'client0' },
  },
  {
    issuer: 'Okta, a machine',
    source: 'https://developer.okta.com/docs/reference/api/oidc/',
    claims: { ...OKTA, cid: 'client0', sub: 'client0', scp: ['notes.read'] },
    expected: { kind: 'machine', subject: 'client0', clientId: 'client0', scopes: ['notes.read'] },
  },
  {
    issuer: 'Okta, a user',
    source: 'https://developer.okta.com/docs/reference/api/oidc/',
    claims: {
      ...OKTA,
      cid: 'client0',
      uid: '00u1',
      sub: 'alice@example.com',
      scp: ['openid', 'notes.read'],
    },
    expected: {
      kind: 'user',
      subject: 'alice@example.com',
      clientId: 'client0',
      scopes: ['openid', 'notes.read'],
    },
  },
  ...[
    'https://login.partner.microsoftonline.cn/11111111-2222-4333-8444-555555555555/v2.0',
    'https://example.ciamlogin.com/11111111-2222-4333-8444-555555555555/v2.0',
    'https://example.b2clogin.com/11111111-2222-4333-8444-555555555555/v2.0/',
  ].flatMap((iss): TokenRow[] => {
    const common = { ...ENTRA, iss, azp: 'client0', oid: 'object0', sub: 'object0' }
    const source = 'unverified for these hosts'
    return [
      {
        issuer: `Entra at ${iss}, an app`,
        source,
        claims: { ...common, azpacr: '1', roles: ['Notes.Read.All'] },
        expected: { kind: 'machine', subject: 'client0', clientId: 'client0' },
      },
      {
        issuer: `Entra at ${iss}, a user of a page`,
        source,
        claims: { ...common, azpacr: '0', scp: 'Notes.Read' },
        expected: { kind: 'user', subject: 'object0', clientId: 'client0' },
      },
    ]
  }),
  {
    issuer: 'Azure AD B2C, the ID token of a user, whose subject is the object as well',
    source: 'unverified',
    claims: {
      ...ENTRA,
      iss: 'https://example.b2clogin.com/11111111-2222-4333-8444-555555555555/v2.0/',
      oid: 'object0',
      sub: 'object0',
      tfp: 'B2C_1_signin',
    },
    expected: { kind: 'user', subject: 'object0' },
  },
  {
    issuer: 'GitHub Actions, a job',
    source: 'https://docs.github.com/en/actions/reference/security/oidc',
    claims: {
      ...times,
      iss: 'https://token.actions.githubusercontent.com',
      aud: API,
      sub: 'repo:example/notes:ref:refs/heads/main',
    },
    expected: { kind: 'machine', subject: 'repo:example/notes:ref:refs/heads/main', groups: [] },
  },
  {
    issuer: 'GitHub Enterprise Server, a job',
    source: 'https://docs.github.com/en/actions/reference/security/oidc',
    claims: { ...times, iss: 'https://git.example/_services/token', aud: API, sub: 'repo:a/b:x' },
    expected: { kind: 'machine', subject: 'repo:a/b:x' },
  },
  {
    issuer: 'GitLab, a job',
    source: 'unverified',
    claims: {
      ...times,
      iss: 'https://gitlab.example.com',
      aud: API,
      sub: 'project_path:example/notes:ref_type:branch:ref:main',
      job_id: '302',
    },
    expected: { kind: 'machine', subject: 'project_path:example/notes:ref_type:branch:ref:main' },
  },
  {
    issuer: 'Kubernetes, a pod',
    source: 'unverified',
    claims: {
      ...times,
      iss: 'https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE',
      aud: [API],
      sub: 'system:serviceaccount:notes:worker',
    },
    expected: { kind: 'machine', subject: 'system:serviceaccount:notes:worker' },
  },
  {
    issuer: 'Entra, version 2.0, an app that says so',
    source: 'https://learn.microsoft.com/entra/identity-platform/optional-claims-reference',
    claims: {
      ...ENTRA,
      azp: 'client0',
      oid: 'sp0',
      sub: 'sp0',
      idtyp: 'app',
      roles: ['Notes.Read'],
    },
    expected: { kind: 'machine', subject: 'client0', clientId: 'client0' },
  },
  {
    issuer: 'Entra, version 2.0, an app',
    source: 'https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference',
    claims: {
      ...ENTRA,
      azp: 'client0',
      azpacr: '1',
      oid: 'sp0',
      sub: 'sp0',
      roles: ['Notes.Read'],
    },
    expected: { kind: 'machine', subject: 'client0', clientId: 'client0' },
  },
  {
    issuer: 'Entra, version 1.0, an app',
    source: 'https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference',
    claims: { ...ENTRA1, appid: 'client0', appidacr: '1', oid: 'sp0', sub: 'sp0' },
    expected: { kind: 'machine', subject: 'client0', clientId: 'client0' },
  },
  {
    issuer: 'Entra, version 2.0, a user',
    source: 'https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference',
    claims: {
      ...ENTRA,
      azp: 'client0',
      oid: 'u0',
      sub: 'pairwise0',
      scp: 'Notes.Read Notes.Write',
      name: 'Alice',
      preferred_username: 'alice@example.com',
    },
    expected: {
      kind: 'user',
      subject: 'pairwise0',
      clientId: 'client0',
      scopes: ['Notes.Read', 'Notes.Write'],
    },
  },
  {
    issuer: 'Entra, version 1.0, a user',
    source: 'https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference',
    claims: {
      ...ENTRA1,
      appid: 'client0',
      oid: 'u0',
      sub: 'pairwise0',
      scp: 'user_impersonation',
      upn: 'alice@example.com',
    },
    expected: {
      kind: 'user',
      subject: 'pairwise0',
      clientId: 'client0',
      scopes: ['user_impersonation'],
    },
  },
  {
    issuer: 'Keycloak, a service account',
    source: 'https://www.keycloak.org/docs/latest/server_admin/#_service_accounts',
    claims: {
      ...KEYCLOAK,
      sub: 'u0',
      azp: 'Reports',
      client_id: 'Reports',
      preferred_username: 'service-account-reports',
      scope: 'profile email',
    },
    expected: {
      kind: 'machine',
      subject: 'Reports',
      clientId: 'Reports',
      scopes: ['profile', 'email'],
    },
  },
  {
    issuer: 'Keycloak before version 24, a service account',
    source: 'https://www.keycloak.org/docs/latest/server_admin/#_service_accounts',
    claims: {
      ...KEYCLOAK,
      sub: 'u0',
      azp: 'reports',
      clientId: 'reports',
      clientHost: '192.0.2.1',
      preferred_username: 'service-account-reports',
    },
    expected: { kind: 'machine', subject: 'reports', clientId: 'reports' },
  },
  {
    issuer: 'Keycloak, a user',
    source: 'https://www.keycloak.org/docs/latest/server_admin/#_oidc_token_mappings',
    claims: {
      ...KEYCLOAK,
      sub: 'u1',
      azp: 'web',
      preferred_username: 'alice',
      email: 'alice@example.com',
      email_verified: true,
      scope: 'openid email',
    },
    expected: {
      kind: 'user',
      subject: 'u1',
      clientId: 'web',
      email: 'alice@example.com',
      emailVerified: true,
    },
  },
  {
    issuer: 'Keycloak, a user whose name begins like that of a service account',
    source: 'https://www.keycloak.org/docs/latest/server_admin/#_service_accounts',
    claims: { ...KEYCLOAK, sub: 'u2', azp: 'web', preferred_username: 'service-account-reports' },
    expected: { kind: 'user', subject: 'u2', clientId: 'web' },
  },
  {
    issuer: 'PingOne, a machine, whose token has no subject',
    source: 'https://docs.pingidentity.com/pingone/applications/p1_c_access_tokens.html',
    claims: { ...PING, client_id: 'client0', scope: 'notes.read' },
    expected: { kind: 'machine', subject: 'client0', clientId: 'client0', scopes: ['notes.read'] },
  },
  {
    issuer: 'PingOne, a user',
    source: 'https://docs.pingidentity.com/pingone/applications/p1_c_access_tokens.html',
    claims: { ...PING, client_id: 'client0', sub: 'u0', scope: 'openid' },
    expected: { kind: 'user', subject: 'u0', clientId: 'client0' },
  },
  {
    issuer: 'IdentityServer, a machine, whose scopes are a list',
    source: 'https://docs.duendesoftware.com/identityserver/tokens/',
    claims: {
      iss: 'https://ids.example',
      aud: API,
      client_id: 'client0',
      scope: ['notes.read', 'notes.write'],
      ...times,
    },
    expected: {
      kind: 'machine',
      subject: 'client0',
      clientId: 'client0',
      scopes: ['notes.read', 'notes.write'],
    },
  },
  {
    issuer: 'any issuer by RFC 9068, a machine',
    source: 'https://www.rfc-editor.org/rfc/rfc9068#section-2.2',
    claims: {
      iss: 'https://idp.example',
      aud: API,
      sub: 'client0',
      client_id: 'client0',
      ...times,
    },
    expected: { kind: 'machine', subject: 'client0' },
  },
  {
    issuer: 'any issuer by RFC 9068, a user',
    source: 'https://www.rfc-editor.org/rfc/rfc9068#section-2.2',
    claims: { iss: 'https://idp.example', aud: API, sub: 'u0', client_id: 'client0', ...times },
    expected: { kind: 'user', subject: 'u0', clientId: 'client0' },
  },
  {
    issuer: 'any issuer that does not name the client, a user',
    source: 'https://openid.net/specs/openid-connect-core-1_0.html#IDToken',
    claims: { iss: 'https://idp.example', aud: API, sub: 'u0', ...times },
    expected: { kind: 'user', subject: 'u0' },
  },
  {
    issuer: 'Google, a service account',
    source: 'https://cloud.google.com/docs/authentication/token-types',
    claims: {
      iss: 'https://accounts.google.com',
      aud: API,
      azp: '1001',
      sub: '1001',
      email: 'robot@example.iam.gserviceaccount.com',
      email_verified: true,
      ...times,
    },
    expected: { kind: 'machine', subject: '1001', clientId: '1001' },
  },
  {
    issuer: 'a user pool, a user whose "preferred_username" is like that of a service account',
    source:
      'https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html',
    claims: {
      iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Examp1e00',
      token_use: 'id',
      aud: 'web',
      sub: 'u0',
      azp: 'web',
      client_id: 'web',
      preferred_username: 'service-account-web',
      gty: 'client-credentials',
      ...times,
    },
    expected: { kind: 'user', subject: 'u0' },
  },
]

const resolve = (claims: object, options: CallerOptions = {}): Promise<Caller>[] => [
  resolveCaller(eventFixtures['http-jwt'].event({ claims: { ...claims } }), options),
  resolveCaller(eventFixtures['http-open'].event({ token: 'x' }), {
    ...options,
    verifyToken: () => claims,
  }),
]

describe('a token of another issuer', () => {
  it.each(rows)('of $issuer is recognised as its kind', async ({ claims, expected }) => {
    for (const caller of await Promise.all(resolve(claims))) expect(caller).toMatchObject(expected)
  })

  it.each(rows.filter(({ expected }) => expected.kind === 'machine'))(
    'a token of another issuer of $issuer does not pass where users are let in',
    async ({ claims }) => {
      const gate = withCaller(() => ({ statusCode: 200 }), { kinds: ['user'] })
      const event = eventFixtures['http-jwt'].event({ claims })
      expect(await gate(event, {})).toMatchObject({ statusCode: 403 })
    },
  )

  it('has no client if the token names only its API', async () => {
    const [caller] = await Promise.all(resolve({ ...AUTH0, sub: 'auth0|1' }))
    expect(caller?.clientId).toBeUndefined()
  })

  it('with the name of a service account and nothing that confirms it is refused', async () => {
    const claims = { ...KEYCLOAK, sub: 'u2', azp: 'web', preferred_username: 'service-account-web' }
    for (const outcome of resolve(claims)) {
      await expect(outcome).rejects.toMatchObject({
        code: 'CALLER_MISMATCH',
        remedy: expect.stringContaining('"kindOf"'),
      })
    }
    for (const caller of await Promise.all(resolve(claims, { kindOf: () => 'user' }))) {
      expect(caller).toMatchObject({ kind: 'user', subject: 'u2' })
    }
  })

  it('is decided by "kindOf" if that returns a kind, and by the rules otherwise', async () => {
    const kindOf: CallerOptions['kindOf'] = ({ robot }) => (robot === 'yes' ? 'machine' : undefined)
    const claims = { iss: 'https://idp.example', sub: 'u0', azp: 'client0' }
    for (const caller of await Promise.all(resolve({ ...claims, robot: 'yes' }, { kindOf }))) {
      expect(caller).toMatchObject({ kind: 'machine', subject: 'client0' })
    }
    for (const caller of await Promise.all(resolve(claims, { kindOf }))) {
      expect(caller).toMatchObject({ kind: 'user', subject: 'u0' })
    }
  })
})

describe('authorizerContext for the claims of a JWT authorizer', () => {
  const claims = {
    ...OKTA,
    sub: 'alice@example.com',
    uid: '00u1',
    cid: 'client0',
    groups: ['Everyone', 'Site Admin'],
  }
  const event = eventFixtures['http-jwt'].event({ claims })

  it('names the claim that has the groups, and decides how its text is split', async () => {
    const options: CallerOptions = {
      authorizerContext: (given, { shape }) => {
        expect(shape).toBe('http-jwt')
        const groups =
          String(given['groups']) === '[Everyone Site Admin]' ? ['Everyone', 'Site Admin'] : []
        return { ...given, sub: given['uid'], 'cognito:groups': groups }
      },
    }
    expect(await resolveCaller(event, options)).toMatchObject({
      kind: 'user',
      subject: '00u1',
      clientId: 'client0',
      groups: ['Everyone', 'Site Admin'],
      proof: 'gateway',
    })
  })

  it('that returns the text as it is makes no group of it', async () => {
    const options: CallerOptions = {
      authorizerContext: (given) => ({ ...given, 'cognito:groups': given['groups'] }),
    }
    expect(await resolveCaller(event, options)).toMatchObject({
      groups: [],
      ambiguousClaims: ['cognito:groups'],
    })
  })

  it('that returns nothing leaves the claims as they are, and a constant principal without a name', async () => {
    const authorizerContext = (): undefined => undefined
    expect(await resolveCaller(event, { authorizerContext })).toMatchObject({
      subject: 'alice@example.com',
    })
    const constant = eventFixtures['rest-lambda'].event({ claims: { principalId: 'user' } })
    const options = { authorizerContext, verifyToken: (): undefined => undefined }
    await expect(resolveCaller(constant, options)).rejects.toMatchObject({ code: 'CALLER_MISSING' })
  })
})

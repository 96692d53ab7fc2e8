import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { FULL, fakePool, idToken, POOL, PROVIDER, READ, refuses, settle } from './fake-pool.ts'

/** Row by row the table of what Cognito Identity answers, and what a remedy has to name. */
const TABLE: [type: string, message: string, code: string, names: string[]][] = [
  [
    'NotAuthorizedException',
    'Invalid login token. Token expired: 1767225600 >= 1767225599',
    'ID_TOKEN_EXPIRED',
    ['ign in'],
  ],
  [
    'NotAuthorizedException',
    'Invalid login token. Missing a required claim: aud',
    'NOT_AN_ID_TOKEN',
    ['ID token', 'access token'],
  ],
  [
    'NotAuthorizedException',
    "Invalid login token. Issuer doesn't match providerName",
    'LOGIN_PROVIDER_MISMATCH',
    [PROVIDER, `https://${PROVIDER}`],
  ],
  [
    'NotAuthorizedException',
    'Token is not from a supported provider of this identity pool.',
    'LOGIN_PROVIDER_NOT_TRUSTED',
    [POOL, PROVIDER, 'app-client-id'],
  ],
  [
    'NotAuthorizedException',
    "Invalid login token. Couldn't verify signed token.",
    'ID_TOKEN_INVALID',
    ['unchanged'],
  ],
  // aws-amplify/aws-sdk-android#1431
  [
    'NotAuthorizedException',
    'Invalid login token. Not a Cognito token.',
    'ID_TOKEN_INVALID',
    ['unchanged'],
  ],
  [
    'NotAuthorizedException',
    "Logins don't match. Please include at least one valid login for this identity or identity pool.",
    'IDENTITY_LOGIN_MISMATCH',
    [POOL],
  ],
  [
    'NotAuthorizedException',
    `Access to Identity 'eu-central-1:11111111-2222-3333-4444-555555555555' is forbidden.`,
    'IDENTITY_DISABLED',
    [POOL],
  ],
  [
    'NotAuthorizedException',
    'Unauthenticated access is not supported for this identity pool.',
    'GUEST_NOT_ALLOWED',
    [POOL],
  ],
  [
    'NotAuthorizedException',
    `The ambiguous role mapping rules for: ${PROVIDER}:app-client-id denied this request.`,
    'ROLE_AMBIGUOUS',
    [FULL, READ],
  ],
  [
    'NotAuthorizedException',
    `Role ${FULL} is not allowed for this identity.`,
    'ROLE_NOT_HELD',
    ['cognito:roles'],
  ],
  ['NotAuthorizedException', 'Something new', 'FORBIDDEN', [POOL]],
  [
    'InvalidIdentityPoolConfigurationException',
    'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
    'ROLE_TRUST_INVALID',
    [POOL, 'trust', 'trust policy'],
  ],
  [
    'InvalidParameterException',
    'Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.',
    'CLASSIC_FLOW_BLOCKED',
    ['enhanced'],
  ],
  [
    'ResourceNotFoundException',
    `Identity 'eu-central-1:x' not found.`,
    'IDENTITY_NOT_FOUND',
    [POOL],
  ],
  [
    'ResourceNotFoundException',
    `IdentityPool '${POOL}' not found.`,
    'POOL_NOT_FOUND',
    [POOL, 'region'],
  ],
  [
    'ResourceConflictException',
    'Logins are already linked to another account',
    'LOGIN_CONFLICT',
    [POOL],
  ],
  ['TooManyRequestsException', 'Rate exceeded', 'THROTTLED', ['25']],
  ['LimitExceededException', 'Limit', 'QUOTA_EXHAUSTED', ['quota']],
  ['ExternalServiceException', 'The IdP did not answer', 'IDP_UNAVAILABLE', ['later']],
  ['InternalErrorException', 'Internal', 'SERVICE_UNAVAILABLE', ['later']],
  ['ValidationException', '1 validation error detected', 'REQUEST_INVALID', [POOL]],
]
const RETRYABLE = new Set(['THROTTLED', 'IDP_UNAVAILABLE', 'SERVICE_UNAVAILABLE'])

describe('a response that refuses', () => {
  test.each(TABLE)('%s, %s: %s with a remedy', async (type, message, code, names) => {
    for (const answer of [
      () => refuses(type, message),
      () =>
        new Response(JSON.stringify({ __type: `com.amazonaws#${type}`, Message: message }), {
          status: 400,
        }),
    ]) {
      const pool = fakePool(answer)
      const failed = pool
        .make()()
        .catch((error: unknown) => error)
      for (let i = 0; i < 4; i++) await pool.pass(1_000)
      const error = Object(await failed)
      expect(error).toMatchObject({ code, status: 400, retryable: RETRYABLE.has(code) })
      for (const name of names) expect(error.remedy).toContain(name)
      expect(error.message).toContain(message.slice(0, 20))
    }
  })

  test('carries the request ID', async () => {
    const pool = fakePool(() => refuses('ValidationException', 'no'))
    await expect(pool.make()()).rejects.toMatchObject({
      requestId: '11111111-2222-4333-8444-555555555555',
    })
  })
})

describe('secrets', () => {
  const shows = (value: unknown): string =>
    [
      inspect(value, { depth: 9, showHidden: true }),
      JSON.stringify(value) ?? '',
      String(value),
      value instanceof Error ? `${value.stack} ${inspect(value.cause, { depth: 9 })}` : '',
      typeof value === 'object' ? inspect({ ...value }) : '',
    ].join('\n')

  const expectNone = (shown: string, secrets: readonly string[]): void => {
    for (const secret of secrets) {
      for (const part of [...secret.split('.'), secret]) {
        for (let at = 0; at + 12 <= part.length; at += 4)
          expect(shown).not.toContain(part.slice(at, at + 12))
      }
    }
  }
  /** What is secret of a token: header and payload are readable by its owner, but no token may be rebuilt. */
  const ofToken = (token: string): string[] => [token.split('.')[2]!, token.split('.')[1]!]

  test('do not show in credentials, provider, status and events', async () => {
    const pool = fakePool()
    const events: unknown[] = []
    const provider = pool.make({ onEvent: (event) => events.push(event) })
    const credentials = await provider()
    await settle()
    const shown = [credentials, provider, provider.status(), events].map(shows).join('\n')
    expect(shown).toContain('ASIA1')
    expectNone(shown, [...pool.secrets, ...ofToken(pool.token!)])
  })

  test('do not show in any error, whatever the service echoes', async () => {
    const token = idToken()
    const SecretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
    const echoes = [
      ...TABLE.map(
        ([type, message]) =>
          () =>
            refuses(type, `${message} ${token} ${SecretKey}`),
      ),
      () => refuses(`Odd ${token}`, token),
      () => new Response(`{"SecretKey":"${SecretKey}" ${token}`, { status: 200 }),
      () => new Response(`${SecretKey} ${token}`, { status: 500 }),
      () => Response.json({ IdentityId: 'x', Credentials: { SecretKey, SessionToken: token } }),
      () => Response.json({ message: { token }, __type: [token] }, { status: 400 }),
    ]
    for (const echo of echoes) {
      const pool = fakePool(echo)
      const provider = pool.make()
      const failed = provider().catch((error: unknown) => error)
      for (let i = 0; i < 4; i++) await pool.pass(1_000)
      const error = await failed
      expect(error).toMatchObject({ name: 'IamFetchError' })
      expectNone(shows(error), [...ofToken(token), SecretKey])
      expectNone(shows(provider.status()), [...ofToken(token), SecretKey])
    }
    for (const bad of [
      token.slice(0, -60),
      `${token}x.y`,
      token.split('.').slice(0, 2).join('.'),
      idToken({ token_use: 'access' }),
    ]) {
      const pool = fakePool()
      pool.token = bad
      const error = await pool
        .make()()
        .catch((caught: unknown) => caught)
      expectNone(shows(error), bad.split('.').slice(1))
    }
  })
})

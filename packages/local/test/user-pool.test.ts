import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  call,
  people,
  refusalOf,
  serveIdentity,
  signedIn,
  type Answer,
  type Served,
} from './support/serve-identity.ts'
import { srpClient } from './support/srp-client.ts'

let stack: Served
let shifted = 0
beforeAll(async () => {
  stack = await serveIdentity()
})
afterEach(() => {
  stack.faults.shiftClock(-shifted)
  shifted = 0
})
afterAll(() => stack.stop())

const later = (ms: number): void => {
  shifted += ms
  stack.faults.shiftClock(ms)
}

const initiate = (AuthFlow: string, AuthParameters: unknown): Promise<Answer> =>
  call(stack.url, 'InitiateAuth', {
    ClientId: stack.identity.ids.userPoolClientId,
    AuthFlow,
    AuthParameters,
  })

const respond = (ChallengeResponses: unknown): Promise<Answer> =>
  call(stack.url, 'RespondToAuthChallenge', {
    ClientId: stack.identity.ids.userPoolClientId,
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeResponses,
  })

const refresh = (RefreshToken: string): Promise<Answer> =>
  call(stack.url, 'GetTokensFromRefreshToken', {
    ClientId: stack.identity.ids.userPoolClientId,
    RefreshToken,
  })

const poolName = (): string => stack.identity.ids.userPoolId.split('_')[1]!
const WRONG = ['NotAuthorizedException', 'Incorrect username or password.']

describe('parameters that are null', () => {
  it('count as not sent, as amazon-cognito-identity-js and Amplify v5 send DEVICE_KEY', async () => {
    const { RefreshToken } = await signedIn(stack, 'alice')
    const nothing = { DEVICE_KEY: null, SECRET_HASH: null }
    const { status } = await initiate('REFRESH_TOKEN_AUTH', {
      REFRESH_TOKEN: RefreshToken,
      ...nothing,
    })
    expect(status).toBe(200)
    expect(await refusalOf(initiate('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: null }))).toEqual([
      'InvalidParameterException',
      'Missing required parameter REFRESH_TOKEN',
    ])
  })
})

describe('signing in by SRP', () => {
  it('issues tokens to a user with the right password', async () => {
    const client = srpClient()
    const { password } = stack.identity.users['alice']!
    const asked = await initiate('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: client.A })
    expect(asked.body).toMatchObject({
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeParameters: { USERNAME: 'alice', USER_ID_FOR_SRP: 'alice' },
    })
    const answer = client.respond(asked.body.ChallengeParameters, {
      poolName: poolName(),
      password,
    })
    const { body } = await respond(answer)
    expect(body.AuthenticationResult).toMatchObject({ ExpiresIn: 3_600, TokenType: 'Bearer' })
    expect(decodeJwt(body.AuthenticationResult.IdToken)['cognito:username']).toBe('alice')
  })

  it('accepts a response to a challenge once', async () => {
    const client = srpClient()
    const { password } = stack.identity.users['alice']!
    const { body } = await initiate('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: client.A })
    const answer = client.respond(body.ChallengeParameters, { poolName: poolName(), password })
    expect((await respond(answer)).status).toBe(200)
    expect(await refusalOf(respond(answer))).toEqual(WRONG)
  })

  it('accepts a response to a challenge within three minutes', async () => {
    const client = srpClient()
    const { password } = stack.identity.users['alice']!
    const { body } = await initiate('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: client.A })
    later(180_000)
    const answer = client.respond(body.ChallengeParameters, { poolName: poolName(), password })
    expect(await refusalOf(respond(answer))).toEqual([
      'NotAuthorizedException',
      'Invalid session for the user, session is expired.',
    ])
  })

  it.each([
    ['the signature is another', { PASSWORD_CLAIM_SIGNATURE: Buffer.alloc(32).toString('base64') }],
    ['the signature is short', { PASSWORD_CLAIM_SIGNATURE: 'AA==' }],
    ['the time was changed after signing', { TIMESTAMP: 'Fri Nov 20 10:00:01 UTC 2026' }],
    ['it is for another user', { USERNAME: 'bob' }],
    ['its secret block is made up', { PASSWORD_CLAIM_SECRET_BLOCK: 'AAAA' }],
  ])('refuses an answer when %s', async (_, change) => {
    const client = srpClient()
    const { password } = stack.identity.users['alice']!
    const { body } = await initiate('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: client.A })
    const answer = client.respond(body.ChallengeParameters, { poolName: poolName(), password })
    expect(await refusalOf(respond({ ...answer, ...change }))).toEqual(WRONG)
  })

  it('refuses an A of zero, with which every client would know the key', async () => {
    const zero = 'f'.repeat(768)
    const { body } = await initiate('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: '0' })
    const parameters = { ...body.ChallengeParameters, SRP_B: zero }
    const answer = srpClient().respond(parameters, { poolName: poolName(), password: '' })
    const sent = { ...answer, PASSWORD_CLAIM_SECRET_BLOCK: body.ChallengeParameters.SECRET_BLOCK }
    const refused = respond(sent)
    expect(await refusalOf(refused)).toEqual(WRONG)
    expect((await refused).headers.get('x-local-reason')).toContain('RFC 5054')
  })

  it('asks a stranger as it asks a user, with the same salt each time', async () => {
    const one = await initiate('USER_SRP_AUTH', { USERNAME: 'eve', SRP_A: 'abc' })
    const two = await initiate('USER_SRP_AUTH', { USERNAME: 'eve', SRP_A: 'abc' })
    expect(one.body.ChallengeParameters.SALT).toMatch(/^[0-9a-f]{24,32}$/)
    expect(two.body.ChallengeParameters.SALT).toBe(one.body.ChallengeParameters.SALT)
    expect(two.body.ChallengeParameters.SRP_B).not.toBe(one.body.ChallengeParameters.SRP_B)
  })

  it('wants the time in the form of Cognito', async () => {
    const answer = {
      USERNAME: 'alice',
      PASSWORD_CLAIM_SECRET_BLOCK: 'AAAA',
      PASSWORD_CLAIM_SIGNATURE: 'AAAA',
      TIMESTAMP: '2026-11-20T10:00:00Z',
    }
    expect(await refusalOf(respond(answer))).toEqual([
      'InvalidParameterException',
      'TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.',
    ])
  })

  it.each(['', 'xyz', 'f'.repeat(771)])('wants a number for SRP_A, not %j', async (SRP_A) => {
    const [type] = await refusalOf(initiate('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A }))
    expect(type).toBe('InvalidParameterException')
  })
})

describe('signing in by password', () => {
  it.each([
    ['alice', 'wrong'],
    ['eve', 'wrong'],
    ['__proto__', 'wrong'],
  ])('refuses %s with a wrong one, in the same words', async (USERNAME, PASSWORD) => {
    expect(await refusalOf(initiate('USER_PASSWORD_AUTH', { USERNAME, PASSWORD }))).toEqual(WRONG)
  })

  it('takes the password of the definition, and makes one where there is none', async () => {
    expect(stack.identity.users['bob']!.password).toBe('Correct-horse-1')
    expect(stack.identity.users['alice']!.password).toMatch(
      /^[A-Z][a-z]{4}-[a-z]{4}-[a-z]{4}-[0-9]{4}$/,
    )
    expect((await signedIn(stack, 'bob')).IdToken).toMatch(/^eyJ/)
  })
})

describe('a call for tokens', () => {
  it.each([
    [{ USERNAME: 'alice' }, 'Missing required parameter PASSWORD'],
    [{ PASSWORD: 'x' }, 'Missing required parameter USERNAME'],
  ])('without a parameter names it', async (parameters, message) => {
    expect(await refusalOf(initiate('USER_PASSWORD_AUTH', parameters))).toEqual([
      'InvalidParameterException',
      message,
    ])
  })

  it.each(['CUSTOM_AUTH', 'toString'])('by %s is not supported', async (flow) => {
    expect(await refusalOf(initiate(flow, {}))).toEqual([
      'InvalidParameterException',
      'Initiate Auth method not supported.',
    ])
  })

  it('of another app client is refused', async () => {
    const body = { ClientId: 'abc', AuthFlow: 'USER_PASSWORD_AUTH' }
    expect(await refusalOf(call(stack.url, 'InitiateAuth', body))).toEqual([
      'ResourceNotFoundException',
      'User pool client abc does not exist.',
    ])
  })
})

describe('tokens', () => {
  it('are signed by a key that the pool publishes, at an address that works', async () => {
    const { ids } = stack.identity
    const { IdToken, AccessToken } = await signedIn(stack, 'alice')
    const path = `${stack.url}/${ids.userPoolId}/.well-known/openid-configuration`
    const configuration = await (await fetch(path)).json()
    expect(configuration.issuer).toBe(ids.issuer)
    const keys = createRemoteJWKSet(new URL(configuration.jwks_uri))
    const verified = await jwtVerify(IdToken, keys, {
      issuer: ids.issuer,
      audience: ids.userPoolClientId,
      algorithms: ['RS256'],
    })
    expect(verified.protectedHeader.kid).toBe((await stack.identity.jwks()).keys[0]!.kid)
    await jwtVerify(AccessToken, keys, { issuer: ids.issuer, algorithms: ['RS256'] })
  })

  it('publish the public half only', async () => {
    const { keys } = await stack.identity.jwks()
    expect(keys.map((key) => Object.keys(key).toSorted())).toEqual([
      ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    ])
  })

  it('say who it is', async () => {
    const { ids, users } = stack.identity
    const { IdToken, AccessToken } = await signedIn(stack, 'alice')
    const id = decodeJwt(IdToken)
    const access = decodeJwt(AccessToken)
    const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/)
    const role = 'arn:aws:iam::123456789012:role/FullAccessRole'
    const both = {
      sub: users['alice']!.sub,
      iss: ids.issuer,
      'cognito:groups': ['FullAccess'],
      origin_jti: uuid,
      event_id: uuid,
      jti: uuid,
      auth_time: expect.any(Number),
      iat: expect.any(Number),
      exp: id.iat! + 3_600,
    }
    expect(ids.issuer).toBe(`https://cognito-idp.eu-central-1.amazonaws.com/${ids.userPoolId}`)
    expect(id).toEqual({
      ...both,
      token_use: 'id',
      aud: ids.userPoolClientId,
      email: 'alice@example.com',
      email_verified: true,
      locale: 'de',
      'cognito:username': 'alice',
      'cognito:roles': [role],
      'cognito:preferred_role': role,
    })
    expect(access).toEqual({
      ...both,
      token_use: 'access',
      client_id: ids.userPoolClientId,
      scope: 'aws.cognito.signin.user.admin',
      username: 'alice',
    })
    expect(access.jti).not.toBe(id.jti)
  })

  it.each([
    ['carol', ['ReadOnlyAccess', 'FullAccess'], 'FullAccessRole', 'the lowest number wins'],
    ['torn', ['ReadOnlyAccess', 'Peer'], undefined, 'a tie has no winner'],
    ['unranked', ['Unranked'], undefined, 'a group without a number does not win'],
    ['nobody', undefined, undefined, 'without groups there are no roles'],
  ])(
    'tokens of %s prefer a role by precedence: %s → %s, for %s',
    async (name, groups, preferred, _why) => {
      const claims = decodeJwt((await signedIn(stack, name)).IdToken)
      const arn = (role: string): string => `arn:aws:iam::123456789012:role/${role}`
      expect(claims['cognito:groups']).toEqual(groups)
      expect(claims['cognito:roles']).toEqual(groups?.map((group) => arn(`${group}Role`)))
      expect(claims['cognito:preferred_role']).toBe(preferred && arn(preferred))
    },
  )

  it('prefer the role that both groups of a tie have', async () => {
    const { policy } = people.groups!['FullAccess']!
    const group = { precedence: 3, policy, roleName: 'Shared' }
    const shared = await serveIdentity({
      groups: { One: group, Two: group },
      users: { alice: { groups: ['One', 'Two'] } },
    })
    try {
      const claims = decodeJwt((await signedIn(shared, 'alice')).IdToken)
      expect(claims['cognito:roles']).toEqual(['arn:aws:iam::123456789012:role/Shared'])
      expect(claims['cognito:preferred_role']).toBe('arn:aws:iam::123456789012:role/Shared')
    } finally {
      await shared.stop()
    }
  })
})

describe('a refresh token', () => {
  it.each([
    ['GetTokensFromRefreshToken', refresh],
    [
      'REFRESH_TOKEN_AUTH',
      (token: string) => initiate('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: token }),
    ],
    ['REFRESH_TOKEN', (token: string) => initiate('REFRESH_TOKEN', { REFRESH_TOKEN: token })],
  ])('gives new tokens of the same sign-in through %s', async (_, again) => {
    const first = await signedIn(stack, 'alice')
    later(3_600_000)
    const { AuthenticationResult: second } = (await again(first.RefreshToken)).body
    const before = decodeJwt(first.IdToken)
    const after = decodeJwt(second.IdToken)
    expect(after).toEqual({
      ...before,
      iat: after.iat,
      exp: after.iat! + 3_600,
      jti: after.jti,
      event_id: after.event_id,
    })
    expect(after.jti).not.toBe(before.jti)
    expect(after.iat! - before.iat!).toBeGreaterThanOrEqual(3_600)
    expect(second.RefreshToken).toBeUndefined()
  })

  it.each(['', 'nonsense'])('that is %j is invalid', async (token) => {
    expect(await refusalOf(refresh(token))).toEqual([
      'NotAuthorizedException',
      'Invalid Refresh Token',
    ])
  })

  it('lasts thirty days', async () => {
    const { RefreshToken } = await signedIn(stack, 'alice')
    later(30 * 86_400_000)
    expect(await refusalOf(refresh(RefreshToken))).toEqual([
      'NotAuthorizedException',
      'Refresh Token has expired',
    ])
  })

  it('can be revoked, and takes the access token with it; other sign-ins stay', async () => {
    const one = await signedIn(stack, 'alice')
    const two = await signedIn(stack, 'alice')
    const ClientId = stack.identity.ids.userPoolClientId
    const revoked = { ClientId, Token: one.RefreshToken }
    expect((await call(stack.url, 'RevokeToken', revoked)).body).toEqual({})
    expect((await call(stack.url, 'RevokeToken', revoked)).body).toEqual({})
    expect(await refusalOf(refresh(one.RefreshToken))).toEqual([
      'NotAuthorizedException',
      'Refresh Token has been revoked',
    ])
    const { AccessToken } = one
    expect(await refusalOf(call(stack.url, 'GetUser', { AccessToken }))).toEqual([
      'NotAuthorizedException',
      'Access Token has been revoked',
    ])
    expect((await refresh(two.RefreshToken)).status).toBe(200)
  })

  it('is the only kind of token that can be revoked', async () => {
    const { AccessToken } = await signedIn(stack, 'alice')
    const ClientId = stack.identity.ids.userPoolClientId
    const [type] = await refusalOf(call(stack.url, 'RevokeToken', { ClientId, Token: AccessToken }))
    expect(type).toBe('UnsupportedTokenTypeException')
  })
})

describe('an access token', () => {
  it('returns the attributes of its user', async () => {
    const { AccessToken } = await signedIn(stack, 'alice')
    const { body } = await call(stack.url, 'GetUser', { AccessToken })
    expect(body).toEqual({
      Username: 'alice',
      UserAttributes: [
        { Name: 'sub', Value: stack.identity.users['alice']!.sub },
        { Name: 'email', Value: 'alice@example.com' },
        { Name: 'email_verified', Value: 'true' },
        { Name: 'locale', Value: 'de' },
      ],
    })
  })

  it('signs its user out everywhere', async () => {
    const [one, two] = await Promise.all([signedIn(stack, 'carol'), signedIn(stack, 'carol')])
    const bob = await signedIn(stack, 'bob')
    const { AccessToken } = one
    expect((await call(stack.url, 'GlobalSignOut', { AccessToken })).body).toEqual({})
    expect((await refusalOf(refresh(one.RefreshToken)))[1]).toBe('Refresh Token has been revoked')
    expect((await refusalOf(refresh(two.RefreshToken)))[1]).toBe('Refresh Token has been revoked')
    expect((await refresh(bob.RefreshToken)).status).toBe(200)
    expect((await signedIn(stack, 'carol')).IdToken).toMatch(/^eyJ/)
  })

  it('signs its user out everywhere, including sign-ins from before a change of groups', async () => {
    const before = await signedIn(stack, 'carol')
    const user = stack.identity.users['carol']!.username
    stack.faults.setGroups(user, [])
    onTestFinished(() => stack.faults.setGroups(user, [...people.users!['carol']!.groups!]))
    const after = await signedIn(stack, 'carol')
    await call(stack.url, 'GlobalSignOut', { AccessToken: after.AccessToken })
    expect((await refusalOf(refresh(after.RefreshToken)))[1]).toBe('Refresh Token has been revoked')
    expect((await refusalOf(refresh(before.RefreshToken)))[1]).toBe(
      'Refresh Token has been revoked',
    )
  })

  it('expires', async () => {
    const { AccessToken } = await signedIn(stack, 'alice')
    later(3_600_000)
    expect(await refusalOf(call(stack.url, 'GetUser', { AccessToken }))).toEqual([
      'NotAuthorizedException',
      'Access Token has expired',
    ])
  })

  it.each(['nothing', 'an ID token', 'a token that was altered'])(
    'has to be one: %s is refused',
    async (what) => {
      const { IdToken, AccessToken } = await signedIn(stack, 'alice')
      const tokens: Record<string, string> = {
        'an ID token': IdToken,
        'a token that was altered': AccessToken.replace(/.{5}$/, 'AAAAA'),
      }
      const answer = call(stack.url, 'GetUser', { AccessToken: tokens[what] })
      expect(await refusalOf(answer)).toEqual(['NotAuthorizedException', 'Invalid Access Token'])
    },
  )
})

describe('a browser', () => {
  it('may send what Amplify and the AWS SDK send, and read what they read', async () => {
    const preflight = await fetch(stack.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:3000',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-amz-target',
      },
    })
    expect(preflight.ok).toBe(true)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    const allowed = preflight.headers.get('access-control-allow-headers')!.split(',')
    expect(allowed).toEqual(
      expect.arrayContaining([
        'content-type',
        'x-amz-target',
        'x-amz-user-agent',
        'amz-sdk-invocation-id',
        'amz-sdk-request',
        'cache-control',
      ]),
    )
    const { headers } = await initiate('CUSTOM_AUTH', {})
    expect(headers.get('access-control-expose-headers')).toBe(
      'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date,x-local-reason',
    )
  })

  it('receives the time of the stack', async () => {
    later(7_200_000)
    const { headers } = await initiate('CUSTOM_AUTH', {})
    const ahead = Date.parse(headers.get('date')!) - Date.now()
    expect(Math.abs(ahead - 7_200_000)).toBeLessThan(5_000)
  })
})

describe('a refusal', () => {
  it('never repeats a token or a password', async () => {
    const { IdToken } = await signedIn(stack, 'alice')
    const sent = [
      initiate('USER_PASSWORD_AUTH', { USERNAME: 'alice', PASSWORD: 'hunter2-hunter2' }),
      call(stack.url, 'GetUser', { AccessToken: IdToken }),
      refresh('hunter2-hunter2'),
      call(stack.url, 'GetUser', `{"AccessToken":"hunter2-hunter2`),
    ]
    for (const { status, headers, body } of await Promise.all(sent)) {
      expect(status).toBe(400)
      const said = JSON.stringify([body, [...headers]])
      expect(said).not.toContain('hunter2')
      expect(said).not.toContain(IdToken.split('.')[2])
    }
  })
})

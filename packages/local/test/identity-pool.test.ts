import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { chooseRole } from '../src/cognito-identity-pool/role-choice.ts'
import {
  call,
  people,
  refusalOf,
  serveIdentity,
  signedIn,
  type Answer,
  type Served,
} from './support/serve-identity.ts'

let stack: Served
let other: Served
let shifted = 0
beforeAll(async () => {
  stack = await serveIdentity()
  other = await serveIdentity({
    ...people,
    identityPool: {
      ambiguousRoleResolution: 'AuthenticatedRole',
      authenticatedRole: { roleName: 'Signed', policy: people.groups!['FullAccess']!.policy },
      unauthenticatedRole: { roleName: 'Guest', policy: people.groups!['FullAccess']!.policy },
      sessionSeconds: 900,
    },
  })
})
afterEach(() => {
  stack.faults.shiftClock(-shifted)
  shifted = 0
})
afterAll(() => Promise.all([stack.stop(), other.stop()]))

const later = (ms: number): void => {
  shifted += ms
  stack.faults.shiftClock(ms)
}

const getId = (token?: string, { ids } = stack.identity, url = stack.url): Promise<Answer> =>
  call(url, 'GetId', {
    IdentityPoolId: ids.identityPoolId,
    ...(token && { Logins: { [ids.provider]: token } }),
  })

const getCredentials = (
  IdentityId: string,
  token?: string,
  more: Record<string, unknown> = {},
  { ids } = stack.identity,
  url = stack.url,
): Promise<Answer> =>
  call(url, 'GetCredentialsForIdentity', {
    IdentityId,
    ...(token && { Logins: { [ids.provider]: token } }),
    ...more,
  })

/** The whole exchange. */
const exchange = async (
  token: string | undefined,
  more: Record<string, unknown> = {},
  at: Served = stack,
): Promise<Answer> => {
  const { body } = await getId(token, at.identity, at.url)
  return getCredentials(body.IdentityId, token, more, at.identity, at.url)
}

const roleOf = (at: Served, { body }: Answer): string =>
  at.identity.sessions.find(body.Credentials.AccessKeyId)!.role.name

describe('an exchange', () => {
  it('issues credentials of the role of the group, whose expiry is a number of seconds', async () => {
    const { IdToken } = await signedIn(stack, 'bob')
    const sub = stack.identity.users['bob']!.sub
    const { ids, sessions } = stack.identity
    const before = Math.floor(Date.now() / 1_000)
    const { status, body } = await exchange(IdToken)
    expect(status).toBe(200)
    expect(body).toEqual({
      IdentityId: expect.stringMatching(/^eu-central-1:[0-9a-f-]{36}$/),
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA[A-Z0-9]{16}$/),
        SecretKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
        SessionToken: expect.stringMatching(/^IQoJ[A-Za-z0-9+/=]{500,}$/),
        Expiration: expect.any(Number),
      },
    })
    const life = body.Credentials.Expiration - before
    expect(life === 3_600 || life === 3_601).toBe(true)
    expect(sessions.find(body.Credentials.AccessKeyId)).toMatchObject({
      identity: {
        identityId: body.IdentityId,
        identityPoolId: ids.identityPoolId,
        sub,
        amr: ['authenticated', ids.provider, `${ids.provider}:CognitoSignIn:${sub}`],
      },
      role: {
        arn: 'arn:aws:iam::123456789012:role/ReadOnlyAccessRole',
        id: expect.stringMatching(/^AROA[A-Z0-9]{17}$/),
      },
    })
  })

  it('returns the same identity for a login each time, and another one for every user', async () => {
    const [alice, again, bob] = await Promise.all(
      ['alice', 'alice', 'bob'].map(async (name) => {
        const { IdToken } = await signedIn(stack, name)
        return (await getId(IdToken)).body.IdentityId
      }),
    )
    expect(again).toBe(alice)
    expect(bob).not.toBe(alice)
  })

  it('lasts as long as the definition says', async () => {
    const { IdToken } = await signedIn(other, 'bob')
    const { body } = await exchange(IdToken, {}, other)
    expect(body.Credentials.Expiration * 1_000 - Date.now()).toBeLessThanOrEqual(900_000)
  })
})

describe('the role of a session', () => {
  it.each([
    ['carol', 'FullAccessRole', 'is that of the group with the lowest precedence'],
    ['unranked', 'UnrankedRole', 'is the only one, though no group is preferred'],
  ])('%s: %s %s', async (name, role) => {
    const { IdToken } = await signedIn(stack, name)
    expect(roleOf(stack, await exchange(IdToken))).toBe(role)
  })

  it('is the requested one, if the token contains it', async () => {
    const { IdToken } = await signedIn(stack, 'torn')
    const CustomRoleArn = 'arn:aws:iam::123456789012:role/PeerRole'
    expect(roleOf(stack, await exchange(IdToken, { CustomRoleArn }))).toBe('PeerRole')
  })

  it('is not the requested one, if the token does not contain it', async () => {
    const { IdToken } = await signedIn(stack, 'bob')
    const CustomRoleArn = 'arn:aws:iam::123456789012:role/FullAccessRole'
    expect(await refusalOf(exchange(IdToken, { CustomRoleArn }))).toEqual([
      'NotAuthorizedException',
      `Role ${CustomRoleArn} is not allowed for this identity.`,
    ])
  })

  it.each(['torn', 'nobody'])('is refused for %s, for whom it is ambiguous', async (name) => {
    const { IdToken } = await signedIn(stack, name)
    const { provider, userPoolClientId } = stack.identity.ids
    expect(await refusalOf(exchange(IdToken))).toEqual([
      'NotAuthorizedException',
      `The ambiguous role mapping rules for: ${provider}:${userPoolClientId} denied this request.`,
    ])
  })

  it.each(['torn', 'nobody'])(
    'is the default one for %s where the pool resolves the ambiguous so',
    async (name) => {
      const { IdToken } = await signedIn(other, name)
      expect(roleOf(other, await exchange(IdToken, {}, other))).toBe('Signed')
    },
  )

  it('is the default one for everybody in a pool without role mapping', async () => {
    const plain = await serveIdentity({ ...people, identityPool: { roleMapping: 'none' } })
    try {
      const { IdToken } = await signedIn(plain, 'alice')
      expect(roleOf(plain, await exchange(IdToken, {}, plain))).toBe('AuthenticatedRole')
    } finally {
      await plain.stop()
    }
  })

  it('is that of the group for members of a group whose role would have the name of the default role', async () => {
    const named = await serveIdentity({
      ...people,
      groups: { ...people.groups, Authenticated: { policy: people.groups!['FullAccess']!.policy } },
      users: { ...people.users, ann: { groups: ['Authenticated'] } },
      identityPool: { ambiguousRoleResolution: 'AuthenticatedRole' },
    })
    try {
      const [ofGroup, byDefault] = await Promise.all(
        ['ann', 'nobody'].map(async (name) => {
          const { IdToken } = await signedIn(named, name)
          return roleOf(named, await exchange(IdToken, {}, named))
        }),
      )
      expect([ofGroup, byDefault]).toEqual(['AuthenticatedRole', 'PoolAuthenticatedRole'])
    } finally {
      await named.stop()
    }
  })

  it.each([
    ['another audience', { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu:other' } }],
    [
      'guests only',
      { 'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'unauthenticated' } },
    ],
    ['one identity only', { StringEquals: { 'cognito-identity.amazonaws.com:sub': 'eu:nobody' } }],
  ])('is not given out when its trust policy wants %s', async (_, Condition) => {
    const { policy } = people.groups!['FullAccess']!
    const Statement = {
      Effect: 'Allow' as const,
      Principal: { Federated: 'cognito-identity.amazonaws.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition,
    }
    const strict = await serveIdentity({
      groups: { Strict: { precedence: 1, policy, trust: { Version: '2012-10-17', Statement } } },
      users: { alice: { groups: ['Strict'] } },
    })
    try {
      const { IdToken } = await signedIn(strict, 'alice')
      const answer = exchange(IdToken, {}, strict)
      expect(await refusalOf(answer)).toEqual([
        'InvalidIdentityPoolConfigurationException',
        'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
      ])
      expect((await answer).headers.get('x-local-reason')).toContain('StrictRole')
    } finally {
      await strict.stop()
    }
  })
})

describe('a login is refused', () => {
  it('when its token has expired', async () => {
    const { IdToken } = await signedIn(stack, 'bob')
    later(3_600_000)
    const [type, message] = await refusalOf(getId(IdToken))
    expect(type).toBe('NotAuthorizedException')
    const [, now, exp] = /^Invalid login token\. Token expired: (\d+) >= (\d+)$/.exec(message)!
    expect(Number(now)).toBeGreaterThanOrEqual(Number(exp))
  })

  it('when it is an access token', async () => {
    const { AccessToken } = await signedIn(stack, 'bob')
    expect(await refusalOf(getId(AccessToken))).toEqual([
      'NotAuthorizedException',
      'Invalid login token. Missing a required claim: aud',
    ])
  })

  it('when the key of the login is not the issuer', async () => {
    const { IdToken } = await signedIn(stack, 'bob')
    const Logins = { 'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Wrong': IdToken }
    const { identityPoolId: IdentityPoolId } = stack.identity.ids
    expect(await refusalOf(call(stack.url, 'GetId', { IdentityPoolId, Logins }))).toEqual([
      'NotAuthorizedException',
      "Invalid login token. Issuer doesn't match providerName",
    ])
  })

  it('when it is from a user pool that the identity pool does not know', async () => {
    const { IdToken } = await signedIn(other, 'bob')
    const Logins = { [other.identity.ids.provider]: IdToken }
    const { identityPoolId: IdentityPoolId } = stack.identity.ids
    expect(await refusalOf(call(stack.url, 'GetId', { IdentityPoolId, Logins }))).toEqual([
      'NotAuthorizedException',
      'Token is not from a supported provider of this identity pool.',
    ])
  })

  it.each([
    ['other claims', (h: string, c: string, s: string) => [h, moved(c, { sub: 'eve' }), s]],
    ['a later expiry', (h: string, c: string, s: string) => [h, moved(c, { exp: 9e9 }), s]],
    ['no algorithm', (h: string, c: string) => [moved(h, { alg: 'none' }), c, '']],
    ['another algorithm', (h: string, c: string, s: string) => [moved(h, { alg: 'HS256' }), c, s]],
    ['another key', (h: string, c: string, s: string) => [moved(h, { kid: 'mine' }), c, s]],
    ['no signature', (h: string, c: string) => [h, c, '']],
  ])('when its token was altered: %s', async (_, alter) => {
    const { IdToken } = await signedIn(stack, 'bob')
    const [header = '', claims = '', signature = ''] = IdToken.split('.')
    const altered = alter(header, claims, signature).join('.')
    expect(await refusalOf(getId(altered))).toEqual([
      'NotAuthorizedException',
      "Invalid login token. Couldn't verify signed token.",
    ])
  })

  it('when it is not a token', async () => {
    expect(await refusalOf(getId('not-a-token'))).toEqual([
      'NotAuthorizedException',
      'Invalid login token. Not a valid OpenId Connect identity token.',
    ])
  })

  it('when the user has signed out since', async () => {
    const { IdToken, AccessToken } = await signedIn(stack, 'bob')
    await call(stack.url, 'GlobalSignOut', { AccessToken })
    expect(await refusalOf(getId(IdToken))).toEqual([
      'NotAuthorizedException',
      'Invalid login token. Token has been revoked.',
    ])
  })

  it('at the exchange as well, where the identity is known already', async () => {
    const { IdToken } = await signedIn(stack, 'bob')
    const { body } = await getId(IdToken)
    later(3_600_000)
    const [, message] = await refusalOf(getCredentials(body.IdentityId, IdToken))
    expect(message).toMatch(/Token expired/)
  })
})

describe('an identity', () => {
  it('that belongs to another user is refused', async () => {
    const alice = await signedIn(stack, 'alice')
    const bob = await signedIn(stack, 'bob')
    const { body } = await getId(alice.IdToken)
    expect(await refusalOf(getCredentials(body.IdentityId, bob.IdToken))).toEqual([
      'NotAuthorizedException',
      "Logins don't match. Please include at least one valid login for this identity or identity pool.",
    ])
  })

  it('of a user is refused without a login', async () => {
    const { IdToken } = await signedIn(stack, 'alice')
    const { body } = await getId(IdToken)
    const [, message] = await refusalOf(getCredentials(body.IdentityId))
    expect(message).toMatch(/^Logins don't match/)
  })

  it('that is unknown is not found', async () => {
    const { IdToken } = await signedIn(stack, 'alice')
    const id = 'eu-central-1:00000000-0000-4000-8000-000000000000'
    expect(await refusalOf(getCredentials(id, IdToken))).toEqual([
      'ResourceNotFoundException',
      `Identity '${id}' not found.`,
    ])
  })

  it('that was deleted is not found, and its login gets a new one', async () => {
    const { IdToken } = await signedIn(stack, 'alice')
    const { IdentityId } = (await getId(IdToken)).body
    stack.faults.deleteIdentity(IdentityId)
    expect(await refusalOf(getCredentials(IdentityId, IdToken))).toEqual([
      'ResourceNotFoundException',
      `Identity '${IdentityId}' not found.`,
    ])
    const renewed = await exchange(IdToken)
    expect(renewed.status).toBe(200)
    expect(renewed.body.IdentityId).not.toBe(IdentityId)
  })

  it('that was disabled is forbidden, and its login gets a new one', async () => {
    const { IdToken } = await signedIn(stack, 'alice')
    const { IdentityId } = (await getId(IdToken)).body
    stack.faults.disableIdentity(IdentityId)
    expect(await refusalOf(getCredentials(IdentityId, IdToken))).toEqual([
      'NotAuthorizedException',
      `Access to Identity '${IdentityId}' is forbidden.`,
    ])
    expect((await exchange(IdToken)).status).toBe(200)
  })
})

describe('guests', () => {
  it('are refused by a pool without a role for them', async () => {
    expect(await refusalOf(getId())).toEqual([
      'NotAuthorizedException',
      'Unauthenticated access is not supported for this identity pool.',
    ])
  })

  it('get their role where there is one, each with their own identity', async () => {
    const one = await exchange(undefined, {}, other)
    const two = await exchange(undefined, {}, other)
    expect(roleOf(other, one)).toBe('Guest')
    expect(other.identity.sessions.find(one.body.Credentials.AccessKeyId)!.identity!.amr).toEqual([
      'unauthenticated',
    ])
    expect(two.body.IdentityId).not.toBe(one.body.IdentityId)
  })

  it('cannot choose a role', async () => {
    const CustomRoleArn = 'arn:aws:iam::123456789012:role/FullAccessRole'
    const [type] = await refusalOf(exchange(undefined, { CustomRoleArn }, other))
    expect(type).toBe('NotAuthorizedException')
  })

  it('keep their identity when they sign in for the first time', async () => {
    const guest = (await getId(undefined, other.identity, other.url)).body.IdentityId
    const { IdToken } = await signedIn(other, 'unranked')
    const signed = await getCredentials(guest, IdToken, {}, other.identity, other.url)
    expect(signed.body.IdentityId).toBe(guest)
    expect(roleOf(other, signed)).toBe('UnrankedRole')
    expect((await getId(IdToken, other.identity, other.url)).body.IdentityId).toBe(guest)
  })

  it('lose it when the login has an identity already: the two are merged', async () => {
    const { IdToken } = await signedIn(other, 'carol')
    const known = (await getId(IdToken, other.identity, other.url)).body.IdentityId
    const guest = (await getId(undefined, other.identity, other.url)).body.IdentityId
    const signed = await getCredentials(guest, IdToken, {}, other.identity, other.url)
    expect(signed.body.IdentityId).toBe(known)
    const afterwards = getCredentials(guest, undefined, {}, other.identity, other.url)
    expect((await refusalOf(afterwards))[1]).toBe(`Access to Identity '${guest}' is forbidden.`)
  })
})

describe('a malformed call', () => {
  it.each([
    [{}, /Value null at 'identityPoolId'.*must not be null$/],
    [{ IdentityPoolId: 'nonsense' }, /Value 'nonsense' at 'identityPoolId'.*regular expression/],
  ])('without a good pool ID is a validation error', async (body, expected) => {
    const [type, message] = await refusalOf(call(stack.url, 'GetId', body))
    expect(type).toBe('ValidationException')
    expect(message).toMatch(expected)
  })

  it('for another pool says so', async () => {
    const IdentityPoolId = 'eu-central-1:00000000-0000-4000-8000-000000000000'
    expect(await refusalOf(call(stack.url, 'GetId', { IdentityPoolId }))).toEqual([
      'ResourceNotFoundException',
      `IdentityPool '${IdentityPoolId}' not found.`,
    ])
  })

  it.each(['', 'nonsense', '[]', 'null', '{"IdentityPoolId":1}', '{"Logins":{"a":1}}'])(
    'with the body %j is refused',
    async (body) => {
      const poolId = `{"IdentityPoolId":"${stack.identity.ids.identityPoolId}",`
      const [type] = await refusalOf(
        call(stack.url, 'GetId', body.replace('{"Logins"', `${poolId}"Logins"`)),
      )
      expect(type).toBe('SerializationException')
    },
  )

  it('of the classic flow is refused, for the pool maps roles', async () => {
    expect(await refusalOf(call(stack.url, 'GetOpenIdToken', {}))).toEqual([
      'InvalidParameterException',
      'Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.',
    ])
  })

  it('of an unknown operation is refused with the operations that there are', async () => {
    const { status, headers, body } = await call(stack.url, 'constructor', {})
    const { __type: type } = body
    expect([status, type]).toEqual([400, 'UnknownOperationException'])
    expect(body.message).toMatch(
      /^The local stack does not support the operation constructor of AWSCognitoIdentityProviderService\. It supports .*\bInitiateAuth\b.*\bSignUp\b/,
    )
    expect(headers.get('x-local-reason')).toBe(
      'no AWSCognitoIdentityProviderService.constructor here',
    )
  })
})

/** The part of a token with some members changed. */
const moved = (part: string, change: object): string =>
  Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(part, 'base64url').toString()), ...change }),
  ).toString('base64url')

it('a rule on a claim that no token has, also one that every object inherits, leads to no role', () => {
  for (const claim of ['constructor', '__proto__', 'toString', 'team']) {
    const question = {
      claims: { sub: 'u' },
      customRoleArn: undefined,
      mapping: { roleMapping: 'rules', ambiguousRoleResolution: 'AuthenticatedRole' } as const,
      rules: [{ claim, match: 'NotEqual', value: 'x', roleArn: 'arn:of:rule' } as const],
      authenticatedRole: 'arn:by:default',
      provider: 'provider:client',
    }
    expect(chooseRole(question)).toBe('arn:by:default')
  }
})

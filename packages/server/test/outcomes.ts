import { generateKeyPair, type CryptoKey } from 'jose'
import { aliceClaims, fixtureIds, machineClaims } from '../src/fixtures.ts'
import type { EventChange, FixtureName } from '../src/fixtures.ts'
import { identityHeader, type Caller, type CallerOptions } from '../src/index.ts'
import {
  albToken,
  clock,
  loadBalancer,
  machineToken,
  poolToken,
  trust,
  userPool,
} from './tokens.ts'

const { userPoolId, clientId, machineClientId, identityId, identityPoolId } = fixtureIds
const issuer = `https://cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`
/** Alice. */
export const sub: string = String(aliceClaims['sub'])
const now = clock.now() / 1_000
const otherSub = 'b0b00000-1111-4222-8333-444444444444'
/** A key that is not trusted. */
export const strangerKey: CryptoKey = (await generateKeyPair('RS256')).privateKey
const strangerEcKey = (await generateKeyPair('ES256')).privateKey

const aliceAccess = {
  ...aliceClaims,
  token_use: 'access',
  client_id: clientId,
  aud: undefined,
  username: 'alice',
}
const groups = ['FullAccess', 'Editors']
const alice = {
  kind: 'user',
  subject: sub,
  username: 'alice',
  email: 'alice@example.com',
  emailVerified: true,
  groups,
  clientId,
  issuer,
}
const { clientId: _client, ...aliceNoClient } = alice
const aliceOfAlb = { ...aliceNoClient, groups: [] }
/** The fixtures' machine, as a caller. */
export const machine: Partial<Caller> = {
  kind: 'machine',
  subject: machineClientId,
  clientId: machineClientId,
  groups: [],
  scopes: ['premium/read', 'premium/write'],
  issuer,
}
const signedIn = { kind: 'user', subject: sub, identityId, identityPoolId, groups: [], scopes: [] }
const guest = { kind: 'guest', subject: identityId, identityPoolId, groups: [], scopes: [] }
const role = {
  kind: 'role',
  subject: 'arn:aws:sts::123456789012:assumed-role/DeployRole',
  groups: [],
}

type Change = EventChange | (() => Promise<EventChange>)
/** An event and its outcome: who called, or the code of the refusal. */
export type Row = [
  shape: FixtureName,
  what: string,
  change: Change,
  options: CallerOptions,
  outcome: object | string,
]

/** A header with an extension that has to be understood (RFC 7515 §4.1.11). */
const critical = {
  header: { crit: ['urn:example'], 'urn:example': 1 },
  crit: { 'urn:example': true },
}

const token = (made: () => Promise<string>) => async () => ({ token: await made() })
const companion = (made: () => Promise<string>, claims?: EventChange['claims']) => async () => ({
  headers: { [identityHeader]: await made() },
  ...(claims && { claims }),
})
const none = {}

/** Two groups in the text of the gateway: a REST API's cannot be told from one group with a comma in its name. */
const twoGroups = (shape: FixtureName): Partial<Caller> =>
  shape === 'rest-cognito' ? { groups: [], ambiguousClaims: ['cognito:groups'] } : { groups }

/** The gateway verified a token and passes its claims on. */
const authorizer = (shape: FixtureName): Row[] => [
  [shape, 'an ID token', none, none, { ...alice, ...twoGroups(shape), proof: 'gateway', shape }],
  [
    shape,
    'an ID token of a trusted pool',
    none,
    trust,
    { ...alice, ...twoGroups(shape), proof: 'gateway', shape },
  ],
  [
    shape,
    'an access token',
    { claims: aliceAccess },
    trust,
    { kind: 'user', subject: sub, username: 'alice', ...twoGroups(shape), clientId },
  ],
  [shape, 'a machine token', { claims: machineClaims }, trust, { ...machine, proof: 'gateway' }],
  [
    shape,
    'a machine token with groups in it',
    { claims: { ...machineClaims, 'cognito:groups': groups } },
    trust,
    machine,
  ],
  [
    shape,
    'one group',
    { claims: { ...aliceClaims, 'cognito:groups': ['Only'] } },
    none,
    { groups: ['Only'] },
  ],
  [
    shape,
    'no group',
    { claims: { ...aliceClaims, 'cognito:groups': undefined } },
    none,
    { groups: [] },
  ],
  [
    shape,
    'another pool',
    { claims: { ...aliceClaims, iss: `${issuer}x` } },
    trust,
    'TOKEN_INVALID',
  ],
  [shape, 'no issuer', { claims: { ...aliceClaims, iss: undefined } }, trust, 'TOKEN_INVALID'],
  [
    shape,
    'another app client',
    { claims: { ...aliceClaims, aud: 'other' } },
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'an ID token where access tokens are asked for',
    none,
    { userPools: [{ userPoolId, clientIds: null, tokenUse: 'access' }] },
    'TOKEN_INVALID',
  ],
  [
    shape,
    'an access token where ID tokens are asked for',
    { claims: { ...aliceClaims, token_use: 'access', client_id: clientId } },
    { userPools: [{ userPoolId, clientIds: [clientId], tokenUse: 'id' }] },
    'TOKEN_INVALID',
  ],
  [shape, 'no subject', { claims: { ...aliceClaims, sub: undefined } }, none, 'CALLER_MISSING'],
  [
    shape,
    'a machine that names a user',
    { claims: { ...machineClaims, username: 'alice' } },
    none,
    'CALLER_MISMATCH',
  ],
  [
    shape,
    'claims where a token is to be verified here',
    none,
    { ...trust, proof: 'verified' },
    'CALLER_UNPROVEN',
  ],
  [
    shape,
    'the same token, verified here',
    token(poolToken),
    { ...trust, proof: 'verified' },
    { ...alice, proof: 'verified', shape },
  ],
  [
    shape,
    'an ID token that came along, of a trusted pool',
    token(poolToken),
    trust,
    { ...alice, proof: shape === 'rest-cognito' ? 'verified' : 'gateway', shape },
  ],
  [
    shape,
    'another token of the user',
    token(() => poolToken({ jti: 'other' })),
    { ...trust, proof: 'verified' },
    'CALLER_MISMATCH',
  ],
  [
    shape,
    "another user's token",
    token(() => poolToken({ sub: otherSub })),
    { ...trust, proof: 'verified' },
    'CALLER_MISMATCH',
  ],
]

/** The gateway verified a signature. */
const signature = (shape: FixtureName): Row[] => [
  [shape, 'a user of a trusted pool', none, trust, { ...signedIn, proof: 'gateway', shape }],
  [shape, 'a user, of no pool that is named', none, none, 'CALLER_NOT_TRUSTED'],
  [
    shape,
    'a user of another pool',
    { claims: { sub, iss: `${issuer}x` } },
    trust,
    'CALLER_NOT_TRUSTED',
  ],
  [
    shape,
    'a user of a pool with a longer name',
    { claims: { sub, iss: `https://evil-cognito-idp.eu-central-1.amazonaws.com/${userPoolId}` } },
    trust,
    'CALLER_NOT_TRUSTED',
  ],
  [
    shape,
    'a user through a trusted identity pool',
    none,
    { ...trust, identityPools: [identityPoolId] },
    signedIn,
  ],
  [
    shape,
    'a user through another identity pool',
    none,
    { ...trust, identityPools: ['eu-central-1:0'] },
    'CALLER_NOT_TRUSTED',
  ],
  [shape, 'a sub that is none', { claims: { sub: 'a:b' } }, trust, 'CALLER_MISMATCH'],
  [shape, 'an empty sub', { claims: { sub: '' } }, trust, 'CALLER_MISMATCH'],
  [
    shape,
    'a user, where a token is to be verified',
    none,
    { ...trust, proof: 'verified' },
    'CALLER_UNPROVEN',
  ],
  [
    shape,
    'a user with the own ID token',
    companion(poolToken),
    { ...trust, proof: 'verified' },
    { ...alice, identityId, identityPoolId, proof: 'verified', shape },
  ],
  [
    shape,
    "a user with another user's ID token",
    companion(() => poolToken({ sub: otherSub })),
    trust,
    'CALLER_MISMATCH',
  ],
  [
    shape,
    'a user with an access token',
    companion(() => poolToken(aliceAccess)),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a user with an expired ID token',
    companion(() => poolToken({ exp: 1_767_225_601 })),
    trust,
    'TOKEN_EXPIRED',
  ],
  [
    shape,
    'a user with an ID token that another key signed',
    companion(() => poolToken({}, { key: strangerKey })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a user with an ID token of an unknown pool',
    companion(() => poolToken({ iss: `${issuer}x` })),
    trust,
    'TOKEN_INVALID',
  ],
  [shape, 'a user with text for an ID token', companion(async () => 'x'), trust, 'TOKEN_INVALID'],
]

const noUser = (shape: FixtureName, who: object): Row[] => [
  [shape, 'no user', none, none, { ...who, proof: 'gateway' }],
  [shape, 'no user, with pools to trust', none, trust, who],
  [shape, "no user, and a user's ID token", companion(poolToken), trust, 'CALLER_MISMATCH'],
  [shape, "no user, and a user's token in Authorization", token(poolToken), trust, who],
]

/** The token was not verified on the way. */
const passedThrough = (shape: FixtureName): Row[] => [
  [shape, 'an ID token', token(poolToken), trust, { ...alice, proof: 'verified', shape: 'bearer' }],
  [
    shape,
    'an access token',
    token(() => poolToken(aliceAccess)),
    trust,
    { kind: 'user', subject: sub, username: 'alice', groups },
  ],
  [shape, 'a machine token', token(machineToken), trust, { ...machine, proof: 'verified' }],
  [
    shape,
    'the global form of the issuer',
    token(() => poolToken({ iss: issuer.replace('//', '//issuer-') })),
    trust,
    { subject: sub },
  ],
  [shape, 'an ID token, and no pool to verify it with', token(poolToken), none, 'CALLER_UNPROVEN'],
  [
    shape,
    'an ID token that is not verified, where that is enough',
    token(poolToken),
    { proof: 'none' },
    { ...alice, proof: 'none' },
  ],
  [
    shape,
    'a bad token, where none would be enough, but there is a pool',
    token(() => poolToken({}, { key: strangerKey })),
    { ...trust, proof: 'none' },
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a token that another key signed',
    token(() => poolToken({}, { key: strangerKey })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a token of an unknown key',
    token(() => poolToken({}, { header: { kid: 'other' } })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'an expired token',
    token(() => poolToken({ exp: 1_767_225_601 })),
    trust,
    'TOKEN_EXPIRED',
  ],
  [
    shape,
    'a token that never expires',
    token(() => poolToken({ exp: undefined })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a token that is not valid yet',
    token(() => poolToken({ nbf: 1_767_229_199 })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a token that is valid from this second on',
    token(() => poolToken({ nbf: now })),
    trust,
    { subject: sub },
  ],
  [shape, 'a token that ends now', token(() => poolToken({ exp: now })), trust, 'TOKEN_EXPIRED'],
  [
    shape,
    'a token of another issuer',
    token(() => poolToken({ iss: 'https://example.com' })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a token without issuer',
    token(() => poolToken({ iss: undefined })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a token of another app client',
    token(() => poolToken({ aud: 'other' })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'any app client, where all are taken',
    token(() => poolToken({ aud: 'other' })),
    { ...trust, userPools: [{ ...userPool, clientIds: null }] },
    { subject: sub, clientId: 'other' },
  ],
  [
    shape,
    'a token for another use',
    token(() => poolToken({ token_use: 'refresh' })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'an ID token where access tokens are asked for',
    token(poolToken),
    {
      ...trust,
      userPools: [{ ...userPool, clientIds: null, tokenUse: 'access' }],
    },
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a token with an extension that has to be understood',
    token(() => poolToken({}, critical)),
    trust,
    'TOKEN_INVALID',
  ],
  [shape, 'text', { token: 'not-a-token' }, trust, 'TOKEN_INVALID'],
  [
    shape,
    'a signature in place of a token',
    { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } },
    trust,
    'CALLER_MISSING',
  ],
  [
    shape,
    'two tokens',
    async () => ({
      headers: { authorization: await poolToken(), Authorization: await machineToken() },
    }),
    trust,
    'CALLER_MISMATCH',
  ],
]

const open = (shape: FixtureName): Row[] => [
  [shape, 'nothing', none, trust, 'CALLER_MISSING'],
  [
    shape,
    'an identity that is only a header',
    { headers: { 'x-amzn-oidc-identity': sub } },
    trust,
    'CALLER_MISSING',
  ],
  [shape, 'an ID token without a signature', companion(poolToken), trust, 'CALLER_MISSING'],
]

const lambda = (shape: FixtureName): Row[] => [
  [shape, "a user's claims", none, none, { ...alice, proof: 'gateway', shape }],
  [shape, "a machine's claims", { claims: machineClaims }, none, machine],
  [
    shape,
    'a client ID alone',
    { claims: { clientId: 'c1', principalId: 'c1', scopes: 'a b' } },
    none,
    { kind: 'machine', subject: 'c1', scopes: ['a', 'b'] },
  ],
  [
    shape,
    'words of its own',
    { claims: { principalId: 'u1', who: 'u2', groups: 'a,b' } },
    {
      authorizerContext: ({ who, groups: text }) => ({
        sub: who,
        'cognito:groups': String(text).split(','),
      }),
    },
    { subject: 'u2', groups: ['a', 'b'] },
  ],
  [
    shape,
    'groups as a text with commas, which may be one group',
    { claims: { principalId: 'u1', groups: 'a,b' } },
    none,
    { subject: 'u1', groups: [], ambiguousClaims: ['cognito:groups'] },
  ],
  [
    shape,
    'a constant principal, and a token of a trusted pool',
    async () => ({ claims: { principalId: 'user' }, token: await poolToken() }),
    trust,
    { ...alice, proof: 'verified', shape: 'bearer' },
  ],
  [
    shape,
    'a constant principal, and a token that another key signed',
    async () => ({
      claims: { principalId: 'user' },
      token: await poolToken({}, { key: strangerKey }),
    }),
    trust,
    'TOKEN_INVALID',
  ],
  [
    shape,
    'a constant principal, and no token',
    { claims: { principalId: 'user' } },
    trust,
    'CALLER_MISSING',
  ],
  [
    shape,
    'a constant principal for every user of one client, and no token',
    { claims: { principalId: 'user', clientId: 'c1' } },
    trust,
    'CALLER_MISSING',
  ],
  [
    shape,
    'a subject of the authorizer, with pools to trust',
    { claims: { principalId: 'user', sub: 'u1' } },
    trust,
    { subject: 'u1', proof: 'gateway', shape },
  ],
  [
    shape,
    'a principal and groups',
    { claims: { principalId: 'u1', groups: ['a'] } },
    none,
    { kind: 'user', subject: 'u1', groups: ['a'] },
  ],
]

/** Every shape of event and every outcome. */
export const rows: readonly Row[] = [
  ...authorizer('rest-cognito'),
  ...authorizer('http-jwt'),
  ...authorizer('http-jwt-1.0'),
  ...signature('http-iam'),
  ...signature('function-url-iam'),
  ...signature('rest-iam'),
  ...signature('http-iam-1.0'),
  ...noUser('http-iam-guest', guest),
  ...noUser('rest-iam-guest', guest),
  ...noUser('http-iam-role', role),
  ...noUser('rest-iam-role', role),
  ...lambda('rest-lambda'),
  ...lambda('http-lambda'),
  [
    'http-lambda',
    'nothing but yes, and a token',
    async () => ({ claims: {}, token: await poolToken() }),
    trust,
    { ...alice, proof: 'verified' },
  ],
  ['http-lambda', 'nothing but yes', { claims: {} }, trust, 'CALLER_MISSING'],
  ...passedThrough('http-open'),
  ...passedThrough('rest-open'),
  ...passedThrough('alb-jwt'),
  ...open('http-open'),
  ...open('rest-open'),
  [
    'alb-oidc',
    'a user',
    token(albToken),
    trust,
    { ...aliceOfAlb, proof: 'verified', shape: 'alb-oidc' },
  ],
  [
    'alb-oidc',
    'a user, and no load balancer to trust',
    token(albToken),
    { userPools: trust.userPools, clock },
    'CALLER_UNPROVEN',
  ],
  [
    'alb-oidc',
    'a user, no load balancer to trust, and a token of the pool next to it',
    async () => ({
      token: await albToken(),
      headers: { authorization: `Bearer ${await poolToken()}` },
    }),
    { userPools: trust.userPools, clock },
    { ...alice, proof: 'verified', shape: 'bearer' },
  ],
  [
    'alb-oidc',
    'a user, where no proof is enough',
    token(albToken),
    { proof: 'none' },
    { subject: sub, proof: 'none' },
  ],
  [
    'alb-oidc',
    'a user of the second client of a load balancer',
    token(() => albToken({}, { header: { client: 'two' } })),
    { ...trust, loadBalancers: [loadBalancer, { ...loadBalancer, clientId: 'two' }] },
    { subject: sub, proof: 'verified', clientId: 'two' },
  ],
  [
    'alb-oidc',
    'a user of one of the clients of a load balancer',
    token(() => albToken({}, { header: { client: 'two' } })),
    { ...trust, loadBalancers: [{ ...loadBalancer, clientId: ['one', 'two'] }] },
    { subject: sub, proof: 'verified' },
  ],
  [
    'alb-oidc',
    'a user of the second identity provider of a load balancer',
    token(() =>
      albToken({ iss: 'https://idp.example' }, { header: { iss: 'https://idp.example' } }),
    ),
    {
      ...trust,
      loadBalancers: [loadBalancer, { ...loadBalancer, issuer: 'https://idp.example' }],
    },
    { subject: sub, issuer: 'https://idp.example' },
  ],
  [
    'alb-oidc',
    'the client of one identity provider with the issuer of the other',
    token(() =>
      albToken({ iss: 'https://idp.example' }, { header: { iss: 'https://idp.example' } }),
    ),
    {
      ...trust,
      loadBalancers: [
        loadBalancer,
        { ...loadBalancer, clientId: 'two', issuer: 'https://idp.example' },
      ],
    },
    'TOKEN_INVALID',
  ],
  [
    'alb-oidc',
    'a header with another issuer than the payload',
    token(() => albToken({}, { header: { iss: 'https://evil.example' } })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    'alb-oidc',
    'a header that has expired, with a later "exp" in the user info',
    token(() => albToken({ exp: now + 99_999 }, { header: { exp: now - 100 } })),
    trust,
    'TOKEN_EXPIRED',
  ],
  [
    'alb-oidc',
    'a header without "exp"',
    token(() => albToken({}, { header: { exp: undefined } })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    'alb-oidc',
    'an extension that has to be understood',
    token(() => albToken({}, critical)),
    trust,
    'TOKEN_INVALID',
  ],
  [
    'alb-oidc',
    "another customer's load balancer",
    token(() => albToken({}, { header: { signer: `${fixtureIds.albArn}x` } })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    'alb-oidc',
    'another client',
    token(() => albToken({}, { header: { client: 'other' } })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    'alb-oidc',
    'another issuer',
    token(() => albToken({ iss: 'https://example.com' })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    'alb-oidc',
    'another key signed it',
    token(() => albToken({}, { key: strangerEcKey })),
    trust,
    'TOKEN_INVALID',
  ],
  [
    'alb-oidc',
    'it has expired',
    token(() => albToken({ exp: 1_767_225_601 })),
    trust,
    'TOKEN_EXPIRED',
  ],
  [
    'alb-oidc',
    'it has expired, says the header',
    token(() => albToken({ exp: undefined }, { header: { exp: 1_767_225_601 } })),
    trust,
    'TOKEN_EXPIRED',
  ],
  ['alb-oidc', "the pool's own token in its place", token(poolToken), trust, 'TOKEN_INVALID'],
]

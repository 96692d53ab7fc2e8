import { createHmac } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { aliceClaims, eventFixtures, fixtureIds, type FixtureName } from '../src/fixtures.ts'
import { resolveCaller } from '../src/index.ts'
import {
  albToken,
  clock,
  loadBalancer,
  machineToken,
  poolToken,
  trust,
  userPool,
} from './tokens.ts'

// What a security review tried in vain: every attack of it stays refused. The counts at the end must not shrink.

const alice = String(aliceClaims['sub'])
const bob = 'b0b00000-1111-4222-8333-444444444444'
const { clientId, identityId, identityPoolId, userPoolId } = fixtureIds
const issuer = String(aliceClaims['iss'])
const now = clock.now() / 1_000
const stranger = await generateKeyPair('RS256', { extractable: true })
const strangerJwk = await exportJWK(stranger.publicKey)
const publicJwk: object = Object(userPool.jwks).keys[0]

/** Returns who the caller is, or the code of the refusal. Anything but a typed refusal fails the test. */
async function outcomeOf(event: unknown): Promise<string> {
  try {
    return (await resolveCaller(event, trust)).subject
  } catch (error) {
    const { name, code } = Object(error)
    if (name === 'IamFetchError' && typeof code === 'string') return code
    throw error
  }
}

const base64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const good = await poolToken()
const [head = '', body = '', signature = ''] = good.split('.')
const kid: unknown = JSON.parse(Buffer.from(head, 'base64url').toString()).kid
const withHeader = (header: object): string =>
  `${base64url({ alg: 'RS256', kid, ...header })}.${body}.${signature}`
const hmac = (secret: string): string => {
  const data = `${base64url({ alg: 'HS256', kid })}.${body}`
  return `${data}.${createHmac('sha256', secret).update(data).digest('base64url')}`
}
const byStranger = (header: Record<string, unknown>) =>
  poolToken({}, { key: stranger.privateKey, header })

/** Tokens that are not Alice's, or not for this API. */
const tokens: [attack: string, token: string | Promise<string>][] = [
  ...['none', 'None', 'NONE', 'nOnE', '', 'HS256', 'RS384', 'RS512', 'PS256', 'ES256', 'EdDSA'].map(
    (alg): [string, string] => [`the algorithm "${alg}" in the header`, withHeader({ alg })],
  ),
  ['no algorithm', `${base64url({ kid })}.${body}.${signature}`],
  ['the algorithm none without a signature', `${base64url({ alg: 'none', kid })}.${body}.`],
  ['the algorithm none and two parts', `${base64url({ alg: 'none' })}.${body}`],
  ['the public key as secret of an HMAC', hmac(JSON.stringify(publicJwk))],
  ['the modulus as secret of an HMAC', hmac(String(Object(publicJwk).n))],
  ['an empty secret of an HMAC', hmac('')],
  ['the key of a stranger', byStranger({})],
  ['the key of a stranger in the header', byStranger({ jwk: strangerJwk })],
  ['the address of a key set in the header', byStranger({ jku: 'https://evil.example/jwks.json' })],
  ['the address of a certificate in the header', byStranger({ x5u: 'https://evil.example/x.pem' })],
  ['a certificate in the header', byStranger({ x5c: ['AAAA'] })],
  ['an unknown key ID', byStranger({ kid: 'evil' })],
  ['a path as key ID', byStranger({ kid: '../../dev/null' })],
  ['an address as key ID', byStranger({ kid: 'https://evil.example/jwks.json' })],
  ['a statement as key ID', byStranger({ kid: "' OR '1'='1" })],
  ['the name of a prototype property as key ID', byStranger({ kid: '__proto__' })],
  ['an empty key ID', byStranger({ kid: '' })],
  ['a list as key ID', withHeader({ kid: [kid] })],
  ['a number as key ID', withHeader({ kid: 0 })],
  ['no key ID', withHeader({ kid: undefined })],
  [
    'the payload of another user',
    `${head}.${base64url({ ...aliceClaims, sub: bob })}.${signature}`,
  ],
  [
    'another group in the payload',
    `${head}.${base64url({ ...aliceClaims, 'cognito:groups': ['Admins'] })}.${signature}`,
  ],
  ['a header that is changed', withHeader({ typ: 'JWT' })],
  ['an empty signature', `${head}.${body}.`],
  ['a signature that is cut', `${head}.${body}.${signature.slice(0, -8)}`],
  ['a signature of zeros', `${head}.${body}.${'A'.repeat(signature.length)}`],
  [
    'the signature of another token',
    machineToken().then((other) => `${head}.${body}.${other.split('.')[2]}`),
  ],
  ['four parts', `${good}.${signature}`],
  ['five parts, as an encrypted token has', `${head}.${body}.${signature}.${body}.${signature}`],
  ['one part', head],
  ['two tokens with a space', `${good} ${good}`],
  ['two tokens with a comma', `${good},${good}`],
  ['a token in quotes', `"${good}"`],
  ['a token after an invisible character', `\u200b${good}`],
  ['a token with a character of another alphabet', `${head}.${body}.${signature.slice(0, -1)}+`],
  ['a token with a line break in it', `${head}.\n${body}.${signature}`],
  ['a list as payload', `${head}.${base64url([aliceClaims])}.${signature}`],
  ['null as payload', `${head}.${base64url('null')}.${signature}`],
  ['half a JSON as payload', `${head}.${base64url('{"sub":"')}.${signature}`],
  ['a text as header', `${base64url('"RS256"')}.${body}.${signature}`],
  ['20,000 characters', `${head}.${'A'.repeat(20_000)}.${signature}`],
  [
    'an extension that has to be understood',
    poolToken({}, { header: { crit: ['b64'], b64: true }, crit: { b64: true } }),
  ],
  ...[
    `${issuer}/`,
    `${issuer}x`,
    issuer.toUpperCase(),
    issuer.replace('https', 'http'),
    `${issuer}#`,
    `${issuer}?`,
    ` ${issuer}`,
    'https://cognito-idp.eu-central-1.amazonaws.com',
    `https://evil.example/${userPoolId}`,
    `${issuer}@evil.example`,
    issuer.replace('eu-central-1.', 'eu-west-1.'),
    `https://evil-${issuer.slice(8)}`,
  ].map((iss): [string, Promise<string>] => [`the issuer "${iss}"`, poolToken({ iss })]),
  ['a list of issuers', poolToken({ iss: [issuer] })],
  ['no issuer', poolToken({ iss: undefined })],
  ['another client', poolToken({ aud: 'other' })],
  ['a list of clients', poolToken({ aud: [clientId] })],
  ['a list of clients with this one', poolToken({ aud: ['other', clientId] })],
  ['no client', poolToken({ aud: undefined })],
  ['an access token of another client', poolToken({ token_use: 'access', client_id: 'other' })],
  ['an access token that has the client in "aud"', poolToken({ token_use: 'access' })],
  [
    'an ID token that has the client in "client_id"',
    poolToken({ aud: undefined, client_id: clientId }),
  ],
  ['no use', poolToken({ token_use: undefined })],
  ['the use "refresh"', poolToken({ token_use: 'refresh' })],
  ['a list of uses', poolToken({ token_use: ['id'] })],
  ['no expiry', poolToken({ exp: undefined })],
  ['an expiry that is a text', poolToken({ exp: `${now + 600}` })],
  ['an expiry that is null', poolToken({ exp: null })],
  ['an expiry in the past', poolToken({ exp: now - 1 })],
  ['an expiry of this second', poolToken({ exp: now })],
  ['an expiry before 1970', poolToken({ exp: -1 })],
  ['a start in the future', poolToken({ nbf: now + 1 })],
  ['a start that is a text', poolToken({ nbf: '0' })],
  ['no subject', poolToken({ sub: undefined })],
  ['an empty subject', poolToken({ sub: '' })],
  ['a number as subject', poolToken({ sub: 1 })],
  ['a subject with a line break', poolToken({ sub: `${alice}\n` })],
  ['a subject with a zero', poolToken({ sub: `${alice}\u0000` })],
  ['an endless subject', poolToken({ sub: 'a'.repeat(3_000) })],
]

/** Tokens of a load balancer that are not Alice's, or not for this API. */
const albTokens: [attack: string, token: string | Promise<string>][] = [
  ['another load balancer', albToken({}, { header: { signer: `${loadBalancer.albArn}x` } })],
  ['a list of load balancers', albToken({}, { header: { signer: [loadBalancer.albArn] } })],
  ['no load balancer', albToken({}, { header: { signer: undefined } })],
  ['another client', albToken({}, { header: { client: 'other' } })],
  ['a list of clients', albToken({}, { header: { client: [clientId] } })],
  ['no client', albToken({}, { header: { client: undefined } })],
  ['another issuer in the header', albToken({}, { header: { iss: 'https://evil.example' } })],
  ['another issuer in the payload', albToken({ iss: 'https://evil.example' })],
  ['no issuer in the header', albToken({}, { header: { iss: undefined } })],
  ['no issuer in the payload', albToken({ iss: undefined })],
  ['an expiry in the past in the header', albToken({}, { header: { exp: now - 1 } })],
  ['an expiry in the past in the payload', albToken({ exp: now - 1 })],
  ['an expiry that is a text in the header', albToken({}, { header: { exp: `${now + 60}` } })],
  ['no expiry in the header', albToken({}, { header: { exp: undefined } })],
  ['an unknown key ID', albToken({}, { header: { kid: 'abb8289f-e3a4-4a34-9472-c2105e2b2483' } })],
  ["the user pool's token", good],
  [
    'a signature of zeros',
    albToken().then((token) => `${token.slice(0, token.lastIndexOf('.'))}.${'A'.repeat(86)}`),
  ],
  [
    'the algorithm none',
    albToken().then(
      (token) =>
        `${base64url({ alg: 'none', signer: loadBalancer.albArn, client: clientId, iss: issuer, exp: now + 60 })}.${token.split('.')[1]}.x`,
    ),
  ],
]

describe.each<FixtureName>(['http-open', 'rest-open', 'alb-jwt'])(
  'a forged token in an event of the shape %s',
  (shape) => {
    it.each(tokens)('with %s is refused', async (_, token) => {
      const outcome = await outcomeOf(eventFixtures[shape].event({ token: await token }))
      expect(outcome).toMatch(/^(TOKEN_INVALID|TOKEN_EXPIRED|CALLER_MISSING)$/)
    })
  },
)

describe('a forged "x-amzn-oidc-data"', () => {
  it.each(albTokens)('with %s is refused', async (_, token) => {
    const outcome = await outcomeOf(eventFixtures['alb-oidc'].event({ token: await token }))
    expect(outcome).toMatch(/^(TOKEN_INVALID|TOKEN_EXPIRED)$/)
  })
})

/** What Alice's proof would look like, for the places in which a gateway does not write it. */
const hers = {
  claims: { ...aliceClaims },
  jwt: { claims: { ...aliceClaims } },
  lambda: { sub: alice },
  principalId: alice,
  sub: alice,
}
const contextJson = JSON.stringify({ authorizer: { jwt: hers.jwt } })

/** Ways to write Alice's proof into the parts of an event that a client controls. */
const places: [
  place: string,
  change: (event: Record<string, unknown>) => Record<string, unknown>,
][] = [
  ...[
    ['x-amzn-oidc-identity', alice],
    ['x-amzn-oidc-accesstoken', good],
    ['x-amzn-request-context', contextJson],
    ['x-amzn-requestcontext', contextJson],
    ['x-amzn-lambda-context', contextJson],
    ['x-apigateway-event', JSON.stringify({ requestContext: { authorizer: hers } })],
    ['x-apigateway-context', contextJson],
    ['x-forwarded-user', alice],
    ['x-remote-user', alice],
    ['x-user-id', alice],
    ['x-auth-request-user', alice],
    ['cookie', `token=${good}`],
    ['x-authorization', `Bearer ${good}`],
    ['proxy-authorization', `Bearer ${good}`],
    ['authorization ', good],
    ['x-api-key', good],
    ['x-amz-security-token', good],
  ].map(([name = '', value = '']): (typeof places)[number] => [
    `the header "${name}"`,
    (event) => ({ ...event, headers: { ...Object(event['headers']), [name]: value } }),
  ]),
  [
    'the query',
    (event) => ({ ...event, queryStringParameters: { authorization: good, sub: alice } }),
  ],
  [
    'the body',
    (event) => ({ ...event, body: JSON.stringify({ requestContext: { authorizer: hers } }) }),
  ],
  [
    'the path parameters',
    (event) => ({ ...event, pathParameters: { authorizer: alice, sub: alice } }),
  ],
  ['the cookies', (event) => ({ ...event, cookies: [`authorization=${good}`] })],
  ['a key "authorizer" of the event', (event) => ({ ...event, authorizer: hers })],
  [
    'a key "claims" of the event',
    (event) => ({ ...event, claims: aliceClaims, identity: { sub: alice } }),
  ],
  [
    'the prototype of the event',
    (event) => Object.assign(Object.create({ requestContext: { authorizer: hers } }), event),
  ],
]

const provenShapes: [FixtureName, expected: string][] = [
  ['rest-cognito', bob],
  ['http-jwt', bob],
  ['http-jwt-1.0', bob],
  ['http-iam', bob],
  ['http-iam-1.0', bob],
  ['function-url-iam', bob],
  ['rest-iam', bob],
  ['rest-lambda', bob],
  ['http-lambda', bob],
  ['http-iam-guest', identityId],
  ['rest-iam-guest', identityId],
  ['http-iam-role', 'arn:aws:sts::123456789012:assumed-role/DeployRole'],
  ['rest-iam-role', 'arn:aws:sts::123456789012:assumed-role/DeployRole'],
  ['http-open', 'CALLER_MISSING'],
  ['rest-open', 'CALLER_MISSING'],
  ['alb-jwt', 'CALLER_MISSING'],
]

describe.each(provenShapes)('in an event of the shape %s', (shape, expected) => {
  it.each(places)('%s does not change who called', async (_, change) => {
    const claims = { ...aliceClaims, sub: bob, 'cognito:groups': ['Readers'] }
    const event = change(eventFixtures[shape].event({ claims }))
    expect(await outcomeOf(event)).toBe(expected)
  })
})

describe('an event that names two callers', () => {
  const jwt = { claims: { ...aliceClaims } }
  const userArn = 'arn:aws:sts::123456789012:assumed-role/R/s'
  const cognitoIdentity = { amr: ['authenticated'], identityId, identityPoolId }
  it.each<[string, object]>([
    ['a token and a signature', { authorizer: { jwt, iam: { userArn } } }],
    ['a token and a Lambda authorizer', { authorizer: { jwt, lambda: { sub: bob } } }],
    ['a token of each kind of authorizer', { authorizer: { jwt, claims: aliceClaims } }],
    [
      'claims and a signature of a REST API',
      { authorizer: { claims: aliceClaims }, identity: { userArn } },
    ],
    [
      'two signatures',
      { authorizer: { iam: { userArn, cognitoIdentity } }, identity: { userArn } },
    ],
    [
      'a signature and a Lambda authorizer',
      { authorizer: { iam: { userArn }, lambda: { sub: bob } } },
    ],
  ])('an event that names two callers by %s is refused', async (_, requestContext) => {
    for (const version of ['2.0', '1.0', undefined]) {
      expect(await outcomeOf({ version, requestContext })).toBe('CALLER_MISMATCH')
    }
  })

  it.each<[string, object]>([
    ['two spellings of the header', { authorization: good, Authorization: `Bearer ${good}x` }],
    [
      'a token and a signature in the header',
      { authorization: good, Authorization: 'AWS4-HMAC-SHA256 x' },
    ],
    ['two values of the header', { authorization: [good, `${good}x`] }],
  ])('an event that names two callers by %s is refused', async (_, headers) => {
    for (const name of ['headers', 'multiValueHeaders']) {
      expect(await outcomeOf({ [name]: headers })).toBe('CALLER_MISMATCH')
    }
  })
})

it('the suites have at least the 97 forgeries and 198 attacks that were tried', () => {
  expect(tokens.length + albTokens.length).toBeGreaterThanOrEqual(97)
  expect(provenShapes.length * places.length + 9).toBeGreaterThanOrEqual(198)
})

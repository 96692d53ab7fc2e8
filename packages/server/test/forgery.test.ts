import { cpuMs } from '@iamfetch/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aliceClaims, eventFixtures, fixtureIds, type FixtureName } from '../src/fixtures.ts'
import { identityHeader, readList, resolveCaller, type Caller } from '../src/index.ts'
import { machineToken, poolToken, trust, userPool } from './tokens.ts'

const { userPoolId, identityId, identityPoolId } = fixtureIds
const provider = `cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`
const alice = String(aliceClaims['sub'])
const bob = 'b0b00000-1111-4222-8333-444444444444'
const runs = { numRuns: 500 }

/** Who it is, or the code of the refusal. Anything but a typed refusal fails the test. */
const outcomeOf = async (event: unknown, options: object = trust): Promise<Caller | string> =>
  resolveCaller(event, options).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code === 'string') return code
    throw error
  })

/** Pieces of which an attacker would put together a login that looks like Alice's. */
const piece = fc.constantFrom(
  provider,
  `${provider}:CognitoSignIn:${alice}`,
  `https://${provider}:CognitoSignIn:${alice}`,
  `CognitoSignIn:${alice}`,
  ':CognitoSignIn:',
  alice,
  'accounts.google.com',
  'accounts.google.com:aud:',
  'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Evil00000',
  `evil.example/${provider}`,
  `${userPoolId}:CognitoSignIn:${alice}`,
  '/',
  ':',
  ',',
  ' ',
  '\n',
  '\u0000',
)
const crafted = fc.oneof(
  fc.string(),
  fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
)

const restIam = (provided: unknown, type: unknown = 'authenticated'): object => ({
  requestContext: {
    identity: {
      userArn: 'arn:aws:sts::123456789012:assumed-role/R/CognitoIdentityCredentials',
      cognitoIdentityId: identityId,
      cognitoIdentityPoolId: identityPoolId,
      cognitoAuthenticationType: type,
      cognitoAuthenticationProvider: provided,
    },
  },
})
const httpIam = (amr: unknown): object => ({
  version: '2.0',
  requestContext: {
    authorizer: {
      iam: {
        userArn: 'arn:aws:sts::123456789012:assumed-role/R/CognitoIdentityCredentials',
        cognitoIdentity: { amr, identityId, identityPoolId },
      },
    },
  },
})

describe('a login of another provider', () => {
  it("never makes its owner Alice, however its subject is spelt (REST API's text)", async () => {
    const foreign = fc.constantFrom(
      'accounts.google.com',
      'oidc.example',
      'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Evil00000',
    )
    await fc.assert(
      fc.asyncProperty(foreign, crafted, async (name, subject) => {
        // What AWS would write: the provider, then the provider with the subject it gave.
        const text = `${name},${name}:CognitoSignIn:${subject}`
        for (const options of [trust, { ...trust, identityPools: [identityPoolId] }]) {
          const outcome = await outcomeOf(restIam(text), options)
          expect(typeof outcome === 'string' || outcome.subject === identityId).toBe(true)
        }
      }),
      runs,
    )
  })

  it('never makes its owner Alice in an HTTP API’s list, split at its commas or not', async () => {
    await fc.assert(
      fc.asyncProperty(crafted, fc.boolean(), async (subject, split) => {
        const login = `oidc.example:aud:${subject}`
        const logins = ['oidc.example', ...(split ? login.split(',') : [login])]
        const outcome = await outcomeOf(httpIam(['authenticated', ...logins]))
        expect(outcome).toBeTypeOf('string')
      }),
      runs,
    )
  })
})

describe('the logins of an identity pool that is trusted', () => {
  const foreign = 'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Evil00000'
  it.each([
    ['another provider alone', 'authenticated', ['accounts.google.com'], identityId],
    [
      "another user pool's next to another provider's",
      'authenticated',
      ['accounts.google.com', foreign, `${foreign}:CognitoSignIn:${alice}`],
      'CALLER_NOT_TRUSTED',
    ],
    ['none, though it signed in', 'authenticated', [], 'CALLER_MISMATCH'],
    ['one of a guest', 'unauthenticated', ['accounts.google.com'], 'CALLER_MISMATCH'],
    ['of a kind that is none', 'anything', ['accounts.google.com'], 'CALLER_MISMATCH'],
  ])('%s', async (_, type, logins, expected) => {
    const options = { ...trust, identityPools: [identityPoolId] }
    for (const event of [httpIam([type, ...logins]), restIam(logins.join(','), type)]) {
      const outcome = await outcomeOf(event, options)
      expect(typeof outcome === 'string' ? outcome : outcome.subject).toBe(expected)
    }
  })
})

it('a crafted list of logins names Alice only if it is exactly hers', async () => {
  const exact = (logins: readonly string[]): boolean => {
    const plain = logins.map((login) => login.replace(/^https:\/\//, ''))
    const hers = `${provider}:CognitoSignIn:${alice}`
    return plain.includes(hers) && plain.every((login) => login === provider || login === hers)
  }
  await fc.assert(
    fc.asyncProperty(fc.array(crafted, { maxLength: 4 }), async (logins) => {
      const inList = await outcomeOf(httpIam(['authenticated', ...logins]))
      expect(typeof inList !== 'string' && inList.subject === alice).toBe(
        exact(logins) && logins.filter((login) => login.endsWith(alice)).length === 1,
      )
      const text = logins.join(',')
      const inText = await outcomeOf(restIam(text))
      const isAlice = typeof inText !== 'string' && inText.subject === alice
      expect(!isAlice || exact(text.split(','))).toBe(true)
    }),
    runs,
  )
})

describe('groups', () => {
  // What Cognito allows in the name of a group: everything but white space and control characters.
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => !/[\s\p{C}\p{Z}]/u.test(text))

  it('of an HTTP API are those of the token and no others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 6 }), (groups) => {
        expect(readList(`[${groups.join(' ')}]`, 'spaces')).toEqual(groups)
      }),
      runs,
    )
  })

  it('of a REST API are those of the token, or cannot be determined', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 6 }), (groups) => {
        const text = groups.join(',')
        expect(readList(text, 'commas')).toEqual(text.includes(',') ? undefined : groups)
      }),
      runs,
    )
  })

  it('come from no other claim, whatever a user writes into the own attributes', async () => {
    const attribute = fc.constantFrom(
      'name',
      'nickname',
      'custom:groups',
      'groups',
      'email',
      'cognito:groups ',
      'COGNITO:GROUPS',
      '__proto__',
      'profile',
      'scope ',
    )
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '[Admins]',
        'Admins',
        '["Admins"]',
        '{"cognito:groups":["Admins"]}',
        '","cognito:groups":"Admins',
      ),
    )
    const shapes: FixtureName[] = ['rest-cognito', 'http-jwt', 'http-jwt-1.0']
    await fc.assert(
      fc.asyncProperty(fc.dictionary(attribute, value), async (attributes) => {
        for (const shape of shapes) {
          const claims = { ...attributes, ...aliceClaims }
          const outcome = await outcomeOf(eventFixtures[shape].event({ claims }))
          const groups = shape === 'rest-cognito' ? [] : ['FullAccess', 'Editors']
          expect(outcome).toMatchObject({ subject: alice, groups, scopes: [] })
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('headers', () => {
  it('name no caller if the gateway named another', async () => {
    const hers = await poolToken()
    const machine = await machineToken()
    const header = fc.constantFrom(
      'authorization',
      'x-amzn-oidc-data',
      'x-amzn-oidc-identity',
      'x-amzn-oidc-accesstoken',
      'x-user-id',
      'x-forwarded-user',
      'x-amzn-requestcontext',
      'cookie',
    )
    const value = fc.oneof(fc.string(), fc.constantFrom(hers, `Bearer ${hers}`, machine, alice))
    const shapes: FixtureName[] = [
      'rest-cognito',
      'http-jwt',
      'http-jwt-1.0',
      'http-iam',
      'function-url-iam',
      'rest-iam',
    ]
    await fc.assert(
      fc.asyncProperty(fc.dictionary(header, value), async (headers) => {
        for (const shape of shapes) {
          const claims = { ...aliceClaims, sub: bob, 'cognito:groups': [] }
          const outcome = await outcomeOf(eventFixtures[shape].event({ claims, headers }))
          expect(outcome).toMatchObject({ subject: bob, groups: [], proof: 'gateway' })
        }
      }),
      { numRuns: 200 },
    )
  })

  it('with an ID token change no caller into another one, and add no groups unless it is the caller’s own', async () => {
    const hers = await poolToken()
    const token = fc.oneof(
      fc.constant(hers),
      fc.string(),
      // One character of it changed: header, payload or signature.
      fc
        .tuple(fc.nat(hers.length - 1), fc.constantFrom('A', 'b', '_', '.', '='))
        .map(([at, by]) => hers.slice(0, at) + by + hers.slice(at + 1)),
    )
    await fc.assert(
      fc.asyncProperty(
        token,
        fc.constantFrom<FixtureName>('http-iam', 'rest-iam', 'http-iam-guest', 'rest-iam-role'),
        async (text, shape) => {
          fc.pre(text !== '')
          const event = eventFixtures[shape].event({
            claims: { sub: bob },
            headers: { [identityHeader]: text },
          })
          expect(await outcomeOf(event)).toBeTypeOf('string')
        },
      ),
      { numRuns: 200 },
    )
  })

  it('with an altered token name no caller', async () => {
    const hers = await poolToken()
    const [head = '', body = '', signature = ''] = hers.split('.')
    const forged = (change: object): string =>
      [
        head,
        Buffer.from(JSON.stringify({ ...aliceClaims, ...change })).toString('base64url'),
        signature,
      ].join('.')
    const none = Buffer.from('{"alg":"none","kid":"abcdefgh-pool-key"}').toString('base64url')
    const tokens = [
      forged({ sub: bob }),
      forged({ 'cognito:groups': ['Admins'] }),
      `${none}.${body}.`,
      `${none}.${body}.${signature}`,
      `${head}.${body}`,
      `${head}.${body}.${signature}.${signature}`,
      `${hers} ${hers}`,
      `${hers},${hers}`,
    ]
    for (const token of tokens) {
      expect(await outcomeOf(eventFixtures['http-open'].event({ token }))).toBe('TOKEN_INVALID')
    }
  })
})

describe('any event at all', () => {
  it('returns a caller or a typed refusal, and nothing from a prototype', async () => {
    await fc.assert(
      fc.asyncProperty(fc.object({ maxDepth: 4 }), async (event) => {
        await outcomeOf(event)
        await outcomeOf({ requestContext: event })
        await outcomeOf({ requestContext: { authorizer: event, identity: event } })
        await outcomeOf({ headers: event, multiValueHeaders: event })
      }),
      runs,
    )
    for (const event of [null, undefined, 0, '', 'text', [], () => 0, Symbol('event')]) {
      expect(await outcomeOf(event)).toBe('CALLER_MISSING')
    }
  })

  it('is not read from a polluted prototype', async () => {
    const noSub = { requestContext: { authorizer: { jwt: { claims: { aud: 'x' } } } } }
    const planted = {
      authorizer: { jwt: { claims: { sub: alice } } },
      sub: alice,
      headers: { authorization: 'x' },
    }
    const outcomes: unknown[] = []
    for (const [name, value] of Object.entries({ ...planted, requestContext: planted })) {
      const property = { value, configurable: true, enumerable: true, writable: true }
      // oxlint-disable-next-line no-extend-native -- the attack itself, undone below
      Object.defineProperty(Object.prototype, name, property)
      try {
        outcomes.push(await outcomeOf({}))
        outcomes.push(await outcomeOf(noSub, {}))
      } finally {
        Reflect.deleteProperty(Object.prototype, name)
      }
    }
    expect(new Set(outcomes)).toEqual(new Set(['CALLER_MISSING']))
  })

  it('of any size is read in no time', async () => {
    const long = 'a,'.repeat(500_000)
    const claims = (value: unknown): object => ({
      requestContext: { authorizer: { claims: { sub: 'a', 'cognito:groups': value } } },
    })
    const events = [
      restIam(`${long}${provider}:CognitoSignIn:${alice}`),
      httpIam(Array.from({ length: 100_000 }, () => `${provider}:CognitoSignIn:${alice}`)),
      { headers: { authorization: `Bearer ${'a.'.repeat(500_000)}` } },
      { headers: { authorization: `Bearer ${' '.repeat(1_000_000)}x` } },
      { headers: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`x-${i}`, 'x'])) },
      claims('['.repeat(1_000_000)),
      claims(`[${'['.repeat(100_000)}${']'.repeat(100_000)}]`),
      claims(long),
      claims(`[${' '.repeat(1_000_000)}]`),
    ]
    const took = await cpuMs(async () => {
      for (const event of events) await outcomeOf(event, { userPools: [userPool] })
    })
    expect(took).toBeLessThan(3_000)
  })
})

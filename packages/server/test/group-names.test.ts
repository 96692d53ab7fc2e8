import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aliceClaims, eventFixtures, type FixtureName } from '../src/fixtures.ts'
import { resolveCaller, withCaller, type CallerOptions } from '../src/index.ts'
import { poolToken, trust } from './tokens.ts'

const runs = { numRuns: 100 }

/** What Cognito allows in the name of a group: [\p{L}\p{M}\p{S}\p{N}\p{P}]+, up to 128 characters. */
const anyCharacter = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((text) => /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u.test(text))
/** Pieces of which a user would put together a name that looks like another group. */
const piece = fc.constantFrom(
  'Admin',
  'x',
  ',',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  '\\',
  ':',
  '","',
  '["',
  '"]',
  '],[',
  '‚',
  '，',
)
const groupName = fc.oneof(
  anyCharacter,
  fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
)
/** The groups of a user, of which none is called Admin. */
const groupNames = fc
  .uniqueArray(groupName, { minLength: 1, maxLength: 5 })
  .filter((names) => !names.includes('Admin'))

const shapes: FixtureName[] = [
  'rest-cognito',
  'http-jwt',
  'http-jwt-1.0',
  'http-lambda',
  'rest-lambda',
  'http-open',
  'rest-open',
  'alb-jwt',
  'http-iam',
  'http-iam-1.0',
  'rest-iam',
  'alb-oidc',
]

const statusOf = async (event: unknown, options: CallerOptions): Promise<unknown> => {
  const gate = withCaller(() => ({ statusCode: 200 }), options)
  return Object(await gate(event, {})).statusCode
}

describe.each(shapes)('a group name that a user chose, in an event of the shape %s', (shape) => {
  it('makes no check on another group pass, and appears in the groups as it is or not at all', async () => {
    await fc.assert(
      fc.asyncProperty(groupNames, async (groups) => {
        const event = eventFixtures[shape].event({
          claims: { ...aliceClaims, 'cognito:groups': groups },
        })
        expect(await statusOf(event, { ...trust, groups: ['Admin'] })).not.toBe(200)
        const caller = await resolveCaller(event, trust).catch(() => undefined)
        for (const group of caller?.groups ?? []) expect(groups).toContain(group)
        const list = caller?.claims['cognito:groups'] ?? []
        expect(Array.isArray(list) && list.every((group) => groups.includes(group))).toBe(true)
      }),
      runs,
    )
  })

  it('does the same for the target that is a user’s own groups joined together', async () => {
    await fc.assert(
      fc.asyncProperty(
        groupNames,
        fc.constantFrom(',', ' ', '","', '', ', '),
        async (groups, by) => {
          const target = groups.join(by)
          fc.pre(groups.length > 1 && !groups.includes(target))
          const claims = { ...aliceClaims, 'cognito:groups': groups }
          const event = eventFixtures[shape].event({ claims })
          expect(await statusOf(event, { ...trust, groups: [target, `[${target}]`] })).not.toBe(200)
        },
      ),
      runs,
    )
  })
})

describe('a name that looks like a list', () => {
  const names = [
    '"Admin"',
    '"x","Admin"',
    '["Admin"]',
    '[Admin]',
    'x,Admin',
    'Admin,',
    'Admin]',
    '[Admin',
  ]
  it.each(shapes)('is that group and no other in an event of the shape %s', async (shape) => {
    for (const name of names) {
      const claims = { ...aliceClaims, 'cognito:groups': [name] }
      const event = eventFixtures[shape].event({ claims })
      expect(await statusOf(event, { ...trust, groups: ['Admin', 'x'] })).not.toBe(200)
    }
  })
})

describe("a REST API's text with a comma", () => {
  const twoGroups = { ...aliceClaims, 'cognito:groups': ['Readers', 'Editors'] }

  it('is refused by a check on groups, with a remedy that names the way out', async () => {
    const event = eventFixtures['rest-cognito'].event({ claims: twoGroups })
    await expect(resolveCaller(event, { groups: ['Editors'] })).rejects.toMatchObject({
      code: 'GROUP_MISSING',
      status: 403,
      remedy: expect.stringMatching(/"userPools".*'verified'/s),
    })
  })

  it('is read from the token itself where the remedy is followed', async () => {
    const event = eventFixtures['rest-cognito'].event({
      claims: twoGroups,
      token: await poolToken({ 'cognito:groups': ['Readers', 'Editors'] }),
    })
    for (const proof of ['gateway', 'verified'] as const) {
      const caller = await resolveCaller(event, { ...trust, proof, groups: ['Editors'] })
      expect(caller).toMatchObject({ groups: ['Readers', 'Editors'], proof: 'verified' })
      expect(caller.ambiguousClaims).toBeUndefined()
    }
  })

  it('is never decided by the token of another caller', async () => {
    for (const change of [{ sub: 'b0b00000-1111-4222-8333-444444444444' }, { jti: 'other' }]) {
      const token = await poolToken({ ...change, 'cognito:groups': ['Admin'] })
      const event = eventFixtures['rest-cognito'].event({ claims: twoGroups, token })
      await expect(resolveCaller(event, trust)).rejects.toMatchObject({ code: 'CALLER_MISMATCH' })
    }
  })

  it('does not lock out a route that checks no groups while the keys cannot be fetched', async () => {
    const jwks = async (): Promise<never> => {
      throw new Error('no way out of this network')
    }
    const [pool] = trust.userPools
    const options = { ...trust, userPools: [{ ...pool!, jwks }] }
    const token = await poolToken({ 'cognito:groups': ['Readers', 'Editors'] })
    const event = eventFixtures['rest-cognito'].event({ claims: twoGroups, token })
    expect(await resolveCaller(event, options)).toMatchObject({ proof: 'gateway', groups: [] })
    await expect(resolveCaller(event, { ...options, groups: ['Editors'] })).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    })
  })

  it('is a list of roles that is left out of the claims as well', async () => {
    const roles = ['arn:aws:iam::123456789012:role/A', 'arn:aws:iam::123456789012:role/B']
    const claims = { ...aliceClaims, 'cognito:groups': ['Editors'], 'cognito:roles': roles }
    const caller = await resolveCaller(eventFixtures['rest-cognito'].event({ claims }))
    expect(caller).toMatchObject({ groups: ['Editors'], ambiguousClaims: ['cognito:roles'] })
    expect(caller.claims['cognito:roles']).toBeUndefined()
  })
})

describe('scopes', () => {
  it('are split at spaces alone, however they are written', async () => {
    const scopes = ['["a"]', '[b]', 'c,d', '"e"']
    for (const shape of [
      'rest-cognito',
      'http-jwt',
      'http-jwt-1.0',
      'rest-lambda',
      'http-lambda',
    ] as const) {
      const claims = { sub: 'u', scope: scopes.join(' ') }
      const caller = await resolveCaller(eventFixtures[shape].event({ claims }))
      expect(caller.scopes).toEqual(scopes)
    }
  })

  it('of a list are not split once more', async () => {
    const claims = { sub: 'u', scopes: ['notes/read admin'] }
    const caller = await resolveCaller(eventFixtures['http-lambda'].event({ claims }))
    expect(caller.scopes).toEqual(['notes/read admin'])
  })

  it('of a text next to the claims are not guessed', async () => {
    const claims = { sub: 'u' }
    for (const scopes of ['[a b]', 'a,b', '["a"]']) {
      const event = {
        version: '2.0',
        requestContext: { authorizer: { jwt: { claims, scopes } } },
      }
      expect((await resolveCaller(event)).scopes).toEqual(scopes.split(' '))
    }
  })
})

it('a list of another issuer may have names with spaces, so that it is not split', async () => {
  const claims = { sub: 'u', iss: 'https://idp.example', 'cognito:groups': ['Site Admin'] }
  const event = eventFixtures['http-jwt'].event({ claims })
  expect(await resolveCaller(event)).toMatchObject({
    groups: [],
    ambiguousClaims: ['cognito:groups'],
  })
})

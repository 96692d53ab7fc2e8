import { describe, expect, it } from 'vitest'
import { readBoolean, readClaims, readList, readSeconds } from '../src/index.ts'

describe('readList', () => {
  it.each([
    ['an HTTP API', '[admin poweruser]', 'spaces', ['admin', 'poweruser']],
    ['an HTTP API with one group', '[admin]', 'spaces', ['admin']],
    ['an HTTP API with none', '[]', 'spaces', []],
    ['an HTTP API, names with commas and brackets', '[a,b [c] d]', 'spaces', ['a,b', '[c]', 'd']],
    ['an HTTP API, a name with quotes', '["admin"]', 'spaces', ['"admin"']],
    ['an HTTP API, a name that looks like JSON', '[["a","b"]]', 'spaces', ['["a","b"]']],
    ['an HTTP API, a bracket that nothing closes', 'admin]', 'spaces', ['admin]']],
    ['an HTTP API, with commas in place of brackets', 'a,b', 'spaces', undefined],
    ['a REST API, one group or two', 'admin,ops', 'commas', undefined],
    ['a REST API with one group', 'admin', 'commas', ['admin']],
    ['a REST API, a name in brackets', '[admin]', 'commas', ['[admin]']],
    ['a REST API, a name in quotes', '"admin"', 'commas', ['"admin"']],
    ['a REST API, a name that looks like JSON', '["admin"]', 'commas', ['["admin"]']],
    ['a context in JSON', '["admin","ops"]', 'context', ['admin', 'ops']],
    ['a context in JSON with a space in a name', '["two words"]', 'context', ['two words']],
    ['a context, written as an HTTP API does', '[admin ops]', 'context', undefined],
    ['a context, a name in brackets', '[admin]', 'context', undefined],
    ['a context with one name', 'admin', 'context', ['admin']],
    ['a context, written by Java', '[admin, ops]', 'context', undefined],
    ['a context with commas', 'admin,ops', 'context', undefined],
    ['a context with JSON that is not a list of texts', '["admin",1]', 'context', undefined],
    ['a context with half of a JSON', '["admin"', 'context', undefined],
    ['a context with one name', 'admin', 'context', ['admin']],
    ['an unknown sender, one name', 'admin', 'unknown', ['admin']],
    ['an unknown sender, a name in brackets', '[admin]', 'unknown', undefined],
    ['an unknown sender, two words', 'Site Admin', 'unknown', undefined],
    ['a token', ['admin', 'ops'], 'array', ['admin', 'ops']],
    ['a token with text in place of a list', 'admin,ops', 'array', []],
    ['a list of other things', ['admin', 1, null, { a: 1 }, ['b'], ''], 'array', ['admin']],
    ['an empty text', '', 'commas', []],
    ['nothing', undefined, 'spaces', []],
    ['an object', { 0: 'admin', length: 1 }, 'spaces', []],
  ] as const)('reads the list of %s', (_, text, how, expected) => {
    expect(readList(text, how)).toEqual(expected)
  })
})

describe('readSeconds', () => {
  it.each([
    ['1787996002', 1_787_996_002],
    [1_787_996_002, 1_787_996_002],
    ['1.787996002E9', 1_787_996_002],
    ['Fri Jul 29 18:52:53 UTC 2016', 1_469_818_373],
    ['soon', undefined],
    ['', undefined],
    [Number.NaN, undefined],
    ['9'.repeat(400), undefined],
    [{}, undefined],
  ])('reads %j', (value, expected) => {
    expect(readSeconds(value)).toBe(expected)
  })
})

describe('readClaims', () => {
  it('restores the types of the known claims', () => {
    const claims = readClaims(
      {
        sub: 'a',
        email_verified: 'true',
        phone_number_verified: 'false',
        exp: 'Fri Jul 29 18:52:53 UTC 2016',
        auth_time: '1469814773',
        'cognito:groups': '[admin ops]',
        identities: '[{"providerName":"Google"}]',
        address: '{"locality":"Graz"}',
      },
      'spaces',
    )
    expect({ ...claims }).toEqual({
      sub: 'a',
      email_verified: true,
      phone_number_verified: false,
      exp: 1_469_818_373,
      auth_time: 1_469_814_773,
      'cognito:groups': ['admin', 'ops'],
      identities: [{ providerName: 'Google' }],
      address: { locality: 'Graz' },
    })
  })

  it("reads a REST API's identities, objects joined by commas, as the list that is in the token", () => {
    const one = { userId: '1', providerName: 'Facebook' }
    const other = { userId: '2', providerName: 'Google' }
    const text = (...list: object[]): string => list.map((each) => JSON.stringify(each)).join(',')
    const identities = (raw: string): unknown =>
      readClaims({ identities: raw }, 'commas')['identities']
    expect(identities(text(one))).toEqual([one])
    expect(identities(text(one, other))).toEqual([one, other])
    expect(identities('{"userId":')).toBe('{"userId":')
  })

  it('leaves out a list that can be read in more than one way', () => {
    const raw = { 'cognito:groups': 'a,b', 'cognito:roles': 'arn:1,arn:2' }
    expect(Object.keys(readClaims(raw, 'commas'))).toEqual([])
  })

  it('reads every time, and leaves out what is null and a time that cannot be read', () => {
    const times = ['exp', 'iat', 'nbf', 'auth_time', 'updated_at']
    const raw = Object.fromEntries(times.map((name) => [name, '1469814773']))
    const claims = readClaims({ ...raw, sub: 'a', email: null, name: undefined }, 'spaces')
    expect({ ...claims }).toEqual({
      ...Object.fromEntries(times.map((name) => [name, 1_469_814_773])),
      sub: 'a',
    })
    expect(Object.keys(readClaims({ exp: 'soon' }, 'spaces'))).toEqual([])
  })

  it('leaves what a user chose as the text that it is', () => {
    const chosen = {
      nickname: '[admin ops]',
      name: 'true',
      'custom:plan': '{"tier":"gold"}',
      given_name: '42',
    }
    expect({ ...readClaims(chosen, 'spaces') }).toEqual(chosen)
  })

  it('contains nothing but the claims, and has no prototype to change', () => {
    const raw: object = JSON.parse('{"__proto__":{"admin":true},"sub":"a"}')
    const claims = readClaims(raw, 'spaces')
    expect(claims['admin']).toBeUndefined()
    expect(claims['constructor']).toBeUndefined()
    expect(Object.getPrototypeOf(claims)).toBeNull()
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
    expect(Object.isFrozen(claims)).toBe(true)
  })
})

it('takes only true for true', () => {
  expect([true, 'true'].map(readBoolean)).toEqual([true, true])
  expect([1, 'TRUE', 'yes', '1', 'false', {}, undefined].some(readBoolean)).toBe(false)
})

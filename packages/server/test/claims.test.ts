import { describe, expect, it } from 'vitest'
import { readBoolean, readClaims, readList, readSeconds } from '../src/index.ts'

describe('readList', () => {
  it.each([
    ['an HTTP API', '[admin poweruser]', 'spaces', ['admin', 'poweruser']],
    ['an HTTP API with one group', '[admin]', 'spaces', ['admin']],
    ['an HTTP API with none', '[]', 'spaces', []],
    ['an HTTP API, names with commas and brackets', '[a,b [c] d]', 'spaces', ['a,b', '[c]', 'd']],
    ['a REST API', 'admin,ops', 'commas', ['admin', 'ops']],
    ['a REST API with one group', 'admin', 'commas', ['admin']],
    ['a list in Java words', '[admin, ops]', 'commas', ['admin', 'ops']],
    ['a REST API, a name with a bracket', '[admin,ops', 'commas', ['[admin', 'ops']],
    ['an HTTP API, a bracket that nothing closes', 'admin]', 'spaces', ['admin]']],
    ['JSON', '["admin","ops"]', 'commas', ['admin', 'ops']],
    ['JSON with a space in a name', '["two words"]', 'spaces', ['two words']],
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
  it('gives the known claims their types back', () => {
    const claims = readClaims(
      {
        sub: 'a',
        email_verified: 'true',
        phone_number_verified: 'false',
        exp: 'Fri Jul 29 18:52:53 UTC 2016',
        auth_time: '1469814773',
        'cognito:groups': 'admin,ops',
        identities: '[{"providerName":"Google"}]',
        address: '{"locality":"Graz"}',
      },
      'commas',
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

  it('has nothing that nobody put there, and no prototype to change', () => {
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

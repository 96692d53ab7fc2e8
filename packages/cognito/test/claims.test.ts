import { describe, expect, test } from 'vitest'
import { decodeIdToken, explainRole } from '../src/index.ts'
import { FULL, idToken, READ } from './fake-pool.ts'

describe('decodeIdToken', () => {
  test('reads names in every script, without atob and TextDecoder', () => {
    const names = ['Zoë Müller', '山田太郎', 'علي', '🦊🌍', '~~~???>>>', 'a', 'ab', 'abc']
    const kept = [globalThis.atob, globalThis.TextDecoder, globalThis.URL] as const
    Object.assign(globalThis, { atob: undefined, TextDecoder: undefined, URL: undefined })
    try {
      for (const name of names) expect(decodeIdToken(idToken({ name })).name).toBe(name)
    } finally {
      Object.assign(globalThis, { atob: kept[0], TextDecoder: kept[1], URL: kept[2] })
    }
  })

  test('does not verify anything', () => {
    expect(decodeIdToken(idToken({ exp: 1 })).exp).toBe(1)
  })

  test.each(['', 'a.b.c', 'not a token', `${idToken().split('.')[1]}`, 'a.bnVsbA.c', 'a.W10.c'])(
    'refuses %j without showing it',
    (token) => {
      expect(() => decodeIdToken(token)).toThrow(
        expect.objectContaining({
          code: 'ID_TOKEN_INVALID',
          remedy: expect.stringContaining('unchanged, as it was issued: the text alone'),
        }),
      )
      expect(() => decodeIdToken(token)).not.toThrow(
        expect.objectContaining({ cause: expect.anything() }),
      )
    },
  )

  test('distinguishes an access token from an ID token', () => {
    expect(() => decodeIdToken(idToken({ token_use: 'access' }))).toThrow(
      expect.objectContaining({
        code: 'NOT_AN_ID_TOKEN',
        remedy: expect.stringContaining('ID token'),
      }),
    )
  })
})

describe('explainRole', () => {
  const roles = { 'cognito:roles': [FULL, READ] }
  test.each([
    ['the role that was asked for', roles, READ, 'custom', READ, 'claims'],
    [
      'a role from a comma-separated list',
      { 'cognito:roles': `${FULL}, ${READ}` },
      READ,
      'custom',
      READ,
      'claims',
    ],
    [
      'no role that the token lacks',
      { 'cognito:roles': [READ] },
      FULL,
      'denied-locally',
      undefined,
      'claims',
    ],
    ['a role where the token is silent', {}, FULL, 'custom', FULL, 'assumption'],
    [
      'the preferred role',
      { ...roles, 'cognito:preferred_role': READ },
      undefined,
      'preferred',
      READ,
      'claims',
    ],
    ['the only role', { 'cognito:roles': [READ] }, undefined, 'preferred', READ, 'assumption'],
    ['no role of several', roles, undefined, 'ambiguous', undefined, 'assumption'],
    ['the role of the pool', {}, undefined, 'pool-default', undefined, 'assumption'],
    [
      'the role of the pool',
      { 'cognito:roles': [] },
      undefined,
      'pool-default',
      undefined,
      'assumption',
    ],
  ] as const)('predicts %s', (_, claims, role, outcome, arn, certainty) => {
    const explained = explainRole(claims, { role })
    expect(explained).toMatchObject({ outcome, certainty })
    expect(explained.role).toBe(arn)
    expect(explained.reason).toMatch(/\.$/)
    expect(explained.remedies.length > 0).toBe(outcome !== 'custom' || certainty !== 'claims')
  })

  test('lists the candidates, and names them where one has to be chosen', () => {
    expect(explainRole(roles).candidates).toEqual([FULL, READ])
    expect(explainRole({ 'cognito:roles': READ }, { role: FULL }).remedies[0]).toContain(READ)
  })
})

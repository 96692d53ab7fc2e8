import { describe, expect, it, vi } from 'vitest'
import { bearerOf, span } from '../../src/cli/bearer.ts'
import { iamfetch } from './run-cli.ts'

// Processes start slowly on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 })

const NOW = Math.floor(Date.now() / 1_000)
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = (claims: object, header: object = { alg: 'RS256', kid: 'a' }): string =>
  `${part(header)}.${part(claims)}.c2lnbmF0dXJl`

const ISSUER = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123'
const ALICE = {
  sub: '7f9c',
  iss: ISSUER,
  aud: 'client1',
  token_use: 'id',
  email: 'alice@example.com',
  'cognito:username': 'alice',
  'cognito:groups': ['FullAccess', 'Auditors'],
  'cognito:roles': ['arn:aws:iam::1:role/FullAccessRole', 'arn:aws:iam::1:role/AuditorsRole'],
  'cognito:preferred_role': 'arn:aws:iam::1:role/FullAccessRole',
  iat: NOW - 900,
  exp: NOW + 2_700,
}

describe('iamfetch whoami', () => {
  it('says who, groups, roles, the role to come and the end, and never shows the token', async () => {
    const text = token(ALICE)
    const done = await Promise.all([
      iamfetch(['whoami', text]),
      iamfetch(['whoami'], { stdin: `  Bearer ${text}\n` }),
      iamfetch(['whoami'], { env: { IAMFETCH_TOKEN: text } }),
      iamfetch(['whoami', '--env', 'MY_TOKEN'], { env: { MY_TOKEN: text } }),
    ])
    for (const { code, out, err } of done) {
      expect([code, err]).toEqual([0, ''])
      expect(out).toMatch(/^ID token +alice, alice@example\.com\n/)
      expect(out).toMatch(/groups +FullAccess, Auditors\n/)
      expect(out).toMatch(/role +arn:aws:iam::1:role\/FullAccessRole\n +cognito:preferred_role is/)
      expect(out).toMatch(/expires +\S+, in 4[45] minutes\n/)
      expect(out).toContain('Not verified')
      for (const piece of text.split('.')) expect(out).not.toContain(piece)
    }
  })

  it('lets a token do nothing to the terminal', async () => {
    const evil = '\u001B]0;mine\u0007\u001B[8mal\u202Eice\u009B2J\r'
    const text = token({ ...ALICE, 'cognito:username': evil })
    const [shown, json] = await Promise.all([
      iamfetch(['whoami', text]),
      iamfetch(['whoami', text, '--json']),
    ])
    for (const { code, out } of [shown, json]) {
      expect(code).toBe(0)
      // oxlint-disable-next-line no-control-regex
      expect(out).not.toMatch(/[\0-\x08\x0B-\x1F\x7F-\x9F\u202E]/)
    }
    expect(shown.out).toContain(String.raw`\u001b]0;mine\u0007\u001b[8mal\u202eice\u009b2J\u000d`)
    expect(JSON.parse(json.out).who).toBe(evil)
  })

  it('repeats no token that was given in the wrong place', async () => {
    const text = token(ALICE)
    for (const args of [[text], ['whoami', '--env', text], ['whoami', '--token', text]]) {
      const { code, out, err } = await iamfetch(args)
      expect([code, out]).toEqual([2, ''])
      for (const piece of text.split('.')) expect(err).not.toContain(piece)
    }
  })

  it('prints JSON for scripts, and ends with 3 when something is wrong', async () => {
    const { code, out } = await iamfetch(['whoami', '--json'], {
      stdin: token({ ...ALICE, exp: NOW - 7_300 }),
    })
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({
      kind: 'ID token',
      who: 'alice',
      groups: ['FullAccess', 'Auditors'],
      role: { outcome: 'preferred', role: 'arn:aws:iam::1:role/FullAccessRole' },
      expiresAt: new Date((NOW - 7_300) * 1_000).toISOString(),
      wrong: ['It expired 2 hours ago.'],
      verified: false,
    })
  })

  it.each([
    ['nonsense', 'The input is not a JSON Web Token: it has one part'],
    ['a.b.c', 'The input is not a JSON Web Token: its first part is not JSON.'],
    [`${part({ alg: 'RS256' })}.${part([1])}.x`, 'its second part is not JSON.'],
    ['a.b.c.d.e', 'The token is encrypted'],
  ])(
    'describes what is wrong with a text that is not a token, without showing it: %s',
    async (text, message) => {
      const { code, out, err } = await iamfetch(['whoami', '-'], {
        stdin: text.replace('nonsense', 'SECRET'),
      })
      expect([code, out]).toEqual([2, ''])
      expect(err).toContain(message)
      expect(err).not.toContain('SECRET')
    },
  )

  it('says which environment variable is not set', async () => {
    const { code, err } = await iamfetch(['whoami', '--env', 'NOT_THERE'])
    expect([code, err]).toEqual([2, 'iamfetch: The environment variable NOT_THERE is not set.\n'])
  })
})

describe('bearerOf', () => {
  const read = (claims: object, header: object = { alg: 'RS256' }) =>
    bearerOf({ header: { ...header }, claims: { ...claims } }, NOW * 1_000)

  it('recognises an access token of a user and says that it gets no role', () => {
    const found = read({
      sub: '7f9c',
      iss: ISSUER,
      client_id: 'client1',
      token_use: 'access',
      username: 'alice',
      scope: 'openid email',
      exp: NOW + 60,
    })
    expect(found).toMatchObject({
      kind: 'access token of a user',
      who: 'alice',
      client: 'client1',
      scopes: ['openid', 'email'],
    })
    expect(found.role).toBeUndefined()
    expect(found.wrong).toEqual([expect.stringContaining('An identity pool takes ID tokens')])
  })

  it('knows a machine by its subject', () => {
    expect(
      read({ sub: 'c1', client_id: 'c1', iss: ISSUER, token_use: 'access', scope: 'premium/read' }),
    ).toMatchObject({ kind: 'access token of a machine', who: 'c1', scopes: ['premium/read'] })
  })

  it.each([
    [{ ...ALICE, aud: undefined }, undefined, 'It names no audience (aud)'],
    [{ ...ALICE, iss: undefined }, undefined, 'It names no issuer (iss).'],
    [{ ...ALICE, exp: undefined }, undefined, 'It names no expiry (exp).'],
    [{ ...ALICE, exp: 'soon' }, undefined, 'It names no expiry (exp).'],
    [{ ...ALICE, iat: NOW + 3_600 }, undefined, 'It was issued 60 minutes from now'],
    [ALICE, { alg: 'none' }, 'It is not signed (alg none).'],
    [ALICE, { alg: 'HS256' }, 'It is signed with HS256'],
  ])('says what is wrong: %#', (claims, header, message) => {
    expect(read(claims, header).wrong).toEqual([expect.stringContaining(message)])
  })

  it('reads roles that are listed in one string', () => {
    expect(read({ ...ALICE, 'cognito:roles': 'arn:a, arn:b' }).roles).toEqual(['arn:a', 'arn:b'])
  })
})

describe('span', () => {
  it.each([
    [999, '1 second'],
    [119_000, '119 seconds'],
    [120_000, '2 minutes'],
    [7_200_000, '2 hours'],
    [-172_800_000, '2 days'],
  ])('%d ms are %s', (ms, text) => {
    expect(span(ms)).toBe(text)
  })
})

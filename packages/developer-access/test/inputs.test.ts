import { eventFixtures } from '@iamfetch/server/fixtures'
import { describe, expect, it } from 'vitest'
import { dynamodbStore } from '../src/dynamodb.ts'
import { cognitoIssuer, createDeveloperAccess, opaqueIssuer, type KeyStore } from '../src/index.ts'
import { sqliteStore } from '../src/sqlite.ts'
import { alice, eventWith, reading, refusedWith, rig, secretOf } from './fixtures.ts'

describe('a key ID', () => {
  it.each([
    'x'.repeat(3_000),
    '',
    'key_',
    `key_${'a'.repeat(65)}`,
    'key_a b',
    'key_ä',
    '../key_a',
    'KEY_a',
  ])('a key ID that cannot be one is a 404 before the store is read: %j', async (id) => {
    const { access, store } = rig()
    const reads: string[] = []
    const watched: KeyStore = { ...store, key: async (key) => void reads.push(key) }
    const watching = createDeveloperAccess({ issuer: opaqueIssuer(), store: watched })
    for (const operation of [
      () => watching.getKey('u', id),
      () => watching.events('u', id),
      () => watching.patchKey(alice, id, { label: 'x' }),
      () => watching.rotateKey(alice, id, { graceSeconds: 0 }),
      () => watching.revokeKey('u', id),
    ]) {
      await expect(operation()).rejects.toEqual(refusedWith('KEY_NOT_FOUND'))
    }
    expect(reads).toEqual([])
    const event = eventFixtures['http-jwt'].event()
    const path = `/keys/${encodeURIComponent(id)}`
    const response = await access.routes().request(path, {}, Object({ event }))
    expect(response.status).toBe(404)
  })
})

describe('an ID of a user or a client', () => {
  const wrong = ['', 'x'.repeat(513), '漢'.repeat(400), 'a\nb', 'a\u0000b', '\uD800', 7, null, {}]

  it('that a store has no room for does not reach it', async () => {
    const refusing = new Proxy(rig().store, {
      get: (store, name) => {
        const member: unknown = Reflect.get(store, name)
        if (typeof member !== 'function') return member
        return () => {
          throw new Error(`${String(name)} was called`)
        }
      },
    })
    const access = createDeveloperAccess({ issuer: opaqueIssuer(), store: refusing })
    for (const value of wrong) {
      const id = Object(value) === value || typeof value !== 'string' ? (value as never) : value
      const refused = refusedWith('REQUEST_INVALID')
      await expect(access.listKeys(id)).rejects.toEqual(refused)
      await expect(access.removeUser(id)).rejects.toEqual(refused)
      await expect(access.findUser({ userId: id })).rejects.toEqual(refused)
      await expect(access.findUser({ username: id })).rejects.toEqual(refused)
      await expect(access.createKey({ ...alice, userId: id }, reading)).rejects.toEqual(refused)
      await expect(access.createKey({ ...alice, username: id }, reading)).rejects.toEqual(refused)
      await expect(access.createKey({ ...alice, issuer: id }, reading)).rejects.toEqual(refused)
      expect(await access.resolveOwner(id)).toBeUndefined()
    }
  })

  it('of a machine that no store can hold is not a key’s', async () => {
    const { access } = rig()
    const { owner } = access.callerOptions({})
    for (const subject of ['x'.repeat(5_000), 'a\nb']) {
      expect(await owner?.(Object({ kind: 'machine', subject }))).toBeUndefined()
    }
  })
})

describe('a label and a reason', () => {
  it.each([
    ['a right-to-left mark', '\u200Fabc'],
    ['a left-to-right mark', '\u200E'],
    ['an Arabic letter mark', '\u061Cabc'],
    ['a zero-width space', 'a\u200Bb'],
    ['a byte order mark', '\uFEFFx'],
    ['an isolate', '\u2066x'],
    ['an override', '\u202Ex'],
    ['a tag', '\u{E0041}tag'],
    ['a soft hyphen', 'a\u00ADb'],
    ['a word joiner', 'a\u2060b'],
    ['a Hangul filler', '\u3164'],
    ['a half-width Hangul filler', '\uFFA0'],
    ['a combining grapheme joiner', 'a\u034Fb'],
    ['a Mongolian vowel separator', 'a\u180Eb'],
    ['an interlinear annotation', 'a\uFFF9b'],
    ['spaces alone', '   '],
    ['no-break spaces alone', '\u00A0\u2003'],
    ['blank braille patterns alone', '\u2800\u2800'],
    ['a variation selector alone', '\uFE0F'],
    ['a combining mark alone', '\u0301'],
    ['a line break', 'a\nb'],
    ['a line separator', 'a\u2028b'],
    ['a lone surrogate', 'a\uD800'],
    ['a private-use character', '\uE000'],
    ['101 characters', 'x'.repeat(101)],
    ['nothing', ''],
  ])('with %s are refused', async (_, text) => {
    const { access } = rig()
    const { key } = await access.createKey(alice, reading)
    const refused = refusedWith('REQUEST_INVALID')
    await expect(access.createKey(alice, { ...reading, label: text })).rejects.toEqual(refused)
    await expect(access.patchKey(alice, key.id, { label: text })).rejects.toEqual(refused)
    await expect(access.revokeKey(alice.userId, key.id, { reason: text })).rejects.toEqual(refused)
  })

  it.each(['my script', 'مفتاح', 'ключ №1', '鍵 🔑', '❤️ backup', 'naïve', 'x'.repeat(100)])(
    'a label and a reason of visible characters are accepted: %s',
    async (label) => {
      const { access } = rig()
      const { key } = await access.createKey(alice, { ...reading, label })
      expect(key.label).toBe(label)
    },
  )
})

describe('a revocation', () => {
  it('wins over any other change at the same moment', async () => {
    for (const others of [
      ['patchKey', { label: 'renamed' }],
      ['rotateKey', { graceSeconds: 60 }],
      ['rotateKey', { graceSeconds: 0 }],
    ] as const) {
      const { access } = rig()
      const made = await access.createKey(alice, reading)
      const { id } = made.key
      const change = () =>
        others[0] === 'patchKey'
          ? access.patchKey(alice, id, others[1])
          : access.rotateKey(alice, id, others[1])
      const [, revoked] = await Promise.allSettled([
        change(),
        access.revokeKey(alice.userId, id, { reason: 'leaked' }),
        change(),
      ])
      expect(revoked).toMatchObject({ status: 'fulfilled', value: { status: 'revoked' } })
      expect(await access.getKey(alice.userId, id)).toMatchObject({ status: 'revoked' })
      const handler = access.withOwner(() => ({ statusCode: 200, body: '' }))
      expect(await handler(eventWith(secretOf(made)), {})).toMatchObject({ statusCode: 401 })
    }
  })

  it('is repeated as often as the key changes between its read and its write', async () => {
    const { access, store } = rig()
    const { key } = await access.createKey(alice, reading)
    let changes = 0
    const contested: KeyStore = {
      ...store,
      async key(id) {
        const row = await store.key(id)
        if (changes++ < 50) await access.patchKey(alice, id, { label: `change ${changes}` })
        return row
      },
    }
    const other = createDeveloperAccess({ issuer: opaqueIssuer(), store: contested })
    expect(await other.revokeKey(alice.userId, key.id)).toMatchObject({ status: 'revoked' })
    expect(changes).toBe(51)
  })

  it('that names a version changes nothing newer', async () => {
    const { access } = rig()
    const { key } = await access.createKey(alice, reading)
    await access.patchKey(alice, key.id, { label: 'renamed' })
    await expect(access.revokeKey(alice.userId, key.id, { version: key.version })).rejects.toEqual(
      refusedWith('KEY_CHANGED'),
    )
  })

  it('of a user without a name for who does it is refused', async () => {
    const { access } = rig()
    const { key } = await access.createKey(alice, reading)
    for (const by of ['', 'x'.repeat(600), 'a\nb']) {
      await expect(access.revokeKey(alice.userId, key.id, { by })).rejects.toEqual(
        refusedWith('REQUEST_INVALID'),
      )
    }
  })
})

describe('an option that does not exist', () => {
  const store = sqliteStore({ path: ':memory:' })
  const issuer = opaqueIssuer()
  const access = createDeveloperAccess({ issuer, store })
  const fetch: typeof globalThis.fetch = async () => Response.error()
  const handler = async (): Promise<object> => ({})
  it.each<[string, (more: object) => unknown]>([
    ['createDeveloperAccess', (more) => createDeveloperAccess({ issuer, store, ...more })],
    ['"users"', (more) => createDeveloperAccess({ issuer, store, users: { ...more } })],
    ['"limits"', (more) => createDeveloperAccess({ issuer, store, limits: { ...more } })],
    ['opaqueIssuer', (more) => opaqueIssuer({ ...more })],
    [
      'cognitoIssuer',
      (more) => cognitoIssuer({ userPoolId: 'eu-central-1_AbCdEfGhI', fetch, ...more }),
    ],
    ['sqliteStore', (more) => sqliteStore({ path: ':memory:', ...more })],
    [
      'dynamodbStore',
      (more) => dynamodbStore({ client: Object({ send: fetch }), tableName: 'keys', ...more }),
    ],
  ])('an option that does not exist of %s is a TypeError that names it', (owner, create) => {
    expect(create({})).toBeDefined()
    expect(() => create({ misspelt: 1 })).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'INVALID_OPTION',
        message: expect.stringMatching(new RegExp(`${owner}.*"misspelt" is not an option`)),
      }),
    )
  })

  it('in getters of a class hold', async () => {
    class Gate {
      get groups(): string[] {
        return ['Nogroup']
      }
    }
    class Limited {
      get keysPerUser(): number {
        return 0
      }
    }
    expect(access.callerOptions(new Gate())).toMatchObject({ groups: ['Nogroup'] })
    const answer = await access.withOwner(handler, new Gate())(
      eventFixtures['http-jwt'].event(),
      {},
    )
    expect(answer).toMatchObject({ statusCode: 403 })
    expect(() => createDeveloperAccess({ issuer, store, limits: new Limited() })).toThrow(
      '"keysPerUser" must be a number of at least 1, got 0',
    )
  })

  it.each(['owner', 'verifyToken'])('%s cannot be passed where it is set here', (name) => {
    const gate = Object({ [name]: () => undefined })
    expect(() => access.routes(gate)).toThrow(TypeError)
    expect(() => access.withOwner(handler, gate)).toThrow(TypeError)
    expect(() => access.callerOptions(gate)).toThrow(TypeError)
    expect(() => access.routes(Object({ kinds: ['machine'] }))).toThrow(TypeError)
  })

  it('of the gate of withOwner or of the routes is one, too', () => {
    for (const create of [
      (gate: object) => access.routes(gate),
      (gate: object) => access.withOwner(handler, gate),
    ]) {
      expect(() => create(Object({ group: ['Admins'] }))).toThrow(/"group" is not an option/)
    }
  })

  it.each([
    'http://example.com/',
    'http://localhost:80@cognito-idp.eu-central-1.amazonaws.com/',
    'http://cognito-idp.eu-central-1.amazonaws.com/',
    'https://user:password@cognito-idp.eu-central-1.amazonaws.com/',
  ])('an endpoint that is not secure is one: %s', (endpoint) => {
    expect(() => cognitoIssuer({ userPoolId: 'eu-central-1_AbCdEfGhI', fetch, endpoint })).toThrow(
      /"endpoint"/,
    )
  })
})

describe('what a function of the product returns', () => {
  const profileOf = (profile: object) => rig({ users: { profile: () => Object(profile) } }).access

  it.each([
    [{ scope: [] }, '"scope" is not an option'],
    [{ group: ['Admins'] }, '"group" is not an option'],
    [{ scopes: 'notes/read' }, '"scopes" must be an array'],
    [{ scopes: null }, '"scopes" must be an array'],
    [{ groups: 'Admins' }, '"groups" must be an array'],
  ])(
    'as a profile is checked, so that no key keeps what its user has lost: %j',
    async (profile, why) => {
      const access = profileOf(profile)
      const created = await access.createKey(alice, reading)
      const call = access.withOwner(() => ({ statusCode: 200 }))(eventWith(secretOf(created)), {})
      await expect(call).rejects.toThrow(`users.profile: ${why}`)
    },
  )

  it.each([[undefined], [''], [1]])('as the ID of a user is a text: %j', async (id) => {
    const { access } = rig({ users: { idOf: () => Object({ id }).id } })
    const event = eventFixtures['http-jwt'].event()
    const call = access.withOwner(() => ({ statusCode: 200 }))(event, {})
    await expect(call).rejects.toThrow('"users.idOf" must return a text, got')
  })
})

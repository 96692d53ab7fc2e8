import { fixedClock } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { dynamodbStore } from '../src/dynamodb.ts'
import {
  cognitoClientToken,
  machineToken,
  memoryStore,
  oauthTokenEndpoint,
  privateKeyJwt,
} from '../src/index.ts'
import { keyvStore } from '../src/keyv.ts'
import { redisStore } from '../src/redis.ts'
import { secretsManager } from '../src/secrets-manager.ts'
import { thrownBy } from './endpoint.ts'

const endpoint = { url: 'https://idp.example/oauth2/token', clientId: 'reader' }
const source = oauthTokenEndpoint(endpoint)
const region = 'eu-central-1'
const fetch: typeof globalThis.fetch = async () => Response.error()

/** Each public function, with its options and one of them misspelt. */
const misspelt: [string, (more: object) => unknown, string][] = [
  ['machineToken', (more) => machineToken({ source, clientSecret: 's', ...more }), 'scope'],
  [
    'machineToken: "clientSecret"',
    (more) => machineToken({ source, clientSecret: { current: 's', ...more } }),
    'previouse',
  ],
  ['oauthTokenEndpoint', (more) => oauthTokenEndpoint({ ...endpoint, ...more }), 'audiance'],
  ['cognitoClientToken', (more) => cognitoClientToken({ region, clientId: 'c', ...more }), 'meta'],
  ['privateKeyJwt', (more) => privateKeyJwt({ sign: async (data) => data, ...more }), 'keyID'],
  [
    'secretsManager',
    (more) => secretsManager({ secretId: 'a', region, fetch, ...more }),
    'secretField',
  ],
  ['memoryStore', (more) => memoryStore(more), 'maxEntrys'],
  [
    'redisStore',
    (more) => redisStore({ client: { sendCommand: async () => null }, ...more }),
    'timeout',
  ],
  [
    'dynamodbStore',
    (more) => dynamodbStore({ client: { send: async () => ({}) }, tableName: 'tokens', ...more }),
    'table',
  ],
]

describe('an option that does not exist', () => {
  test.each(misspelt)(
    'an option that does not exist of %s is a TypeError that names it',
    (owner, create, name) => {
      expect(create({})).toBeDefined()
      expect(thrownBy(() => create({ [name]: undefined }))).toMatchObject({
        name: 'TypeError',
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`${owner}: "${name}" is not an option`),
      })
    },
  )
})

describe('a wrong value', () => {
  const machine = (more: object) => machineToken({ source, clientSecret: 's', ...more })
  const oauth = (more: object) => oauthTokenEndpoint({ ...endpoint, ...more })
  test.each<[string, () => unknown]>([
    ['"source"', () => machine({ source: 'https://idp.example' })],
    ['"clientSecret"', () => machine({ clientSecret: undefined })],
    ['"clientSecret"', () => machine({ clientSecret: 7 })],
    ['"scopes"', () => machine({ scopes: 'a b' })],
    ['"minLifeSeconds"', () => machine({ minLifeSeconds: -1 })],
    ['"minLifeSeconds"', () => machine({ minLifeSeconds: NaN })],
    ['"fetch"', () => machine({ fetch: 'https://idp.example' })],
    ['"clock"', () => machine({ clock: 1 })],
    ['"onEvent"', () => machine({ onEvent: {} })],
    ['"store"', () => machine({ store: {} })],
    ['"store"', () => machine({ store: { ...memoryStore(), release: undefined } })],
    ['"timeoutMs"', () => machine({ store: { ...memoryStore(), timeoutMs: Number.NaN } })],
    ['"timeoutMs"', () => machine({ store: { ...memoryStore(), timeoutMs: 0 } })],
    ['"storeSecret"', () => machine({ storeSecret: 'a secret of the fleet' })],
    ['"url"', () => oauth({ url: '/oauth2/token' })],
    ['"auth"', () => oauth({ auth: 'header' })],
    ['"audience"', () => oauth({ audience: '' })],
    ['"params"', () => oauth({ params: { a: 1 } })],
    ['"params"', () => oauth({ params: { client_secret: 'x' } })],
    ['"metadata"', () => oauth({ metadata: ['a'] })],
    ['"tokenFormat"', () => oauth({ tokenFormat: 'text' })],
    ['"defaultLifetimeSeconds"', () => oauth({ defaultLifetimeSeconds: 0 })],
    ['"region"', () => cognitoClientToken({ region: 'here', clientId: 'c' })],
    ['"maxEntries"', () => memoryStore({ maxEntries: 0 })],
    ['keyvStore', () => keyvStore({} as never)],
  ])(
    'a wrong value of %s is a TypeError that names it and never shows a secret',
    (name, create) => {
      expect(thrownBy(create)).toMatchObject({
        name: 'TypeError',
        code: 'INVALID_OPTION',
        message: expect.stringContaining(name),
      })
      expect(String(thrownBy(create))).not.toContain('a secret of the fleet')
    },
  )
})

describe('an endpoint of AWS', () => {
  test.each([
    'http://example.auth.eu-central-1.amazoncognito.com/oauth2/token',
    'http://cognito-idp.eu-central-1.amazonaws.com/',
    'http://secretsmanager.eu-central-1.api.aws/',
    'http://vpce-1.secretsmanager.eu-central-1.vpce.amazonaws.com/',
    'http://localhost:80@secretsmanager.eu-central-1.amazonaws.com/',
    'http://127.0.0.1.amazonaws.com/',
  ])('is never reached without TLS: %s', (url) => {
    expect(() => oauthTokenEndpoint({ ...endpoint, url })).toThrow(TypeError)
    expect(() => cognitoClientToken({ region, clientId: 'c', endpoint: url })).toThrow(TypeError)
    expect(() => secretsManager({ secretId: 'a', region, fetch, endpoint: url })).toThrow(TypeError)
  })
})

describe('a store that is not reachable', () => {
  const down = {
    ...memoryStore(),
    get: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:6379')),
  }
  const tokens: typeof globalThis.fetch = async () =>
    Response.json({ access_token: 'opaque', token_type: 'Bearer', expires_in: 60 })
  const opaque = oauthTokenEndpoint({ ...endpoint, tokenFormat: 'opaque' })

  test('is one warning by default, however often it fails', async ({ onTestFinished }) => {
    const warnings: unknown[] = []
    const { warn } = console
    onTestFinished(() => void (console.warn = warn))
    console.warn = (...texts) => void warnings.push(...texts)
    const clock = fixedClock()
    const token = machineToken({
      source: opaque,
      clientSecret: 's',
      store: down,
      fetch: tokens,
      clock,
    })
    for (let call = 0; call < 3; call++) {
      await token()
      clock.jump(60_000)
    }
    expect(warnings).toEqual([expect.stringContaining('connect ECONNREFUSED 10.0.0.7:6379')])
    const onEvent = (): void => {}
    await machineToken({
      source: opaque,
      clientSecret: 's',
      store: down,
      fetch: tokens,
      clock,
      onEvent,
    })()
    expect(warnings).toHaveLength(1)
  })
})

test('what is missing or wrong in a secret or a list of scopes is named, and a secret is not shown', () => {
  const machine = (more: object) => () => machineToken({ source, clientSecret: 's', ...more })
  // As from an environment variable that is not set.
  for (const clientSecret of [undefined, '']) {
    expect(machine({ clientSecret })).toThrow('"clientSecret" is missing or empty; it must be')
  }
  expect(machine({ clientSecret: 7 })).toThrow(/"clientSecret" must be a text.* returns either$/)
  expect(machine({ scopes: ['notes/read', 'a b'] })).toThrow(
    'machineToken: "scopes[1]" must be one scope, without spaces, got "a b"',
  )
})

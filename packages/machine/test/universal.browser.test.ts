import { fakeFetch } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { keyvStore } from '../src/keyv.ts'
import { machineToken, oauthTokenEndpoint } from '../src/index.ts'
import { jwt } from './endpoint.ts'

test('a machine token is got, sealed and shared with nothing but what the web platform has', async () => {
  const exp = Math.floor(Date.now() / 1_000) + 3_600
  const endpoint = fakeFetch(({ body }) =>
    Response.json({
      access_token: jwt({
        token_use: 'access',
        exp,
        scope: new URLSearchParams(body).get('scope'),
      }),
      token_type: 'Bearer',
      expires_in: 3_600,
    }),
  )
  const shared = new Map<string, string>()
  const store = keyvStore({
    get: async (key) => shared.get(key),
    set: async (key, value) => shared.set(key, value),
    delete: async (key) => shared.delete(key),
  })
  const make = () =>
    machineToken({
      source: oauthTokenEndpoint({ url: 'https://idp.example/oauth2/token', clientId: 'reader' }),
      clientSecret: 'geheimnis-ä',
      scopes: ['premium/read'],
      fetch: endpoint,
      store,
    })
  const [first, second] = [make(), make()]
  const token = await first()
  expect(await second()).toBe(token)
  expect((await second.get()).scopes).toEqual(['premium/read'])
  expect([first.stats().minted, second.stats().minted, second.stats().shared]).toEqual([1, 0, 1])
  expect(endpoint.seen).toHaveLength(1)
})

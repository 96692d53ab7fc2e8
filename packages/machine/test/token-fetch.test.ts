import { fakeFetch, fixedClock } from '@iamfetch/testing'
import { createTokenFetch } from 'iamfetch'
import { describe, expect, test } from 'vitest'
import { machineToken, oauthTokenEndpoint } from '../src/index.ts'
import { testEndpoint } from './endpoint.ts'

function setUp(accepts: (token: string, minted: readonly string[]) => boolean) {
  const clock = fixedClock()
  const endpoint = testEndpoint(clock)
  const token = machineToken({
    source: oauthTokenEndpoint({ url: 'https://idp.example/oauth2/token', clientId: 'reader' }),
    clientSecret: 'secret-1',
    fetch: endpoint,
    clock,
  })
  const api = fakeFetch(({ headers }) => {
    const shown = headers.get('authorization')?.slice('Bearer '.length) ?? ''
    return new Response(null, { status: accepts(shown, endpoint.minted) ? 200 : 401 })
  })
  const call = createTokenFetch({ baseUrl: 'https://api.example', token, fetch: api })
  return { endpoint, api, call: async () => (await call('/premium')).status }
}

describe('a fetch with a machine token', () => {
  test('replaces a token that the API no longer accepts, once for twenty calls', async () => {
    const revoked = new Set<string>()
    const { endpoint, call } = setUp((token) => !revoked.has(token))
    await call()
    revoked.add(endpoint.minted[0]!)
    const statuses = await Promise.all(Array.from({ length: 20 }, call))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(endpoint.minted).toHaveLength(2)
  })

  test('costs two tokens at an API that accepts none, and returns its 401', async () => {
    const { endpoint, api, call } = setUp(() => false)
    for (let i = 0; i < 5; i++) expect(await call()).toBe(401)
    expect(endpoint.minted).toHaveLength(2)
    expect(api.seen).toHaveLength(6)
  })
})

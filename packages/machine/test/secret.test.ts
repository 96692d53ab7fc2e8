import { fixedClock } from '@iamfetch/testing'
import { describe, expect, test, vi } from 'vitest'
import { machineToken, oauthTokenEndpoint, type ClientSecret } from '../src/index.ts'
import { elapse, testEndpoint } from './endpoint.ts'

const HOUR = 3_600_000
const source = oauthTokenEndpoint({ url: 'https://idp.example/oauth2/token', clientId: 'reader' })

function setUp(clientSecret: ClientSecret, secrets: string[]) {
  const clock = fixedClock()
  const endpoint = testEndpoint(clock, { secrets })
  const token = machineToken({ source, clientSecret, fetch: endpoint, clock })
  const shown = () =>
    endpoint.seen.map(({ body }) => new URLSearchParams(body).get('client_secret'))
  return { clock, endpoint, token, shown, call: () => elapse(clock, token()) }
}

describe('a secret', () => {
  test('is read before a token is requested, and not on each call', async () => {
    const read = vi.fn(() => Promise.resolve('new'))
    const { clock, call } = setUp(read, ['new'])
    await call()
    await call()
    expect(read).toHaveBeenCalledTimes(1)
    expect(read).toHaveBeenLastCalledWith({ forceRefresh: false })
    await clock.advance(HOUR)
    await call()
    expect(read).toHaveBeenCalledTimes(2)
  })

  test('a secret that is refused is replaced by the previous one', async () => {
    const { call, shown } = setUp({ current: 'new', previous: 'old' }, ['old'])
    await call()
    expect(shown()).toEqual(['new', 'old'])
  })

  test('a secret that is refused is read again, once, and the new one is used', async () => {
    const read = vi.fn(({ forceRefresh }: { forceRefresh: boolean }) =>
      forceRefresh ? 'new' : 'old',
    )
    const { call, shown } = setUp(read, ['new'])
    await call()
    expect(shown()).toEqual(['old', 'new'])
    expect(read.mock.calls).toEqual([[{ forceRefresh: false }], [{ forceRefresh: true }]])
  })

  test('a secret that is still refused is sent once, and another one at once', async () => {
    let current = 'wrong'
    const { call, shown } = setUp(() => current, ['right'])
    for (let i = 0; i < 5; i++) {
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_CLIENT' })
    }
    expect(shown()).toEqual(['wrong'])
    current = 'right'
    await call()
    expect(shown()).toEqual(['wrong', 'right'])
  })

  test('with a previous one, both wrong, costs two requests a minute', async () => {
    const { call, shown } = setUp(() => ({ current: 'a', previous: 'b' }), ['right'])
    for (let i = 0; i < 20; i++) {
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_CLIENT' })
    }
    expect(shown()).toEqual(['a', 'b'])
  })

  test('a secret that cannot be read is SECRET_UNAVAILABLE, with the cause', async () => {
    const cause = new Error('vault sealed')
    const broken = setUp(() => Promise.reject(cause), [])
    await expect(broken.call()).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      retryable: true,
      cause,
    })
    // @ts-expect-error what a function without types may return
    const wrong = setUp(() => 42, [])
    await expect(wrong.call()).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' })
    const hanging = setUp(() => new Promise(() => {}), [])
    await expect(elapse(hanging.clock, hanging.token(), 500)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    })
  })
})

describe('a rotation with two secrets', () => {
  test('costs no failed call, whatever the moment', async () => {
    // What Secrets Manager would hold, and a reader that is behind by one read.
    let held: { current: string; previous?: string } = { current: 'one' }
    let cached = held
    const read = ({ forceRefresh }: { forceRefresh: boolean }) => {
      if (forceRefresh) cached = held
      const answer = cached
      cached = held
      return answer
    }
    const { clock, endpoint, token } = setUp(read, ['one'])
    const client = endpoint.clients.get('reader')!
    const steps: [number, () => void][] = [
      [3, () => client.secrets.push('two')],
      [5, () => (held = { current: 'two', previous: 'one' })],
      [9, () => client.secrets.shift()],
      [12, () => client.secrets.push('three')],
      [12, () => client.secrets.shift()],
      [12, () => (held = { current: 'three', previous: 'two' })],
    ]
    for (let quarter = 0; quarter < 20; quarter++) {
      for (const [at, step] of steps) if (at === quarter) step()
      const calls = Array.from({ length: 25 }, () => token())
      expect(new Set(await elapse(clock, Promise.all(calls))).size).toBe(1)
      await clock.advance(HOUR / 4)
    }
    expect(token.stats().served).toBe(500)
    expect(token.stats().minted).toBeLessThanOrEqual(8)
  })
})

import { fixedClock } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import {
  countEvents,
  machineToken,
  oauthTokenEndpoint,
  type MachineTokenEvent,
} from '../src/index.ts'
import { elapse, testEndpoint } from './endpoint.ts'

const source = oauthTokenEndpoint({ url: 'https://idp.example/oauth2/token', clientId: 'reader' })

function setUp(onEvent?: (event: MachineTokenEvent) => void) {
  const clock = fixedClock()
  const endpoint = testEndpoint(clock)
  const token = machineToken({
    source,
    clientSecret: 'secret-1',
    fetch: endpoint,
    clock,
    ...(onEvent && { onEvent }),
  })
  return { clock, endpoint, token }
}

describe('the events of a machine token', () => {
  test('are counted: tokens, calls, and what they cost at a price', async () => {
    const { clock, endpoint, token } = setUp()
    endpoint.next.push(() => new Response('', { status: 503 }))
    await elapse(clock, Promise.all(Array.from({ length: 1_000 }, () => token())))
    expect(token.stats(0.01)).toEqual({
      minted: 1,
      served: 1_000,
      shared: 0,
      saved: 999,
      refused: 1,
      storeFailures: 0,
      dollarsSpent: 0.01,
      dollarsSaved: 9.99,
    })
    expect(token.stats().dollarsSpent).toBe(0.00225)
  })

  test('count a granted token that lacks a scope, and not a response that is not a token', async () => {
    const { clock, endpoint, token } = setUp()
    endpoint.next.push(() => Response.json({ access_token: 'x', token_type: 'y', expires_in: 1 }))
    await expect(elapse(clock, token())).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    expect(token.stats()).toMatchObject({ minted: 0, served: 0, saved: 0, refused: 1 })

    const narrow = setUp()
    const asking = machineToken({
      source,
      clientSecret: 'secret-1',
      scopes: ['premium/admin'],
      clock: narrow.clock,
      fetch: async (url, init) => {
        const form = new URLSearchParams(await new Request(url, init).text())
        form.delete('scope')
        return narrow.endpoint(url, { ...init, body: form.toString() })
      },
    })
    await expect(asking()).rejects.toMatchObject({ code: 'SCOPES_MISSING' })
    expect(asking.stats()).toMatchObject({ minted: 1, served: 0, refused: 1 })
  })

  test('are reported in order, without token or secret', async () => {
    const events: MachineTokenEvent[] = []
    const { clock, endpoint, token } = setUp((event) => events.push(event))
    endpoint.next.push(() => Response.json({ error: 'slow_down' }, { status: 400 }))
    const got = await elapse(clock, token())
    token.invalidate(got)
    await clock.advance(0)
    expect(events.map(({ type }) => type)).toEqual(['refused', 'minted', 'served', 'invalidated'])
    expect(events[0]).toEqual({ type: 'refused', code: 'THROTTLED', status: 400, retryable: true })
    expect(JSON.stringify(events)).not.toContain(got)
  })

  test('feed nothing that is not a meter', () => {
    for (const meter of [undefined, null, {}, 'meter']) {
      expect(() => countEvents(meter as never)).toThrow(
        'countEvents: "meter" must have a "createCounter" function, got',
      )
    }
  })

  test('feed a counter of OpenTelemetry', async () => {
    const added: unknown[] = []
    const names: string[] = []
    const meter = {
      createCounter(name: string) {
        names.push(name)
        return { add: (value: number, attributes?: object) => added.push([value, attributes]) }
      },
    }
    const { clock, endpoint, token } = setUp(countEvents(meter, { api: 'premium' }))
    endpoint.next.push(() => Response.json({ error: 'invalid_client' }, { status: 400 }))
    await elapse(
      clock,
      token().catch(() => {}),
    )
    await clock.advance(60_000)
    await elapse(clock, token())
    expect(names).toEqual(['iamfetch.machine_token.events'])
    expect(added).toEqual([
      [1, { api: 'premium', type: 'refused', code: 'INVALID_CLIENT' }],
      [1, { api: 'premium', type: 'minted' }],
      [1, { api: 'premium', type: 'served' }],
    ])
  })
})

import { IamFetchError } from '@iamfetch/core'
import { describe, expect, test } from 'vitest'
import { machineToken, oauthTokenEndpoint } from '../src/index.ts'
import { drivenClock, elapse, testEndpoint } from './endpoint.ts'

function setUp() {
  const clock = drivenClock()
  const endpoint = testEndpoint(clock)
  const source = oauthTokenEndpoint({ url: 'https://idp.example/oauth2/token', clientId: 'reader' })
  const token = machineToken({ source, clientSecret: 'secret-1', fetch: endpoint, clock })
  const call = (stepMs?: number) => elapse(clock, token(), stepMs)
  return { clock, endpoint, token, call }
}

const throttled = (seconds: string) => () =>
  new Response('Rate exceeded', { status: 429, headers: { 'retry-after': seconds } })

describe('a request for a token', () => {
  test('waits as long as Retry-After says and then succeeds', async () => {
    const { clock, endpoint, call } = setUp()
    endpoint.next.push(throttled('2'))
    const begun = clock.now()
    expect(await call()).toBe(endpoint.minted[0])
    expect(clock.now() - begun).toBeGreaterThanOrEqual(2_000)
    expect(clock.now() - begun).toBeLessThan(2_500)
    expect(endpoint.seen).toHaveLength(2)
  })

  test('waits for a Retry-After of ten seconds and no longer', async () => {
    const patient = setUp()
    patient.endpoint.next.push(throttled('10'))
    expect(await patient.call(250)).toBe(patient.endpoint.minted[0])
    const refused = setUp()
    refused.endpoint.next.push(throttled('11'))
    await expect(refused.call(250)).rejects.toMatchObject({ code: 'THROTTLED' })
    expect(refused.endpoint.seen).toHaveLength(1)
  })

  test('is not sent during a long Retry-After, and calls fail at once', async () => {
    const { clock, endpoint, call } = setUp()
    endpoint.next.push(throttled('600'))
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(call()).rejects.toMatchObject({
        code: 'THROTTLED',
        retryable: true,
        status: 429,
      })
    }
    expect(endpoint.seen).toHaveLength(1)
    await clock.advance(600_000)
    expect(await call()).toBe(endpoint.minted[0])
  })

  test('is not held up for longer than Retry-After said if the clock is set back', async () => {
    const { clock, endpoint, call } = setUp()
    endpoint.next.push(throttled('600'))
    await expect(call()).rejects.toMatchObject({ code: 'THROTTLED' })
    clock.jump(-86_400_000)
    expect(await call()).toBe(endpoint.minted[0])
  })

  test('is sent three times if the endpoint fails, and no more', async () => {
    const { endpoint, call } = setUp()
    endpoint.next.push(...Array.from({ length: 4 }, () => () => new Response('', { status: 503 })))
    await expect(call()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
    expect(endpoint.seen).toHaveLength(3)
  })

  test('is sent again after a network error, which becomes the cause', async () => {
    const { endpoint, call } = setUp()
    const cause = new TypeError('fetch failed')
    const down = () => Promise.reject(cause)
    endpoint.next.push(down)
    expect(await call()).toBe(endpoint.minted[0])
    const dead = setUp()
    dead.endpoint.next.push(down, down, down)
    await expect(dead.call()).rejects.toMatchObject({ code: 'NETWORK_OR_CORS', cause })
  })

  test('is not sent again after a refusal', async () => {
    const { endpoint, call } = setUp()
    endpoint.next.push(() => Response.json({ error: 'unauthorized_client' }, { status: 400 }))
    await expect(call()).rejects.toMatchObject({ code: 'UNAUTHORIZED_CLIENT', retryable: false })
    expect(endpoint.seen).toHaveLength(1)
  })

  test('a request for a token that hangs ends after ten seconds and is sent again', async () => {
    const { clock, endpoint, call } = setUp()
    const begun = clock.now()
    endpoint.next.push(() => new Promise<Response>(() => {}))
    expect(await call(250)).toBe(endpoint.minted[0])
    expect(endpoint.seen[0]!.request.signal.aborted).toBe(true)
    expect(clock.now() - begun).toBeGreaterThanOrEqual(10_000)
  })

  test('a request for a token whose response hangs in the body ends too', async () => {
    const { endpoint, call } = setUp()
    const stuck = () => new Response(new ReadableStream())
    endpoint.next.push(stuck, stuck, stuck)
    const error = await call(250).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(IamFetchError)
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true })
  })

  test('does not follow a redirect with the secret', async () => {
    const { endpoint, call } = setUp()
    const location = 'https://elsewhere.example/oauth2/token'
    endpoint.next.push(() => new Response(null, { status: 307, headers: { location } }))
    await expect(call()).rejects.toMatchObject({ code: 'REDIRECT_REFUSED', retryable: false })
    expect(endpoint.seen).toHaveLength(1)
    expect(endpoint.seen[0]!.request.redirect).toBe('manual')
  })
})

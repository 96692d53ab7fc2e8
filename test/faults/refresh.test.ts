import { beforeEach, describe, expect, test } from 'vitest'
import { failure, HOUR, MINUTE, rest, statuses, times, type Person } from './scene.ts'
import { sceneOfFile } from './scene-of-file.ts'

const scene = await sceneOfFile()
let alice: Person
beforeEach(async () => {
  alice = await scene.person('alice')
})

const EXCHANGE = 'GetCredentialsForIdentity'
const QUOTA = {
  type: 'LimitExceededException',
  message: 'You have exceeded a limit of this service.',
}

test.each([10, 100])('%d cold calls at once are one exchange', async (count) => {
  const { call } = scene.page(alice)
  expect(await statuses(times(count, () => call('/test')))).toEqual(times(count, () => 200))
  expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1, 'http ANY /test': count })
})

test('100 cold callers of ten fetches that share one provider are one exchange', async () => {
  const { credentials } = scene.page(alice)
  const all = await Promise.all(times(100, () => credentials()))
  expect(new Set(all).size).toBe(1)
  expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1 })
})

describe('a background refresh that fails', () => {
  test.each(['throttle', 'fail', 'drop', 'garbage'] as const)(
    'with %s leaves the credentials serving until they expire, and says so',
    async (fault) => {
      const { call, credentials, events } = scene.page(alice)
      const first = await credentials()
      scene.faults.reset()
      const order = scene.faults.next(EXCHANGE, { fault, times: 1_000 })
      for (let minute = 0; minute < 59; minute++) {
        await scene.time.advance(MINUTE)
        expect((await call('/test')).status).toBe(200)
        await rest(credentials)
      }
      expect(await credentials()).toBe(first)
      expect(credentials.status()).toMatchObject({ state: 'stale', sub: expect.any(String) })
      expect(events.map(({ type }) => type)).toContain('exchange-failed')
      expect(events.map(({ type }) => type)).not.toContain('signed-out')
      expect(scene.asked()['http ANY /test']).toBe(59)
      // At most one round a minute after 75 % of the hour, of three attempts each.
      const rounds = scene.asked()[EXCHANGE]! / (fault === 'garbage' ? 1 : 3)
      expect(rounds).toBeGreaterThanOrEqual(5)
      expect(rounds).toBeLessThanOrEqual(15)
      order.release()
      await scene.time.advance(30 * MINUTE)
      expect((await call('/test')).status).toBe(200)
      expect(await credentials()).not.toBe(first)
      expect(credentials.status().state).toBe('ready')
    },
  )

  test('fails the callers once nothing valid is left, without an unsigned call', async () => {
    const { call, credentials } = scene.page(alice)
    await credentials()
    scene.faults.reset()
    const order = scene.faults.next(EXCHANGE, { fault: 'fail', times: 1_000 })
    scene.time.jump(HOUR)
    expect(await failure(call('/test'))).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      retryable: true,
    })
    order.release()
    expect(scene.asked()).toEqual({ InitiateAuth: 1, [EXCHANGE]: 3 })
  })
})

describe('a quota', () => {
  test('a quota of calls a second is waited for with full jitter', async () => {
    const clock = scene.laptop()
    const { call } = scene.page(alice, { clock })
    scene.faults.next('GetId', { fault: 'throttle', times: 2 })
    scene.faults.next(EXCHANGE, { fault: 'throttle', times: 2 })
    expect(await statuses(times(10, () => call('/test')))).toEqual(times(10, () => 200))
    expect(scene.asked()).toEqual({ GetId: 3, [EXCHANGE]: 3, 'http ANY /test': 10 })
    // Half of 500 ms and of 1 s; time limits aside.
    expect(clock.sleeps.filter((ms) => ms < 5_000)).toEqual([250, 500, 250, 500])
  })

  test('a quota of an account is said at once and not asked again for a while', async () => {
    const { call } = scene.page(alice)
    const order = scene.faults.next('GetId', { fault: 'refuse', times: 1_000, refusal: QUOTA })
    for (let i = 0; i < 5; i++) {
      expect(await failure(call('/test'))).toMatchObject({
        code: 'QUOTA_EXHAUSTED',
        retryable: false,
      })
    }
    expect(scene.asked()).toEqual({ GetId: 1 })
    order.release()
    scene.time.jump(MINUTE)
    expect((await call('/test')).status).toBe(200)
    expect(scene.asked()).toEqual({ GetId: 2, [EXCHANGE]: 1, 'http ANY /test': 1 })
  })

  test('a quota of an API is waited for, for a POST as well', async () => {
    const { call } = scene.page(alice)
    scene.faults.next('ANY /test', { fault: 'throttle', times: 2 })
    expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(200)
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1, 'http ANY /test': 3 })
  })
})

describe('a session that ends under way', () => {
  test.each([
    ['expired', 'POST'],
    ['revoked', 'POST'],
    ['expired', 'GET'],
  ] as const)('%s, is exchanged and a %s sent once more', async (how, method) => {
    const { call, credentials } = scene.page(alice, { api: 'rest' })
    const { accessKeyId } = await credentials()
    scene.faults.reset()
    scene.faults[how === 'expired' ? 'expireSession' : 'revokeSession'](accessKeyId)
    expect(await statuses(times(20, () => call('/test', { method })))).toEqual(times(20, () => 200))
    expect(scene.asked()).toEqual({ [EXCHANGE]: 1, 'rest ANY /test': 40 })
  })

  test('a session that ends under way and whose successor is refused too, is the result after two requests', async () => {
    const { call } = scene.page(alice, { api: 'rest' })
    const refusal = {
      type: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    }
    scene.faults.next('ANY /test', { fault: 'refuse', times: 10, refusal })
    expect((await call('/test')).status).toBe(403)
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 2, 'rest ANY /test': 2 })
  })

  test('at an HTTP API, which says Forbidden, is exchanged where the time proves it', async () => {
    const clock = scene.laptop()
    const { call, credentials } = scene.page(alice, {
      clock,
      credentials: { idToken: alice.token },
    })
    await credentials()
    scene.faults.reset()
    // The page waited for its turn over the end of the session.
    const order = scene.faults.next('ANY /test', 'hang')
    const answer = call('/test', { method: 'POST' })
    await order.met
    scene.time.jump(HOUR)
    order.release()
    expect((await answer).status).toBe(200)
    expect(scene.asked()).toEqual({ InitiateAuth: 1, [EXCHANGE]: 1, 'http ANY /test': 2 })
  })
})

describe('callers who go away', () => {
  test('end only their own wait', async () => {
    const { call } = scene.page(alice)
    const order = scene.faults.next(EXCHANGE, 'hang')
    const leaving = new AbortController()
    const gone = failure(call('/test', { signal: leaving.signal }))
    const staying = times(5, () => call('/test'))
    await order.met
    leaving.abort(new Error('closed the tab'))
    expect(await gone).toMatchObject({ message: 'closed the tab' })
    order.release()
    expect(await statuses(staying)).toEqual(times(5, () => 200))
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1, 'http ANY /test': 5 })
  })

  test('all of them, leave an exchange behind that the next one uses', async () => {
    const { call } = scene.page(alice)
    const order = scene.faults.next(EXCHANGE, 'hang')
    const leaving = new AbortController()
    const gone = times(3, () => failure(call('/test', { signal: leaving.signal })))
    await order.met
    leaving.abort()
    await Promise.all(gone)
    order.release()
    expect((await call('/test')).status).toBe(200)
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1, 'http ANY /test': 1 })
  })
})

test.each(['GetId', EXCHANGE])(
  'nonsense in response to %s, such as from a captive portal, does not affect the next call',
  async (operation) => {
    const { call } = scene.page(alice)
    scene.faults.next(operation, 'garbage')
    expect(await failure(call('/test'))).toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      retryable: true,
    })
    expect((await call('/test')).status).toBe(200)
    expect(scene.asked()[operation]).toBe(2)
    expect(scene.asked()['http ANY /test']).toBe(1)
  },
)

test('a Cognito that never responds is abandoned after ten seconds, three times, and the callers get an error', async () => {
  const { call } = scene.page(alice)
  const order = scene.faults.next('GetId', { fault: 'hang', times: 3 })
  const failed = failure(call('/test'))
  for (let attempt = 1; attempt <= 3; attempt++) {
    await expect.poll(() => scene.asked()['GetId']).toBe(attempt)
    await scene.time.advance(10_000)
  }
  expect(await failed).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
  order.release()
  expect(scene.asked()).toEqual({ GetId: 3 })
})

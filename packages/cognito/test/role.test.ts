import { describe, expect, test } from 'vitest'
import type { CognitoEvent } from '../src/index.ts'
import { FULL, idToken, fakePool, PROVIDER, READ, refuses, settle, BOTH } from './fake-pool.ts'

describe('a role', () => {
  test('is requested by CustomRoleArn, shares the identity, and switching back is instant', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const full = await provider()
    const read = await provider.withRole(READ)()
    expect(pool.inputs().at(-1)).toMatchObject({ CustomRoleArn: READ })
    expect(pool.count('GetId')).toBe(1)
    expect(await provider()).toBe(full)
    expect(await provider.withRole(READ)()).toBe(read)
    expect(provider.withRole(READ)).toBe(provider.withRole(READ))
    expect(pool.fetch.seen).toHaveLength(3)
  })

  test('a role that the provider is switched to is what its holders get from the next call', async () => {
    const pool = fakePool()
    const provider = pool.make({ role: FULL })
    const full = await provider()
    provider.switchRole(READ)
    const read = await provider()
    expect(read).not.toBe(full)
    expect(provider.status()).toMatchObject({ state: 'ready', role: READ })
    provider.switchRole(FULL)
    expect(await provider()).toBe(full)
    provider.switchRole()
    await provider()
    expect(pool.inputs().at(-1)).not.toHaveProperty('CustomRoleArn')
  })

  test('a role that the token does not hold is refused before anything leaves', async () => {
    const pool = fakePool()
    pool.token = idToken({ 'cognito:roles': READ })
    await expect(pool.make({ role: FULL })()).rejects.toMatchObject({
      code: 'ROLE_NOT_HELD',
      remedy: expect.stringContaining(READ),
    })
    expect(pool.calls()).toEqual([])
  })

  test('is left to Cognito where the token does not speak of roles', async () => {
    const pool = fakePool()
    pool.token = idToken({ 'cognito:roles': undefined })
    await pool.make({ role: FULL })()
    expect(pool.inputs()[1]).toMatchObject({ CustomRoleArn: FULL })
  })

  test('a role that changes with the token drops the credentials of the previous role', async () => {
    const pool = fakePool()
    const events: CognitoEvent[] = []
    const provider = pool.make({ onEvent: (event) => events.push(event) })
    const before = await provider()
    pool.token = idToken({ 'cognito:roles': [READ], 'cognito:preferred_role': READ })
    expect(await provider()).not.toBe(before)
    expect(events).toContainEqual({ type: 'role-changed', from: FULL, to: READ })
    expect(pool.count('GetId')).toBe(1)
  })

  test('a role that changes during an exchange makes the exchange start again', async () => {
    let release: () => void = () => {}
    const pool = fakePool((_, __, index) => {
      if (index !== 1) return undefined
      return new Promise<Response>((resolve) => {
        release = () =>
          resolve(
            Response.json({
              IdentityId: 'eu-central-1:identity-1',
              Credentials: {
                AccessKeyId: 'of before',
                SecretKey: 's',
                SessionToken: 't',
                Expiration: 9e9,
              },
            }),
          )
      })
    })
    const provider = pool.make()
    const first = provider()
    await settle()
    pool.token = idToken({ 'cognito:roles': [READ], 'cognito:preferred_role': READ })
    const second = provider()
    await settle()
    release()
    expect((await first).accessKeyId).toBe('ASIA1')
    expect(await second).toBe(await first)
    expect(pool.inputs().at(-1)!.Logins).toEqual({ [PROVIDER]: pool.token })
  })
})

describe('refreshIdentity', () => {
  test('forces a new token and a new exchange, and returns the old and the new role', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const before = await provider()
    pool.token = idToken({ 'cognito:roles': [READ], 'cognito:preferred_role': undefined })
    expect(await provider.refreshIdentity()).toEqual({ from: FULL, to: READ })
    expect(pool.asked).toEqual([false, true])
    expect(pool.calls()).toEqual([...BOTH, BOTH[1]])
    expect(await provider()).not.toBe(before)
  })

  test('exchanges the new token even while an exchange with the old one is under way', async () => {
    let release: (response?: undefined) => void = () => {}
    const pool = fakePool((_, __, index) =>
      index === 1 ? new Promise<undefined>((resolve) => (release = resolve)) : undefined,
    )
    const provider = pool.make({
      idToken: async ({ forceRefresh }) => idToken({ jti: forceRefresh ? 'new' : 'old' }),
    })
    const first = provider()
    await settle()
    const refreshed = provider.refreshIdentity()
    await settle()
    release()
    await Promise.all([first, refreshed])
    expect(pool.inputs().at(-1)!.Logins).toEqual({ [PROVIDER]: idToken({ jti: 'new' }) })
  })

  test('refreshIdentity that fails leaves valid credentials in place', async () => {
    let down = false
    const pool = fakePool(() => (down ? refuses('LimitExceededException', 'no') : undefined))
    const provider = pool.make()
    const before = await provider()
    down = true
    pool.token = idToken({ jti: 'new' })
    await expect(provider.refreshIdentity()).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED' })
    expect(await provider()).toBe(before)
  })
})

import { describe, expect, it } from 'vitest'
import { createDeveloperAccess, opaqueIssuer, type KeyStore } from '../src/index.ts'
import { eventFixtures } from '@iamfetch/server/fixtures'
import { alice, eventWith, reading, rig, secretOf } from './fixtures.ts'

/** An error as a second copy of `@iamfetch/core` makes it, for which `instanceof` is false. */
const copyOf = (code: string, status: number): Error =>
  Object.assign(new Error('of another copy'), {
    name: 'IamFetchError',
    code,
    status,
    remedy: 'Do it.',
    retryable: false,
  })

describe('an error of another copy of core', () => {
  it('is a refusal of the authorizer and of withOwner, and not a failure', async () => {
    const { access, store } = rig()
    const secret = secretOf(await access.createKey(alice, reading))
    const broken: KeyStore = {
      ...store,
      byClientId: () => Promise.reject(copyOf('TOKEN_REJECTED', 401)),
    }
    const other = createDeveloperAccess({ issuer: opaqueIssuer(), store: broken })
    const event = { version: '2.0', headers: { authorization: `Bearer ${secret}` } }
    expect(await other.authorizer()(event)).toEqual({ isAuthorized: false })
    const handler = other.withOwner(() => ({ statusCode: 200, body: '' }))
    expect(await handler(eventWith(secret), {})).toMatchObject({ statusCode: 401 })
  })

  it('is the response of a route with its code', async () => {
    const { store } = rig()
    const broken: KeyStore = {
      ...store,
      keysOf: () => Promise.reject(copyOf('KEY_NOT_FOUND', 404)),
    }
    const app = createDeveloperAccess({ issuer: opaqueIssuer(), store: broken }).routes()
    const event = eventFixtures['http-jwt'].event()
    const response = await app.request('/keys', {}, Object({ event }))
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { error: 'KEY_NOT_FOUND' },
    ])
  })

  it('of an issuer that refused says that there is no client to look for', async () => {
    const { store } = rig()
    const issuer = opaqueIssuer()
    const access = createDeveloperAccess({
      issuer: { ...issuer, issue: () => Promise.reject(copyOf('QUOTA_EXHAUSTED', 400)) },
      store,
    })
    await expect(access.createKey(alice, reading)).rejects.toMatchObject({
      code: 'QUOTA_EXHAUSTED',
    })
    expect(await store.keysOf(alice.userId)).toEqual([])
  })
})

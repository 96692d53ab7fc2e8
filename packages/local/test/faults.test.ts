import { fixedClock } from '@iamfetch/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeJwt } from 'jose'
import { createFaults } from '../src/faults/faults.ts'
import {
  call,
  serveIdentity,
  signedIn,
  type Answer,
  type Served,
} from './support/serve-identity.ts'

let stack: Served
let token: string
beforeAll(async () => {
  stack = await serveIdentity()
  token = (await signedIn(stack, 'alice')).IdToken
})
beforeEach(() => stack.faults.reset())
afterAll(() => stack.stop())

const getId = (): Promise<Answer> => {
  const { identityPoolId, provider } = stack.identity.ids
  return call(stack.url, 'GetId', { IdentityPoolId: identityPoolId, Logins: { [provider]: token } })
}

describe('the next calls of an operation', () => {
  it('are throttled as often as ordered, then answered', async () => {
    const order = stack.faults.next('GetId', { fault: 'throttle', times: 2 })
    const answers = [await getId(), await getId(), await getId()]
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 200])
    expect(answers[0]!.headers.get('x-amzn-errortype')).toBe('TooManyRequestsException:')
    expect(answers[0]!.headers.get('x-local-reason')).toBe('a fault')
    expect(order.left).toBe(0)
    expect(stack.faults.calls('GetId')).toBe(3)
  })

  it('are refused in the words that were ordered', async () => {
    const refusal = { type: 'LimitExceededException', message: 'You have exceeded a limit.' }
    stack.faults.next('GetId', { fault: 'refuse', refusal })
    const refused = await getId()
    expect([refused.status, refused.headers.get('x-amzn-errortype')]).toEqual([
      400,
      'LimitExceededException:',
    ])
    expect(refused.body).toEqual({
      __type: 'LimitExceededException',
      message: 'You have exceeded a limit.',
    })
    expect(() => stack.faults.next('GetId', 'refuse')).toThrow(
      'faults.next: "refusal" is missing; the fault "refuse" responds with it',
    )
  })

  it('fail one after the other in the order of the orders', async () => {
    stack.faults.next('GetId', 'fail')
    stack.faults.next('GetId', 'throttle')
    expect((await getId()).status).toBe(500)
    expect((await getId()).status).toBe(400)
    expect((await getId()).status).toBe(200)
  })

  it('are answered with garbage', async () => {
    stack.faults.next('GetId', 'garbage')
    await expect(getId()).rejects.toThrow(SyntaxError)
  })

  it('lose their connection', async () => {
    stack.faults.next('GetId', 'drop')
    await expect(getId()).rejects.toThrow('fetch failed')
    expect((await getId()).status).toBe(200)
  })

  it('hang until they are released', async () => {
    const order = stack.faults.next('GetId', 'hang')
    let answered = false
    const answer = getId().finally(() => (answered = true))
    await order.met
    expect((await signedIn(stack, 'bob')).IdToken).toMatch(/^eyJ/)
    expect(answered).toBe(false)
    order.release()
    expect((await answer).status).toBe(200)
  })

  it('stop hanging when the client goes away', async () => {
    const order = stack.faults.next('GetId', 'hang')
    const abort = new AbortController()
    const gone = fetch(stack.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityService.GetId' },
      body: '{}',
      signal: abort.signal,
    })
    await order.met
    abort.abort()
    await expect(gone).rejects.toThrow('aborted')
    expect((await getId()).status).toBe(200)
  })

  it('of another operation are left alone', async () => {
    stack.faults.next('GetCredentialsForIdentity', 'fail')
    expect((await getId()).status).toBe(200)
    expect(stack.faults.calls()).toEqual({ GetId: 1 })
  })

  it('may be those for the key set', async () => {
    stack.faults.next('GET /.well-known/jwks.json', 'fail')
    const url = `${stack.url}/${stack.identity.ids.userPoolId}/.well-known/jwks.json`
    expect([(await fetch(url)).status, (await fetch(url)).status]).toEqual([500, 200])
    expect(stack.faults.calls('GET /.well-known/jwks.json')).toBe(2)
  })

  it('are slow by the clock of the stack', async () => {
    const clock = fixedClock(Date.now())
    const slow = await serveIdentity({}, { clock })
    try {
      const order = slow.faults.next('GetId', { fault: 'slow', delayMs: 5_000 })
      const answer = call(slow.url, 'GetId', {})
      await order.met
      expect(clock.sleeps).toEqual([5_000])
      await clock.advance(5_000)
      expect((await answer).status).toBe(400)
    } finally {
      await slow.stop()
    }
  })

  it('are those of one API if its name is in front of the route', () => {
    const faults = createFaults()
    faults.next('premium POST /test', 'throttle')
    expect(faults.take('POST /test', 'other')).toBeUndefined()
    expect(faults.take('POST /test', 'premium')).toMatchObject({ kind: 'throttle' })
    expect(faults.calls()).toEqual({
      'POST /test': 2,
      'other POST /test': 1,
      'premium POST /test': 1,
    })
  })
})

describe('a session', () => {
  const open = async (): Promise<string> => {
    const { provider } = stack.identity.ids
    const { IdentityId } = (await getId()).body
    const Logins = { [provider]: token }
    const { body } = await call(stack.url, 'GetCredentialsForIdentity', { IdentityId, Logins })
    return body.Credentials.AccessKeyId
  }

  it('that was expired is still known, with an expiry in the past', async () => {
    const accessKeyId = await open()
    stack.faults.expireSession(accessKeyId)
    const session = stack.identity.sessions.find(accessKeyId)!
    expect(session.expiresAt).toBeLessThanOrEqual(stack.faults.clock.now())
  })

  it('that was revoked is unknown', async () => {
    const accessKeyId = await open()
    stack.faults.revokeSession(accessKeyId)
    expect(stack.identity.sessions.find(accessKeyId)).toBeUndefined()
  })

  it('is forgotten a day after its end', async () => {
    const clock = fixedClock()
    const day = await serveIdentity(
      { users: {}, identityPool: { unauthenticatedRole: { policy: GUEST } } },
      { clock },
    )
    const guest = async (): Promise<string> => {
      const { identityPoolId } = day.identity.ids
      const id = await call(day.url, 'GetId', { IdentityPoolId: identityPoolId })
      return (await call(day.url, 'GetCredentialsForIdentity', id.body)).body.Credentials
        .AccessKeyId
    }
    try {
      const first = await guest()
      clock.jump(24 * 3_600_000)
      await guest()
      expect(day.identity.sessions.find(first)).toBeDefined()
      clock.jump(3_600_000)
      await guest()
      expect(day.identity.sessions.find(first)).toBeUndefined()
    } finally {
      await day.stop()
    }
  })
})

it('a user who is moved to other groups gets them with the next token, a refreshed one too', async () => {
  const { RefreshToken } = await signedIn(stack, 'bob')
  stack.faults.setGroups('bob', ['FullAccess'])
  const { body } = await call(stack.url, 'GetTokensFromRefreshToken', {
    ClientId: stack.identity.ids.userPoolClientId,
    RefreshToken,
  })
  const { IdToken } = await signedIn(stack, 'bob')
  for (const idToken of [body.AuthenticationResult.IdToken, IdToken])
    expect(decodeJwt(idToken)['cognito:groups']).toEqual(['FullAccess'])
  expect(() => stack.faults.setGroups('bob', ['Unknown'])).toThrow(
    'setGroups: "groups" of bob has "Unknown", which is not a group of the stack',
  )
  expect(() => stack.faults.setGroups('zoe', [])).toThrow('there is no user "zoe"')
})

describe('a mistake of the test itself', () => {
  it('throws an error that names it', () => {
    const faults = createFaults()
    expect(() => faults.deleteIdentity('x')).toThrow(
      'faults: no stack runs with these faults; give them to startLocalStack first',
    )
    expect(() => stack.faults.deleteIdentity('x')).toThrow('there is no identity "x"')
    expect(() => stack.faults.expireSession('ASIAX')).toThrow('there is no session "ASIAX"')
    expect(() => faults.next('GetId', { fault: 'fail', times: 0 })).toThrow('1 or more')
    expect(() => faults.shiftClock(NaN)).toThrow('"ms" must be a number, got NaN')
  })
})

const GUEST = {
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Action: 'execute-api:Invoke', Resource: '*' }],
}

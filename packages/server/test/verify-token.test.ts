import { IamFetchError } from '@iamfetch/core'
import { describe, expect, it } from 'vitest'
import { eventFixtures } from '../src/fixtures.ts'
import { resolveCaller, withCaller } from '../src/index.ts'
import { poolToken, trust } from './tokens.ts'

const claims = { sub: 'client', client_id: 'client', token_use: 'access', scope: 'notes/read' }
const verifyToken = (token: string): object | undefined => (token === 'good' ? claims : undefined)
const bringing = (token: string, shape: 'http-open' | 'rest-open' = 'http-open'): object => ({
  ...eventFixtures[shape].event(),
  headers: { authorization: `Bearer ${token}` },
})

describe('a token of another kind', () => {
  it('is verified by the function that knows it', async () => {
    for (const shape of ['http-open', 'rest-open'] as const) {
      for (const proof of ['gateway', 'verified'] as const) {
        expect(await resolveCaller(bringing('good', shape), { verifyToken, proof })).toMatchObject({
          kind: 'machine',
          subject: 'client',
          scopes: ['notes/read'],
          proof: 'verified',
        })
      }
    }
  })

  it('leaves the others to the user pool, or refuses them', async () => {
    const caller = await resolveCaller(bringing(await poolToken()), { ...trust, verifyToken })
    expect(caller).toMatchObject({ kind: 'user', username: 'alice' })
    await expect(resolveCaller(bringing('bad'), { verifyToken })).rejects.toMatchObject({
      code: 'CALLER_UNPROVEN',
    })
    await expect(resolveCaller(bringing('bad'), { ...trust, verifyToken })).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
    })
  })

  it('is not asked about where the gateway has proven a caller', async () => {
    const event = { ...eventFixtures['http-jwt'].event(), headers: { authorization: 'good' } }
    expect(await resolveCaller(event, { verifyToken })).toMatchObject({ username: 'alice' })
  })

  it('is answered with 401 where the function refuses it', async () => {
    const refuse = (): never => {
      throw new IamFetchError('TOKEN_REJECTED', 'Revoked.', { remedy: 'Another.', status: 401 })
    }
    const handler = withCaller(() => 'in', { verifyToken: refuse })
    expect(await handler(bringing('good'), {})).toMatchObject({ statusCode: 401 })
  })
})

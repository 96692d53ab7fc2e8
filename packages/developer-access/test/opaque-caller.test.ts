import { eventFixtures, machineClaims } from '@iamfetch/server/fixtures'
import { describe, expect, it } from 'vitest'
import { createDeveloperAccess, opaqueIssuer } from '../src/index.ts'
import { alice, eventWith, reading, rig, secretOf, answering } from './fixtures.ts'

describe('a caller', () => {
  it('that is a machine of no user is refused unless it is let in by name', async () => {
    const { access } = rig()
    const event = eventFixtures['http-jwt'].event({ claims: machineClaims })
    expect(await access.withOwner(answering)(event, {})).toMatchObject({ statusCode: 403 })
    const handler = access.withOwner(answering, { kinds: ['machine'] })
    expect(await handler(event, {})).toMatchObject({ kind: 'machine' })
  })

  it('is not let in when the store cannot be read', async () => {
    const { store, access } = rig()
    const event = eventWith(secretOf(await access.createKey(alice, reading)))
    let down = true
    const broken = createDeveloperAccess({
      issuer: opaqueIssuer(),
      clock: { now: () => Date.UTC(2026, 0, 1, 0, 30) },
      store: {
        ...store,
        byClientId: async (clientId) => {
          if (down) throw new Error('down')
          return store.byClientId(clientId)
        },
      },
    })
    const handler = broken.withOwner(answering)
    expect(await handler(event, {})).toMatchObject({ statusCode: 503 })
    down = false
    expect(await handler(event, {})).toMatchObject({ subject: alice.userId })
  })
})

describe('the authorizer', () => {
  const rest = { type: 'TOKEN', methodArn: 'arn:aws:execute-api:eu-central-1:1:api/prod/GET/a/b' }

  it('names the client to HTTP APIs and REST APIs, from which the handler finds the user', async () => {
    const { access, clock } = rig()
    const made = await access.createKey(alice, reading)
    const authorizer = access.authorizer()
    const bearer = `Bearer ${secretOf(made)}`
    const simple = await authorizer({ version: '2.0', headers: { authorization: bearer } })
    expect(simple).toMatchObject({ isAuthorized: true, context: { sub: made.key.clientId } })
    const policy = await authorizer({ ...rest, authorizationToken: bearer })
    expect(policy).toMatchObject({
      principalId: made.key.clientId,
      policyDocument: {
        Statement: [{ Effect: 'Allow', Resource: 'arn:aws:execute-api:eu-central-1:1:api/prod/*' }],
      },
    })
    const { context } = Object(simple)
    const event = { version: '2.0', requestContext: { authorizer: { lambda: context } } }
    const handler = access.withOwner(answering)
    expect(await handler(event, {})).toMatchObject({ subject: alice.userId, proof: 'gateway' })
    // The gateway may go on believing its cache; the handler does not.
    clock.jump(1)
    const rotated = await access.rotateKey(alice, made.key.id, { graceSeconds: 0 })
    expect(await handler(event, {})).toMatchObject({ statusCode: 401 })
    const again = await authorizer({
      version: '2.0',
      headers: { authorization: secretOf(rotated) },
    })
    const fresh = { ...event, requestContext: { authorizer: { lambda: Object(again).context } } }
    expect(await handler(fresh, {})).toMatchObject({ subject: alice.userId })
  })

  it('turns everybody else away', async () => {
    const { access } = rig()
    const authorizer = access.authorizer()
    const headers = { Authorization: 'Bearer eyJ.e30.x' }
    expect(await authorizer({ version: '2.0', headers })).toEqual({ isAuthorized: false })
    await expect(authorizer({ ...rest, authorizationToken: 'x' })).rejects.toThrow(/^Unauthorized$/)
  })
})

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { eventFixtures } from '../src/fixtures.ts'
import { resolveCaller, type CallerOptions } from '../src/index.ts'
import { albToken, poolToken, trust } from './tokens.ts'

const authorization = `Bearer ${await poolToken()}`
const alice = { kind: 'user', username: 'alice', proof: 'verified', shape: 'bearer' }

/** Serves one request with a listener, and returns the response. */
async function ask(listener: RequestListener, headers: Record<string, string>): Promise<Response> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has such an address
    const { port } = server.address() as AddressInfo
    return await fetch(`http://127.0.0.1:${port}/`, { headers })
  } finally {
    server.close()
  }
}

/** Who called, in the form that the servers below respond with. */
async function answerFor(request: unknown, options: CallerOptions = trust): Promise<object> {
  try {
    const { kind, username, subject, proof, shape, groups } = await resolveCaller(request, options)
    return { kind, username, subject, proof, shape, groups }
  } catch (error) {
    const { code } = Object(error)
    return { code }
  }
}

const servers: [name: string, create: (options: CallerOptions) => Promise<RequestListener>][] = [
  [
    "Node's IncomingMessage",
    async (options) => async (request, response) =>
      void response.end(JSON.stringify(await answerFor(request, options))),
  ],
  [
    'Express',
    async (options) =>
      // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 forwards rejections
      express().use(async (request, response) => {
        response.json(await answerFor(request, options))
      }),
  ],
  [
    'Fastify',
    async (options) => {
      const app = fastify()
      // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify forwards rejections
      app.get('/', async (request) => answerFor(request, options))
      await app.ready()
      return (request, response) => app.routing(request, response)
    },
  ],
  [
    'Koa, the context',
    async (options) =>
      new Koa()
        .use(async (context) => {
          context.body = await answerFor(context, options)
        })
        .callback(),
  ],
  [
    'Koa, the request',
    async (options) =>
      new Koa()
        .use(async (context) => {
          context.body = await answerFor(context.request, options)
        })
        .callback(),
  ],
]

describe.each(servers)('a request of %s', (_, create) => {
  const asked = async (headers: Record<string, string>, options: CallerOptions = trust) =>
    (await ask(await create(options), headers)).json()

  it('names the user of the token that it carries, verified', async () => {
    expect(await asked({ authorization })).toMatchObject(alice)
  })

  it('without a token, or with one that another key signed, names no caller', async () => {
    expect(await asked({})).toEqual({ code: 'CALLER_MISSING' })
    expect(await asked({ authorization: `${authorization.slice(0, -8)}AAAAAAAA` })).toEqual({
      code: 'TOKEN_INVALID',
    })
  })

  it('names the user of a load balancer', async () => {
    expect(await asked({ 'x-amzn-oidc-data': await albToken() })).toMatchObject({
      username: 'alice',
      shape: 'alb-oidc',
    })
  })

  it('is not believed about the context of a gateway, unless it came through Lambda Web Adapter', async () => {
    const { requestContext } = eventFixtures['http-jwt'].event()
    const headers = { 'x-amzn-request-context': JSON.stringify(requestContext) }
    expect(await asked(headers)).toEqual({ code: 'CALLER_MISSING' })
    expect(await asked(headers, { ...trust, lambdaWebAdapter: true })).toMatchObject({
      username: 'alice',
      proof: 'gateway',
      shape: 'http-jwt',
      groups: ['FullAccess', 'Editors'],
    })
  })
})

describe('a request of the web', () => {
  it.each<[string, unknown]>([
    ['a Request', new Request('https://api.example/', { headers: { authorization } })],
    ['Headers', new Headers({ Authorization: authorization })],
    ['an object with Headers', { headers: new Headers({ authorization }) }],
    ['an object with plain headers', { headers: { Authorization: authorization } }],
    ['a Map of headers', { headers: new Map([['authorization', authorization]]) }],
  ])('as %s names the user of its token', async (_, request) => {
    expect(await resolveCaller(request, trust)).toMatchObject(alice)
  })

  it('with two tokens names no caller', async () => {
    const headers = new Headers({ authorization })
    headers.append('authorization', `Bearer ${await poolToken({ sub: 'b0b' })}`)
    await expect(
      resolveCaller(new Request('https://api.example/', { headers }), trust),
    ).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  it('of another realm is read as well, and the root of its prototypes is not', async () => {
    const root: object = Object.create(null, { headers: { value: { authorization } } })
    const planted: unknown = Object.create(root)
    expect(await answerFor(planted)).toEqual({ code: 'CALLER_MISSING' })
  })
})

describe('Lambda Web Adapter', () => {
  const options = { ...trust, lambdaWebAdapter: true }
  const through = (requestContext: unknown, more: object = {}): object => ({
    headers: { 'x-amzn-request-context': JSON.stringify(requestContext), ...more },
  })
  const contextOf = (event: object): unknown => Object(event).requestContext

  it.each(['http-jwt', 'http-iam', 'rest-iam', 'http-lambda', 'rest-lambda'] as const)(
    'passes the proof of an event of the shape %s on',
    async (shape) => {
      const event = eventFixtures[shape].event()
      const direct = await resolveCaller(event, trust)
      const passed = await resolveCaller(through(contextOf(event)), options)
      expect(passed.subject).toBe(direct.subject)
      expect(passed.proof).toBe('gateway')
    },
  )

  it.each(['rest-cognito', 'http-jwt-1.0'] as const)(
    'passes claims of the shape %s on without the format of the payload, so that no list is split',
    async (shape) => {
      const passed = through(contextOf(eventFixtures[shape].event()))
      const caller = await resolveCaller(passed, options)
      expect(caller).toMatchObject({ username: 'alice', groups: [] })
      expect(caller.ambiguousClaims).toContain('cognito:groups')
      const withToken = { headers: { ...Object(passed).headers, authorization } }
      expect(await resolveCaller(withToken, options)).toMatchObject({
        groups: ['FullAccess', 'Editors'],
        proof: 'verified',
      })
    },
  )

  it('passes null on for an invocation without a gateway: the token is verified here', async () => {
    expect(await resolveCaller(through(null, { authorization }), options)).toMatchObject(alice)
  })

  it('is not believed if the event has its own context', async () => {
    const forged = through({ authorizer: { jwt: { claims: { sub: 'forged' } } } })
    const event = { ...eventFixtures['http-open'].event(), ...forged }
    expect(await answerFor(event, options)).toEqual({ code: 'CALLER_MISSING' })
  })

  it('with two contexts or half a context names no caller', async () => {
    const [one, other] = ['{"a":1}', '{"a":2}']
    const two = { headers: { 'x-amzn-request-context': one, 'X-Amzn-Request-Context': other } }
    expect(await answerFor(two, options)).toEqual({ code: 'CALLER_MISMATCH' })
    expect(await answerFor({ headers: { 'x-amzn-request-context': '{"a"' } }, options)).toEqual({
      code: 'CALLER_MISMATCH',
    })
  })
})

describe('a user pool that is replicated to another region', () => {
  const [pool] = trust.userPools
  const replicated = { ...trust, userPools: [{ ...pool!, replicaRegions: ['us-west-2'] }] }
  const issuer = `https://cognito-idp.us-west-2.amazonaws.com/${pool!.userPoolId}`

  it.each([issuer, issuer.replace('//', '//issuer-')])(
    'is trusted with the issuer %s',
    async (iss) => {
      const event = eventFixtures['http-open'].event({ token: await poolToken({ iss }) })
      expect(await resolveCaller(event, replicated)).toMatchObject(alice)
      await expect(resolveCaller(event, trust)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    },
  )

  it('is trusted by the gateway’s claims and by logins of an identity pool', async () => {
    const claims = { sub: 's-1', iss: issuer, token_use: 'id', aud: pool!.clientIds![0] }
    for (const shape of ['http-jwt', 'http-iam', 'rest-iam'] as const) {
      const event = eventFixtures[shape].event({ claims })
      expect(await resolveCaller(event, replicated)).toMatchObject({ kind: 'user', subject: 's-1' })
      await expect(resolveCaller(event, trust)).rejects.toMatchObject({
        code: shape === 'http-jwt' ? 'TOKEN_INVALID' : 'CALLER_NOT_TRUSTED',
      })
    }
  })
})

it('a user pool of another partition has the domain of that partition in its issuer, and no other', async () => {
  const userPoolId = 'eusc-de-east-1_AbCdEf123'
  const options = { userPools: [{ userPoolId, clientIds: null }] }
  const eventOf = (domain: string) => {
    const iss = `https://cognito-idp.eusc-de-east-1.${domain}/${userPoolId}`
    return eventFixtures['http-jwt'].event({ claims: { sub: 's-1', iss, token_use: 'id' } })
  }
  expect(await resolveCaller(eventOf('amazonaws.eu'), options)).toMatchObject({ subject: 's-1' })
  await expect(resolveCaller(eventOf('amazonaws.com'), options)).rejects.toMatchObject({
    code: 'TOKEN_INVALID',
  })
})

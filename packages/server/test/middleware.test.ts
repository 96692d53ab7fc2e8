import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { describe, expect, it } from 'vitest'
import { aliceClaims, eventFixtures } from '../src/fixtures.ts'
import type { Caller } from '../src/index.ts'
import { requireCaller as requireCallerOfHono, type CallerEnv } from '../src/hono.ts'
import { requireCaller as requireCallerOfMiddy } from '../src/middy.ts'
import { requireCaller as requireCallerOfPowertools } from '../src/powertools.ts'
import { poolToken, trust } from './tokens.ts'

// Their own types need `skipLibCheck`; that ours fit them is checked in peers.test.ts.
type Lambda = (event: unknown, context: unknown) => Promise<unknown>
type With = { caller: Caller }
interface Middy {
  use(middleware: object): Middy
  handler(handler: (event: unknown, context: With) => unknown): Lambda
}
interface PowertoolsRouter {
  use(middleware: unknown): void
  get(path: string, route: (request: { get(name: 'caller'): Caller }) => unknown): void
  resolve: Lambda
}
const load = (name: string) => import(name)
const { default: middy }: { default: () => Middy } = await load('@middy/core')
const { Router }: { Router: new () => PowertoolsRouter } = await load(
  '@aws-lambda-powertools/event-handler/http',
)

const anEditor = { ...aliceClaims, 'cognito:groups': ['Editors'] }
const anyContext = Object({ awsRequestId: 'id', functionName: 'test' })

describe('hono', () => {
  const app = new Hono<CallerEnv>()
  app.use('/test', requireCallerOfHono({ ...trust, groups: ['Editors'] }))
  app.get('/test', (c) =>
    c.json({ username: c.get('caller').username, proof: c.get('caller').proof }),
  )
  const lambda = handle(app)
  const invoke = (event: unknown) => lambda(Object(event))

  it('lets a caller in whom the gateway proved', async () => {
    for (const shape of ['http-jwt', 'rest-cognito'] as const) {
      expect(await invoke(eventFixtures[shape].event({ claims: anEditor }))).toMatchObject({
        statusCode: 200,
        body: '{"username":"alice","proof":"gateway"}',
      })
    }
  })

  it('refuses before the route', async () => {
    expect(await invoke(eventFixtures['http-open'].event())).toMatchObject({
      statusCode: 401,
      body: '{"message":"Unauthorized"}',
    })
    expect(await invoke(eventFixtures['rest-iam'].event())).toMatchObject({ statusCode: 403 })
  })

  it('verifies the token of a request that came by no event', async () => {
    const authorization = `Bearer ${await poolToken()}`
    const passed = await app.request('/test', { headers: { authorization } })
    expect(await passed.json()).toEqual({ username: 'alice', proof: 'verified' })
    const refused = await app.request('/test', { headers: { authorization: 'Bearer x' } })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
  })
})

describe('middy', () => {
  const handler = middy()
    .use(requireCallerOfMiddy({ ...trust, groups: ['Editors'] }))
    .handler(async (_event, { caller }) => ({ statusCode: 200, body: caller.username }))
  const invoke = (event: unknown): Promise<unknown> => handler(event, anyContext)

  it('passes the caller on in the context, or responds in place of the handler', async () => {
    expect(await invoke(eventFixtures['http-jwt'].event())).toEqual({
      statusCode: 200,
      body: 'alice',
    })
    expect(await invoke(eventFixtures['http-open'].event())).toMatchObject({ statusCode: 401 })
    expect(await invoke(eventFixtures['rest-iam'].event())).toMatchObject({
      statusCode: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
    })
  })
})

describe('powertools', () => {
  const app = new Router()
  app.use(requireCallerOfPowertools({ ...trust, groups: ['Editors'] }))
  app.get('/test', (request) => ({ username: request.get('caller').username }))

  it('passes the caller on in the request, or responds in place of the route', async () => {
    const invoke = (event: unknown) => app.resolve(event, anyContext)
    for (const shape of ['http-jwt', 'rest-cognito'] as const) {
      expect(await invoke(eventFixtures[shape].event({ claims: anEditor }))).toMatchObject({
        statusCode: 200,
        body: '{"username":"alice"}',
      })
    }
    expect(await invoke(eventFixtures['http-open'].event())).toMatchObject({
      statusCode: 401,
      body: '{"message":"Unauthorized"}',
    })
    expect(await invoke(eventFixtures['http-iam'].event())).toMatchObject({ statusCode: 403 })
  })
})

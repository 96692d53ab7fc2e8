import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  createFaults,
  startLocalStack,
  type LocalStack,
  type StackDefinition,
} from '../src/index.ts'
import { echo } from './support/serve-api.ts'
import { reasonOf } from './support/gateway-scene.ts'

let now = Date.UTC(2026, 5, 3, 12)
const handler = echo
const keyed = { auth: 'none', apiKeyRequired: true, handler } as const
const definition: StackDefinition = {
  usagePlans: {
    free: { apis: ['orders'], quota: { limit: 3, period: 'DAY' } },
    quick: { apis: ['orders', 'byAuthorizer'], throttle: { rateLimit: 2, burstLimit: 3 } },
    week: { apis: ['orders'], quota: { limit: 1, period: 'WEEK' } },
    month: { apis: ['orders'], quota: { limit: 1, period: 'MONTH' } },
    other: { apis: ['byAuthorizer'] },
  },
  apiKeys: {
    free: { usagePlan: 'free' },
    quick: { usagePlan: 'quick', value: 'a-key-of-thirty-characters-xxx' },
    week: { usagePlan: 'week' },
    month: { usagePlan: 'month' },
    other: { usagePlan: 'other' },
  },
  apis: {
    orders: {
      type: 'rest',
      routes: {
        'GET /keyed': keyed,
        'GET /open': { auth: 'none', handler },
        'GET /iam': { ...keyed, auth: 'iam' },
      },
    },
    byAuthorizer: {
      type: 'rest',
      apiKeySource: 'authorizer',
      authorizers: {
        key: {
          resultTtlSeconds: 0,
          handler: ({ authorizationToken }) => ({
            principalId: 'user',
            policyDocument: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
            ...(authorizationToken !== 'none' && { usageIdentifierKey: authorizationToken }),
          }),
        },
      },
      routes: { 'GET /keyed': { auth: 'lambda', apiKeyRequired: true, handler } },
    },
  },
}

let stack: LocalStack
beforeAll(async () => {
  stack = await startLocalStack(definition, { faults: createFaults({ clock: { now: () => now } }) })
})
afterAll(() => stack.stop())

const url = (path: string, api = 'orders'): string => `${stack.config.apis[api]?.url}${path}`
const withKey = (value: string, path = '/keyed'): Promise<Response> =>
  fetch(url(path), { headers: { 'x-api-key': value } })
const valueOf = (name: string): string => stack.apiKeys[name]?.value ?? ''
const said = async (response: Response): Promise<unknown> => [
  response.status,
  response.headers.get('x-amzn-errortype'),
  await response.text(),
]
const FORBIDDEN = [403, 'ForbiddenException', '{"message":"Forbidden"}']

describe('an API key', () => {
  it('is drawn at each start or given, and is 20 characters long at least', () => {
    expect(valueOf('quick')).toBe('a-key-of-thirty-characters-xxx')
    expect(valueOf('free')).toMatch(/^[A-Za-z0-9]{40}$/)
    expect(stack.apiKeys['free']?.id).toMatch(/^[a-z0-9]{10}$/)
  })

  it('reaches the handler of a route that needs it, and of no other', async () => {
    const keyedEvent = await (await withKey(valueOf('quick'))).json()
    expect(keyedEvent.requestContext.identity).toMatchObject({
      apiKey: valueOf('quick'),
      apiKeyId: stack.apiKeys['quick']?.id,
    })
    const open = await (await withKey(valueOf('quick'), '/open')).json()
    expect(open.requestContext.identity).not.toHaveProperty('apiKey')
  })

  it('that is missing, unknown or of a plan without this API is a 403 that does not say which', async () => {
    const responses = [
      await fetch(url('/keyed')),
      await withKey('unknown'),
      await withKey(valueOf('other')),
    ]
    expect(responses.map(reasonOf)).toEqual([
      'ApiKeyRefused: the request has no API key',
      'ApiKeyRefused: the API key is not one of the definition',
      'ApiKeyRefused: the usage plan other of the API key other does not have this API',
    ])
    for (const response of responses) expect(await said(response)).toEqual(FORBIDDEN)
  })

  it('does not replace a signature', async () => {
    const response = await withKey(valueOf('quick'), '/iam')
    expect(await said(response)).toEqual([
      403,
      'MissingAuthenticationTokenException',
      '{"message":"Missing Authentication Token"}',
    ])
  })

  it('stays the same in a stack that takes the place of this one', async () => {
    const next = await startLocalStack(definition, { memory: await stack.remember() })
    onTestFinished(() => next.stop())
    expect(next.apiKeys).toEqual(stack.apiKeys)
  })
})

describe('a usage plan', () => {
  it('has a quota, after which calls are a 429 until the next day', async () => {
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await withKey(valueOf('free'))).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    const refused = await withKey(valueOf('free'))
    expect(reasonOf(refused)).toBe(
      'QuotaExceeded: the API key free has used the quota of the usage plan free until 2026-06-04T00:00:00.000Z',
    )
    expect(refused.headers.get('retry-after')).toBeNull()
    expect(await said(refused)).toEqual([
      429,
      'LimitExceededException',
      '{"message":"Limit Exceeded"}',
    ])
    now = Date.UTC(2026, 5, 4)
    expect((await withKey(valueOf('free'))).status).toBe(200)
  })

  it('counts by weeks and months', async () => {
    const statuses = []
    for (const at of [
      '2026-06-05',
      '2026-06-06T23:59:59Z',
      '2026-06-07',
      '2026-06-30T23:59:59Z',
      '2026-07-01',
    ]) {
      now = Date.parse(at)
      statuses.push([
        (await withKey(valueOf('week'))).status,
        (await withKey(valueOf('month'))).status,
      ])
    }
    expect(statuses).toEqual([
      [200, 200],
      [429, 429],
      [200, 429],
      [200, 429],
      [429, 200],
    ])
  })

  it('has a throttle: a burst, then its rate', async () => {
    now += 3_600_000
    const calls = async (count: number): Promise<number[]> => {
      const statuses = []
      for (let i = 0; i < count; i++) statuses.push((await withKey(valueOf('quick'))).status)
      return statuses
    }
    expect(await calls(4)).toEqual([200, 200, 200, 429])
    now += 500
    expect(await calls(2)).toEqual([200, 429])
    now += 60_000
    expect(await calls(4)).toEqual([200, 200, 200, 429])
    const refused = await withKey(valueOf('quick'))
    expect(await said(refused)).toEqual([
      429,
      'TooManyRequestsException',
      '{"message":"Too Many Requests"}',
    ])
  })
})

describe('an API key from the authorizer', () => {
  const call = (authorization: string): Promise<Response> =>
    fetch(url('/keyed', 'byAuthorizer'), {
      headers: { authorization, 'x-api-key': valueOf('other') },
    })

  it('is its usageIdentifierKey, whatever the header says', async () => {
    const response = await call(valueOf('other'))
    expect((await response.json()).requestContext.identity.apiKey).toBe(valueOf('other'))
    expect(await said(await call('none'))).toEqual(FORBIDDEN)
    expect(await said(await call(valueOf('free')))).toEqual(FORBIDDEN)
  })
})

import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PolicyDocument, PolicyStatement, RouteDefinition } from '../src/index.ts'
import { echo, serveApi, sessionOf, type ServedApi } from './support/serve-api.ts'
import { reasonOf } from './support/gateway-scene.ts'

const Action = 'execute-api:Invoke'
const allowAll = { Effect: 'Allow', Principal: '*', Action } as const
/** One path for each row of AWS's table: what the resource policy says of it is its last letter. */
const resourcePolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    { ...allowAll, Sid: 'Open', Resource: 'execute-api:/*/*/*-allow' },
    { ...allowAll, Sid: 'Closed', Effect: 'Deny', Resource: 'execute-api:/*/*/*-deny' },
    {
      ...allowAll,
      Sid: 'Office',
      Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/prod/GET/office/*',
      Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    },
    {
      ...allowAll,
      Sid: 'Role',
      Principal: { AWS: 'arn:aws:iam::123456789012:role/strangerRole' },
      Resource: 'execute-api:/prod/GET/iam/of-role',
    },
    {
      ...allowAll,
      Sid: 'Account',
      Principal: { AWS: '123456789012' },
      Resource: 'execute-api:/prod/GET/iam/of-account',
    },
  ],
}

const statement = (Effect: 'Allow' | 'Deny', place: string): PolicyStatement => ({
  Effect,
  Action,
  Resource: `arn:aws:execute-api:*:*:*/*/GET/*/${place}-*`,
})
/** What a role, or an authorizer, says of the same paths: their first letter. */
const ownPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [statement('Allow', 'allow'), statement('Deny', 'deny')],
}
const caller = sessionOf('caller', ownPolicy)
const stranger = sessionOf('stranger', { ...ownPolicy, Statement: [statement('Deny', 'x')] })

let authorizations = 0
const handler = echo
const routes: Record<string, RouteDefinition> = {
  'GET /iam/{path}': { auth: 'iam', handler },
  'GET /lambda/{path}': { auth: 'lambda', handler },
  'GET /open/{path}': { auth: 'none', handler },
  'GET /jwt/{path}': { auth: 'jwt', handler },
  'GET /office/{path}': { auth: 'none', handler },
}

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(
    {
      type: 'rest',
      resourcePolicy,
      cors: { allowOrigins: ['*'] },
      authorizers: {
        own: {
          resultTtlSeconds: 0,
          handler: () => {
            authorizations++
            return { principalId: 'user', policyDocument: ownPolicy }
          },
        },
      },
      routes,
    },
    { sessions: [caller, stranger] },
  )
})
afterAll(() => api.stop())

const signed = (path: string, by = caller): Promise<Response> =>
  new AwsClient({ ...by, region: 'eu-central-1', service: 'execute-api', retries: 0 }).fetch(
    `${api.url}/iam/${path}`,
  )
const authorized = (path: string): Promise<Response> =>
  fetch(`${api.url}/lambda/${path}`, { headers: { authorization: 'token' } })
const outcome = (response: Response): string => {
  if (response.status === 200) return 'Allow'
  expect(response.status).toBe(403)
  return /^(Explicit|Implicit)Deny/.exec(reasonOf(response))?.[0] ?? reasonOf(response)
}

describe('the resource policy of a REST API', () => {
  /** AWS's table A: the caller's policy, the resource policy, the result. */
  const table: [own: string, api: string, result: string][] = [
    ['allow', 'allow', 'Allow'],
    ['allow', 'neither', 'Allow'],
    ['allow', 'deny', 'ExplicitDeny'],
    ['neither', 'allow', 'Allow'],
    ['neither', 'neither', 'ImplicitDeny'],
    ['neither', 'deny', 'ExplicitDeny'],
    ['deny', 'allow', 'ExplicitDeny'],
    ['deny', 'neither', 'ExplicitDeny'],
    ['deny', 'deny', 'ExplicitDeny'],
  ]
  it.each(table)('with a role that says %s, and itself %s, gives %s', async (own, of, result) => {
    expect(outcome(await signed(`${own}-${of}`))).toBe(result)
  })

  it.each(table)(
    'with a Lambda authorizer that says %s, and itself %s, gives %s',
    async (own, of, result) => {
      expect(outcome(await authorized(`${own}-${of}`))).toBe(result)
    },
  )

  it('that denies is evaluated before a Lambda authorizer is called', async () => {
    const before = authorizations
    const response = await authorized('allow-deny')
    expect(authorizations).toBe(before)
    expect(await response.json()).toEqual({
      Message: `User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:a1b2c3d4e5/prod/GET/lambda/allow-deny with an explicit deny`,
    })
  })

  it('has to allow a route without authorization', async () => {
    const results = []
    for (const of of ['allow', 'neither', 'deny']) {
      results.push(outcome(await fetch(`${api.url}/open/x-${of}`)))
    }
    expect(results).toEqual(['Allow', 'ImplicitDeny', 'ExplicitDeny'])
  })

  it('has to allow the preflight of a resource as well', async () => {
    const preflight = async (path: string): Promise<number> => {
      const headers = { origin: 'http://a.test', 'access-control-request-method': 'GET' }
      return (await fetch(`${api.url}${path}`, { method: 'OPTIONS', headers })).status
    }
    expect([await preflight('/open/x-allow'), await preflight('/open/x-deny')]).toEqual([204, 403])
  })

  it('is not asked about a call that is not signed or has no token', async () => {
    const unsigned = await fetch(`${api.url}/iam/allow-allow`)
    expect(await unsigned.json()).toEqual({ message: 'Missing Authentication Token' })
    const withoutToken = await fetch(`${api.url}/lambda/allow-allow`)
    expect(withoutToken.status).toBe(401)
    expect((await fetch(`${api.url}/jwt/x-allow`)).status).toBe(401)
  })

  it('allows a role by its ARN; an account leaves it to the role', async () => {
    expect(outcome(await signed('of-role', stranger))).toBe('Allow')
    expect(outcome(await signed('of-role', caller))).toBe('ImplicitDeny')
    const response = await signed('of-account', stranger)
    expect(reasonOf(response)).toBe(
      'ImplicitDeny: no statement of the role strangerRole allows execute-api:Invoke on arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/GET/iam/of-account; no statement of the resource policy of the API allows it either; statement 4 (Account) comes nearest: its Principal is the account, which leaves the decision to the policy of the role',
    )
  })

  it('names the condition that does not hold', async () => {
    const response = await fetch(`${api.url}/office/1`)
    expect(reasonOf(response)).toBe(
      'ImplicitDeny: no statement of the resource policy of the API allows execute-api:Invoke on arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/GET/office/1; statement 2 (Office) comes nearest: its condition is not met: IpAddress "203.0.113.0/24" does not hold for "127.0.0.1", the value of the key "aws:SourceIp"',
    )
    expect(await response.json()).toEqual({
      Message:
        'User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:a1b2c3d4e5/prod/GET/office/1',
    })
    expect(response.headers.get('x-amzn-errortype')).toBe('AccessDeniedException')
  })
})

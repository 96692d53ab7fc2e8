import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack, type PolicyDocument } from '../../src/index.ts'
import { claimsOf } from '../support/cognito-client.ts'
import { matching } from './matching.ts'
import { claims, MEMBERS, operations } from './user-pool.ts'

const policy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
}

let stack: LocalStack
beforeAll(async () => {
  const shared = { policy, precedence: 3, roleName: 'Shared' }
  stack = await startLocalStack({
    groups: {
      SharedA: shared,
      SharedB: shared,
      TieA: { policy, precedence: 4 },
      TieB: { policy, precedence: 4 },
      Unnumbered: { policy },
    },
    users: Object.fromEntries(Object.entries(MEMBERS).map(([name, groups]) => [name, { groups }])),
    resourceServers: { premium: ['read'] },
  })
  const { region, userPoolId, endpoints } = stack.config
  const signer = new AwsClient({ ...stack.admin, region, service: 'cognito-idp', retries: 0 })
  const administer = async (operation: string, input: object): Promise<void> => {
    const { status } = await signer.fetch(endpoints.cognitoIdp, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify({ UserPoolId: userPoolId, ...input }),
    })
    expect(status).toBe(200)
  }
  for (const Username of ['invited', 'disabled']) {
    await administer('AdminCreateUser', { Username, MessageAction: 'SUPPRESS' })
  }
  await administer('AdminDisableUser', { Username: 'disabled' })
})
afterAll(() => stack.stop())

describe('recorded on AWS: claims of tokens', () => {
  it.each(claims.map((fact) => [fact.fact, fact] as const))('%s', async (_, fact) => {
    const tokens = await stack.signIn(fact.user)
    const found = claimsOf(tokens[fact.token])
    const named = Object.keys(fact.claims).map((name) => [name, found[name]])
    expect(Object.fromEntries(named)).toEqual(fact.claims)
  })
})

describe('recorded on AWS: operations of the pools', () => {
  it.each(operations.map((fact) => [fact.fact, fact] as const))('%s', async (_, fact) => {
    const { region, userPoolId, userPoolClientId, endpoints } = stack.config
    const body = JSON.stringify(fact.input)
      .replace('$pool', userPoolId)
      .replace('$client', userPoolClientId)
      .replace('$sub', stack.users['alice']?.sub ?? '')
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': fact.operation,
    }
    const init = { method: 'POST', headers, body }
    const signer = new AwsClient({ ...stack.admin, region, service: 'cognito-idp', retries: 0 })
    const received = await (fact.signed
      ? signer.fetch(endpoints.cognitoIdp, init)
      : fetch(endpoints.cognitoIdp, init))
    expect({ status: received.status, body: await received.json() }).toEqual(
      matching(fact.response),
    )
  })
})

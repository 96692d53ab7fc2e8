import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  startLocalStack,
  type LocalStack,
  type PolicyDocument,
  type StackDefinition,
} from '../src/index.ts'
import { credentialsOf, type Keys } from './support/credentials-of.ts'
import { echo } from './support/serve-api.ts'
import { reasonOf } from './support/gateway-scene.ts'

/** One role for all tenants: its policy has the tenant of the session. */
const ofTenant: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource:
        'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/tenants/${aws:PrincipalTag/tenant}/*',
    },
    {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/DELETE/tenants/*',
      Condition: {
        StringEquals: { 'aws:PrincipalTag/plan': 'gold', 'aws:PrincipalTag/tenant': 'acme' },
      },
    },
    {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: 'arn:aws:secretsmanager:REGION:ACCOUNT_ID:secret:${aws:PrincipalTag/tenant}/*',
    },
  ],
}
const user = (tenant?: string, plan = 'basic') => ({
  groups: ['Members'],
  attributes: { 'custom:plan': plan, ...(tenant !== undefined && { 'custom:tenant': tenant }) },
})
const route = { auth: 'iam', handler: echo } as const
const definition: StackDefinition = {
  groups: { Members: { policy: ofTenant } },
  identityPool: { principalTags: { tenant: 'custom:tenant', plan: 'custom:plan' } },
  users: {
    ann: user('acme', 'gold'),
    bob: user('globex', 'gold'),
    cleo: user('acme'),
    dora: user(),
    eve: user('*'),
  },
  apis: {
    test: {
      type: 'http',
      routes: { 'GET /tenants/{tenant}/notes': route, 'DELETE /tenants/{tenant}/notes': route },
    },
  },
}

let stack: LocalStack
const keys: Record<string, Keys> = {}
beforeAll(async () => {
  stack = await startLocalStack(definition)
  for (const name of ['ann', 'bob', 'cleo', 'dora']) {
    keys[name] = await credentialsOf(stack, name)
  }
})
afterAll(() => stack.stop())

const call = (name: string, method: string, tenant: string): Promise<Response> =>
  new AwsClient({
    ...keys[name]!,
    region: 'eu-central-1',
    service: 'execute-api',
    retries: 0,
  }).fetch(`${stack.config.apis['test']?.url}/tenants/${tenant}/notes`, { method })

describe('the principal tags of two tenants', () => {
  const rows: [user: string, method: string, tenant: string, status: number][] = [
    ['ann', 'GET', 'acme', 200],
    ['ann', 'GET', 'globex', 403],
    ['bob', 'GET', 'acme', 403],
    ['bob', 'GET', 'globex', 200],
    ['cleo', 'GET', 'acme', 200],
    ['cleo', 'GET', 'globex', 403],
    ['ann', 'DELETE', 'acme', 200],
    ['bob', 'DELETE', 'globex', 403],
    ['cleo', 'DELETE', 'acme', 403],
    ['dora', 'GET', 'acme', 403],
  ]
  it.each(rows)('%s may %s /tenants/%s/notes: %i', async (name, method, tenant, status) => {
    expect((await call(name, method, tenant)).status).toBe(status)
  })

  it('cannot be a wildcard: AWS refuses the session', async () => {
    await expect(credentialsOf(stack, 'eve')).rejects.toThrow(
      'InvalidIdentityPoolConfigurationException: the claim custom:tenant has a value that the principal tag tenant cannot have: at most 256 letters, digits, spaces and _ . : / = + - @',
    )
  })

  it('are named in a denial if they are missing or have another value', async () => {
    expect(reasonOf(await call('dora', 'GET', 'acme'))).toMatch(
      /statement 0 comes nearest: the policy variable \$\{aws:PrincipalTag\/tenant\} of its Resource has no value in the request$/,
    )
    expect(reasonOf(await call('cleo', 'DELETE', 'acme'))).toMatch(
      /statement 1 comes nearest: its condition is not met: StringEquals "gold" does not hold for "basic", the value of the key "aws:PrincipalTag\/plan"$/,
    )
  })

  it('count at Secrets Manager', async () => {
    const secrets = (by: Keys, operation: string, input: object) =>
      new AwsClient({ ...by, region: 'eu-central-1', service: 'secretsmanager', retries: 0 }).fetch(
        stack.config.endpoints.secretsManager,
        {
          method: 'POST',
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': `secretsmanager.${operation}`,
          },
          body: JSON.stringify(input),
        },
      )
    await secrets(stack.admin, 'CreateSecret', {
      Name: 'acme/key',
      SecretString: 's',
      ClientRequestToken: 'x'.repeat(32),
    })
    const read = async (name: string): Promise<number> =>
      (await secrets(keys[name]!, 'GetSecretValue', { SecretId: 'acme/key' })).status
    expect([await read('ann'), await read('bob'), await read('dora')]).toEqual([200, 400, 400])
  })

  it('go on in a stack that takes the place of this one', async () => {
    const next = await startLocalStack(definition, { memory: await stack.remember() })
    onTestFinished(() => next.stop())
    const client = new AwsClient({
      ...keys['ann']!,
      region: 'eu-central-1',
      service: 'execute-api',
    })
    const { url } = next.config.apis['test']!
    const statuses = ['acme', 'globex'].map(
      async (tenant) => (await client.fetch(`${url}/tenants/${tenant}/notes`)).status,
    )
    expect(await Promise.all(statuses)).toEqual([200, 403])
  })
})

describe('a role with its own trust policy', () => {
  const trust = (...Action: string[]): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: 'cognito-identity.amazonaws.com' },
      Action,
      Condition: { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'IDENTITY_POOL_ID' } },
    },
  })
  const exchange = async (own: PolicyDocument, principalTags?: 'default'): Promise<Keys> => {
    const { Members } = definition.groups!
    const one = await startLocalStack({
      groups: { Members: { ...Members!, trust: own } },
      users: { ann: user('acme') },
      identityPool: { ...(principalTags && { principalTags }) },
      apis: definition.apis!,
    })
    onTestFinished(() => one.stop())
    return credentialsOf(one, 'ann')
  }

  it('has to allow sts:TagSession if the pool sets tags', async () => {
    const assume = 'sts:AssumeRoleWithWebIdentity'
    await expect(exchange(trust(assume), 'default')).rejects.toThrow(
      'InvalidIdentityPoolConfigurationException: ImplicitDeny of sts:TagSession (for the tags username, client) by the trust policy of MembersRole',
    )
    expect(await exchange(trust(assume))).toHaveProperty('accessKeyId')
    expect(await exchange(trust(assume, 'sts:TagSession'), 'default')).toHaveProperty('accessKeyId')
  })

  it('may ask for the value of a tag', async () => {
    const own = trust('sts:AssumeRoleWithWebIdentity', 'sts:TagSession')
    const statement = Object(own.Statement)
    statement.Condition = { StringEqualsIfExists: { 'aws:RequestTag/username': 'nobody' } }
    await expect(exchange(own, 'default')).rejects.toThrow('aws:RequestTag/username')
  })
})

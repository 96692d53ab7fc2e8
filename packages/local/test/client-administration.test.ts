import {
  CognitoIdentityProviderClient,
  AddUserPoolClientSecretCommand,
  CreateUserPoolClientCommand,
  DeleteUserPoolClientCommand,
  DeleteUserPoolClientSecretCommand,
  DescribeUserPoolClientCommand,
  GetClientTokenCommand,
  ListUserPoolClientsCommand,
  ListUserPoolClientSecretsCommand,
  UpdateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack } from '../src/index.ts'

let stack: LocalStack
let admin: CognitoIdentityProviderClient
let UserPoolId: string
const handler = () => ({ statusCode: 200, body: 'read' })
const routes = {
  'GET /read': { auth: 'jwt', scopes: ['notes/read'], handler },
} as const

beforeAll(async () => {
  stack = await startLocalStack({
    resourceServers: { notes: ['read', 'write'] },
    appClients: { given: { scopes: ['notes/read'] } },
    roles: { nobody: { policy: { Statement: { Effect: 'Deny', Action: '*', Resource: '*' } } } },
    apis: { http: { type: 'http', routes }, rest: { type: 'rest', routes } },
  })
  admin = clientOf(stack.admin)
  UserPoolId = stack.config.userPoolId
})
afterAll(() => stack.stop())

const clientOf = (credentials: LocalStack['admin']): CognitoIdentityProviderClient =>
  new CognitoIdentityProviderClient({
    region: stack.config.region,
    endpoint: stack.config.endpoints.cognitoIdp,
    maxAttempts: 1,
    credentials,
  })

const settings: Partial<CreateUserPoolClientCommandInput> = {
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['client_credentials'],
  AllowedOAuthScopes: ['notes/read'],
  ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
  AccessTokenValidity: 15,
  TokenValidityUnits: { AccessToken: 'minutes' },
}
const machine = { ...settings, ClientName: 'a machine', GenerateSecret: true }
const create = async (more: Partial<CreateUserPoolClientCommandInput> = {}) => {
  const command = new CreateUserPoolClientCommand({ UserPoolId, ...machine, ...more })
  const { UserPoolClient: { ClientId = '', ClientSecret = '', ...client } = {} } =
    await admin.send(command)
  return { ClientId, ClientSecret, ...client }
}
const tokenOf = async (client_id: string, client_secret: string) => {
  const answer = await fetch(`${stack.config.endpoints.oauth}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }),
  })
  const body: { access_token?: string; expires_in?: number; error?: string } = Object(
    await answer.json(),
  )
  return body
}

describe('an app client that was made', () => {
  it('gets tokens as one of the definition does, for as long as it is there', async () => {
    const { ClientId, ClientSecret } = await create()
    expect(await tokenOf(ClientId, ClientSecret)).toMatchObject({ expires_in: 900 })
    expect(await tokenOf(ClientId, 'wrong')).toEqual({ error: 'invalid_client' })
    await admin.send(new DeleteUserPoolClientCommand({ UserPoolId, ClientId }))
    expect(await tokenOf(ClientId, ClientSecret)).toEqual({ error: 'invalid_client' })
    const describing = new DescribeUserPoolClientCommand({ UserPoolId, ClientId })
    await expect(admin.send(describing)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  it('passes a REST API, and no HTTP API, whose authorizer has a list', async () => {
    const { ClientId, ClientSecret } = await create()
    const { access_token } = await tokenOf(ClientId, ClientSecret)
    const headers = { authorization: `Bearer ${access_token}` }
    const call = async (api: string) =>
      (await fetch(`${stack.config.apis[api]?.url}/read`, { headers })).status
    expect([await call('rest'), await call('http')]).toEqual([200, 401])
  })

  it('is shown with its settings, and with its first secret while that is there', async () => {
    const { ClientId, ClientSecret } = await create()
    const on = { UserPoolId, ClientId }
    const described = async () =>
      (await admin.send(new DescribeUserPoolClientCommand(on))).UserPoolClient
    expect(await described()).toMatchObject({ ...on, ...settings, ClientSecret })
    const { ClientSecrets: [first] = [] } = await admin.send(
      new ListUserPoolClientSecretsCommand(on),
    )
    const { ClientSecretDescriptor: second } = await admin.send(
      new AddUserPoolClientSecretCommand(on),
    )
    expect(await described()).toMatchObject({ ClientSecret })
    const { ClientSecretId } = first!
    await admin.send(new DeleteUserPoolClientSecretCommand({ ...on, ClientSecretId }))
    expect(await described()).not.toHaveProperty('ClientSecret')
    expect(await tokenOf(ClientId, second!.ClientSecretValue!)).toHaveProperty('access_token')
  })

  it('loses by an update whatever the update does not say again', async () => {
    const { ClientId, ClientSecret } = await create()
    const on = { UserPoolId, ClientId }
    const update = new UpdateUserPoolClientCommand({ ...on, AllowedOAuthScopes: ['notes/write'] })
    const { UserPoolClient } = await admin.send(update)
    expect(UserPoolClient).toMatchObject({
      ClientName: 'a machine',
      AllowedOAuthFlowsUserPoolClient: false,
      AllowedOAuthScopes: ['notes/write'],
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH'],
    })
    expect(UserPoolClient).not.toHaveProperty('AccessTokenValidity')
    expect(await tokenOf(ClientId, ClientSecret)).toEqual({ error: 'invalid_grant' })
    await admin.send(
      new UpdateUserPoolClientCommand({ ...on, ...settings, ClientName: 'a machine' }),
    )
    expect(await tokenOf(ClientId, ClientSecret)).toMatchObject({ expires_in: 900 })
  })

  it('may call GetClientToken with that as its only flow', async () => {
    const { ClientId, ClientSecret } = await create()
    const ask = (id: string, Secret: string) =>
      admin.send(new GetClientTokenCommand({ ClientId: id, Secret }))
    await expect(ask(ClientId, ClientSecret)).rejects.toMatchObject({
      name: 'OperationNotEnabledException',
    })
    const open = await create({ ExplicitAuthFlows: Object(['ALLOW_CLIENT_TOKEN_AUTH']) })
    expect(await ask(open.ClientId, open.ClientSecret)).toHaveProperty('ClientAuthenticationResult')
  })
})

describe('the list of app clients', () => {
  it('comes in pages', async () => {
    for (let made = 0; made < 5; made++) await create({ ClientName: `listed ${made}` })
    const names: string[] = []
    let NextToken: string | undefined
    do {
      const page = await admin.send(
        new ListUserPoolClientsCommand({
          UserPoolId,
          MaxResults: 2,
          ...(NextToken !== undefined && { NextToken }),
        }),
      )
      expect(page.UserPoolClients?.length).toBeLessThanOrEqual(2)
      names.push(...(page.UserPoolClients ?? []).map(({ ClientName = '' }) => ClientName))
      NextToken = page.NextToken
    } while (NextToken)
    expect(names.filter((name) => name.startsWith('listed')).toSorted()).toEqual(
      Array.from({ length: 5 }, (_, made) => `listed ${made}`),
    )
    expect(names.filter((name) => name === 'given')).toHaveLength(1)
  })
})

describe('what Cognito refuses', () => {
  it.each([
    ['a scope of no resource server', { AllowedOAuthScopes: ['notes/x'] }, 'ScopeDoesNotExist'],
    [
      'two grants of two kinds',
      { AllowedOAuthFlows: ['client_credentials', 'code'] as const },
      'InvalidOAuthFlow',
    ],
    ['a machine without a secret', { GenerateSecret: false }, 'InvalidOAuthFlow'],
    ['a scope of OpenID for a machine', { AllowedOAuthScopes: ['openid'] }, 'InvalidParameter'],
    ['a token of a minute', { AccessTokenValidity: 1 }, 'InvalidParameter'],
    ['a name with a slash', { ClientName: 'a/b' }, 'InvalidParameter'],
    ['another pool', { UserPoolId: 'eu-central-1_Another' }, 'ResourceNotFound'],
  ])('%s', async (_what, more, name) => {
    await expect(create(Object(more))).rejects.toMatchObject({ name: `${name}Exception` })
  })

  it('more than 1,000 app clients', async () => {
    let made = 0
    const refused: unknown = await (async () => {
      for (; made < 1_001; made++) await create()
    })().catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'LimitExceededException' })
    expect(made).toBeGreaterThan(900)
  }, 60_000)

  it('a role without the permission, and a request without a signature', async () => {
    const command = new CreateUserPoolClientCommand({ UserPoolId, ...machine })
    await expect(clientOf(stack.roles['nobody']!).send(command)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    })
    const answer = await fetch(stack.config.endpoints.cognitoIdp, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.CreateUserPoolClient' },
      body: JSON.stringify({ UserPoolId, ...machine }),
    })
    expect(answer.status).toBe(400)
  })
})

import {
  CognitoIdentityProviderClient,
  ListUserPoolClientSecretsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack, type PolicyDocument } from '../src/index.ts'

const may = (Action: string, Resource: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource }],
})
const secretArn = 'arn:aws:secretsmanager:REGION:ACCOUNT_ID:secret:'

let stack: LocalStack
beforeAll(async () => {
  stack = await startLocalStack({
    resourceServers: { premium: ['read'] },
    appClients: {
      acme: { scopes: ['premium/read'] },
      renewed: { scopes: ['premium/read'] },
      'tenants/globex': { scopes: ['premium/read'] },
    },
    roles: {
      acme: { policy: may('secretsmanager:GetSecretValue', `${secretArn}acme-??????`) },
      labelled: {
        policy: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' },
            {
              Effect: 'Deny',
              Action: 'secretsmanager:*',
              Resource: '*',
              Condition: { StringLike: { 'secretsmanager:SecretId': '*globex*' } },
            },
          ],
        },
      },
    },
  })
})
afterAll(() => stack.stop())
beforeEach(() => stack.faults.reset())

type Who = LocalStack['admin']
const manager = (credentials: Who): SecretsManagerClient =>
  new SecretsManagerClient({
    region: stack.config.region,
    endpoint: stack.config.endpoints.secretsManager,
    maxAttempts: 1,
    credentials,
  })

const read = async (
  who: Who,
  SecretId: string,
  more: { VersionStage?: string; VersionId?: string } = {},
): Promise<unknown> => {
  const { SecretString = '' } = await manager(who).send(
    new GetSecretValueCommand({ SecretId, ...more }),
  )
  return JSON.parse(SecretString)
}

describe('GetSecretValue', () => {
  it('returns the secret of an app client to the AWS SDK, by its name', async () => {
    const answer = await manager(stack.admin).send(new GetSecretValueCommand({ SecretId: 'acme' }))
    expect(answer).toMatchObject({
      Name: 'acme',
      ARN: expect.stringMatching(
        /^arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme-[A-Za-z0-9]{6}$/,
      ),
      VersionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      VersionStages: ['AWSCURRENT'],
      CreatedDate: expect.any(Date),
    })
    expect(JSON.parse(answer.SecretString!)).toEqual(stack.appClients['acme'])
    const { ARN, VersionId } = answer
    for (const id of [ARN!, ARN!.slice(0, -7)]) {
      expect(await read(stack.admin, id, { VersionId: VersionId! })).toEqual(
        stack.appClients['acme'],
      )
    }
    expect(await read(stack.admin, 'tenants/globex')).toEqual(stack.appClients['tenants/globex'])
  })

  it('asks the policy of the role that signs', async () => {
    const { acme, labelled } = stack.roles
    expect(await read(acme!, 'acme')).toEqual(stack.appClients['acme'])
    await expect(read(acme!, 'tenants/globex')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /^User: arn:aws:sts::123456789012:assumed-role\/acmeRole\/acme is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:.*globex-.* because no identity-based policy allows/,
      ),
    })
    // Who may not ask does not learn what there is.
    await expect(read(acme!, 'nothing')).rejects.toMatchObject({ name: 'AccessDeniedException' })
    await expect(read(labelled!, 'nothing')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
    await expect(read(labelled!, 'tenants/globex')).rejects.toThrow('explicit deny')
    const put = new PutSecretValueCommand({ SecretId: 'acme', SecretString: '{}' })
    await expect(manager(acme!).send(put)).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  it('returns the previous version as AWSPREVIOUS once another is put', async () => {
    const { labelled } = stack.roles
    const previous = { VersionStage: 'AWSPREVIOUS' }
    await expect(read(labelled!, 'renewed', previous)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('staging label: AWSPREVIOUS'),
    })
    const put = new PutSecretValueCommand({
      SecretId: 'renewed',
      SecretString: '{"clientSecret":"next"}',
      ClientRequestToken: '11111111-2222-4333-8444-555555555555',
    })
    const [first, again] = [await manager(labelled!).send(put), await manager(labelled!).send(put)]
    expect([first.VersionId, again.VersionId]).toEqual([
      '11111111-2222-4333-8444-555555555555',
      '11111111-2222-4333-8444-555555555555',
    ])
    expect(await read(labelled!, 'renewed')).toEqual({ clientSecret: 'next' })
    expect(await read(labelled!, 'renewed', previous)).toEqual(stack.appClients['renewed'])
    const other = new PutSecretValueCommand({ ...put.input, SecretString: 'other' })
    await expect(manager(labelled!).send(other)).rejects.toMatchObject({
      name: 'ResourceExistsException',
    })
    const pending = new PutSecretValueCommand({
      SecretId: 'renewed',
      SecretString: '{"clientSecret":"later"}',
      VersionStages: ['AWSPENDING'],
    })
    await manager(labelled!).send(pending)
    expect(await read(labelled!, 'renewed')).toEqual({ clientSecret: 'next' })
    expect(await read(labelled!, 'renewed', { VersionStage: 'AWSPENDING' })).toEqual({
      clientSecret: 'later',
    })
  })

  it('can be throttled, made to fail, and counted', async () => {
    stack.faults.next('GetSecretValue', 'throttle')
    stack.faults.next('GetSecretValue', 'fail')
    await expect(read(stack.admin, 'acme')).rejects.toThrow('Rate exceeded')
    await expect(read(stack.admin, 'acme')).rejects.toThrow('Internal error')
    await read(stack.admin, 'acme')
    expect(stack.faults.calls('GetSecretValue')).toBe(3)
  })
})

describe('a signed service', () => {
  /** Asks for the secret as aws4fetch signs it, then as it was bent. */
  const ask = async (
    who: Partial<Who> = {},
    {
      service = 'secretsmanager',
      region = 'eu-central-1',
      bend = (request: Request) => request,
    } = {},
  ): Promise<[status: number, type: unknown]> => {
    const client = new AwsClient({ ...stack.admin, ...who, service, region, retries: 0 })
    const signed = await client.sign(stack.config.endpoints.secretsManager, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      },
      body: JSON.stringify({ SecretId: 'tenants/globex' }),
    })
    const response = await fetch(bend(signed))
    const text = await response.text()
    if (response.status !== 200) {
      expect(text).not.toContain(stack.admin.sessionToken)
      expect(response.headers.get('x-local-reason')).toBeTruthy()
    }
    const { __type: type } = JSON.parse(text)
    return [response.status, type]
  }
  const without = (name: string) => (request: Request) => {
    const headers = new Headers(request.headers)
    headers.delete(name)
    return new Request(request, { headers })
  }

  it('takes what another client signs, and nothing that was bent', async () => {
    expect(await ask()).toEqual([200, undefined])
    const unsigned = { bend: without('authorization') }
    expect(await ask({}, unsigned)).toEqual([400, 'MissingAuthenticationTokenException'])
    const body = {
      bend: (request: Request) =>
        new Request(request, { method: 'POST', body: '{"SecretId":"acme"}' }),
    }
    expect(await ask({}, body)).toEqual([400, 'InvalidSignatureException'])
    const target = {
      bend: (request: Request) => {
        const headers = new Headers(request.headers)
        headers.set('x-amz-target', 'secretsmanager.PutSecretValue')
        return new Request(request, { headers })
      },
    }
    expect(await ask({}, target)).toEqual([400, 'InvalidSignatureException'])
    const wrongKey = { secretAccessKey: 'wrong' }
    expect(await ask(wrongKey)).toEqual([400, 'InvalidSignatureException'])
    const otherToken = { sessionToken: stack.roles['acme']!.sessionToken }
    expect(await ask(otherToken)).toEqual([400, 'UnrecognizedClientException'])
    const noKey = { accessKeyId: 'ASIAUNKNOWNUNKNOWN12' }
    expect(await ask(noKey)).toEqual([400, 'UnrecognizedClientException'])
    for (const scope of [{ service: 'execute-api' }, { region: 'us-east-1' }]) {
      expect(await ask({}, scope)).toEqual([400, 'InvalidSignatureException'])
    }
  })

  it('wants a new signature after five minutes', async () => {
    stack.faults.shiftClock(301_000)
    expect(await ask()).toEqual([400, 'InvalidSignatureException'])
    stack.faults.shiftClock(-301_000)
    expect(await ask()).toEqual([200, undefined])
  })

  it('of the user pool refuses a role that may not rotate secrets, and unsigned requests', async () => {
    const input = {
      UserPoolId: stack.config.userPoolId,
      ClientId: stack.appClients['acme']!.clientId,
    }
    const cognito = new CognitoIdentityProviderClient({
      region: stack.config.region,
      endpoint: stack.config.endpoints.cognitoIdp,
      maxAttempts: 1,
      credentials: stack.roles['acme']!,
    })
    await expect(cognito.send(new ListUserPoolClientSecretsCommand(input))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    })
    for (const name of [
      'AddUserPoolClientSecret',
      'ListUserPoolClientSecrets',
      'DeleteUserPoolClientSecret',
      'DeleteUserPoolClient',
    ]) {
      const response = await fetch(stack.config.endpoints.cognitoIdp, {
        method: 'POST',
        headers: { 'x-amz-target': `AWSCognitoIdentityProviderService.${name}` },
        body: JSON.stringify({ ...input, ClientSecretId: 'x' }),
      })
      const { __type: type } = await response.json()
      expect([response.status, type]).toEqual([400, 'MissingAuthenticationTokenException'])
    }
  })

  it('shows its credentials only to the process that started the stack', async () => {
    const { config, admin, roles, appClients } = stack
    const told = await (await fetch(`${config.endpoints.cognitoIdp}/config.json`)).text()
    for (const { secretAccessKey, sessionToken } of [admin, ...Object.values(roles)]) {
      expect(told).not.toContain(secretAccessKey)
      expect(told).not.toContain(sessionToken)
    }
    for (const { clientSecret } of Object.values(appClients)) {
      expect(told).not.toContain(clientSecret)
    }
    expect(config.endpoints.secretsManager).toBe(config.endpoints.oauth)
  })
})

describe('a definition', () => {
  const policy = may('secretsmanager:GetSecretValue', '*')
  it.each<[Parameters<typeof startLocalStack>[0], string]>([
    [
      { resourceServers: { premium: ['read'] }, appClients: { a: { scopes: ['premium/write'] } } },
      '"appClients.a.scopes[0]" must be a scope of resourceServers, one of premium/read, got "premium/write"',
    ],
    [
      { appClients: { a: { scopes: ['premium/read'] } } },
      '"appClients.a.scopes[0]" must be a scope of resourceServers, one of (none is defined), got "premium/read"',
    ],
    [
      { resourceServers: { 'my api': ['read'] } },
      '"resourceServers.my api" must have an identifier without spaces and quotes',
    ],
    [
      { resourceServers: { p: ['r'] }, appClients: { 'a b': { scopes: ['p/r'] } } },
      '"appClients.a b" is not a name for an app client; use letters, digits and / _ + = . @ -',
    ],
    [
      { roles: { consumer: { policy, trust: policy } as never } },
      '"roles.consumer.trust" must be left out; a service has its role without assuming it',
    ],
    [
      { roles: { consumer: { policy: { Statement: [] } } } },
      '"roles.consumer.policy.Statement" must not be an empty list',
    ],
  ])('a definition that is wrong is refused with the place', async (wrong, message) => {
    const started = startLocalStack(wrong)
    await expect(started).rejects.toThrow(TypeError)
    await expect(started).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: `defineStack: ${message}`,
    })
  })
})

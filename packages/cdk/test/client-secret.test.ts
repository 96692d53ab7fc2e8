import { createIamFetch } from 'iamfetch'
import { startLocalStack, type LocalStack } from '@iamfetch/local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import premiumContent from '../../../examples/premium-content/access.ts'
import {
  AwsError,
  createClientSecretFunctions,
  type AwsCall,
  type RotationEvent,
} from '../src/functions/client-secret.ts'

let stack: LocalStack
let tokenUrl: string
beforeAll(async () => {
  stack = await startLocalStack(premiumContent)
  tokenUrl = `${stack.config.endpoints.oauth}/oauth2/token`
})
afterAll(() => stack?.stop())

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const

interface Version {
  text: string | undefined
  labels: Set<string>
}

/** Secrets Manager with one secret, as far as rotation needs it. */
function oneSecret() {
  const versions = new Map<string, Version>()
  const calls: string[] = []
  const move = (label: string, to: string): void => {
    for (const { labels } of versions.values()) labels.delete(label)
    versions.get(to)!.labels.add(label)
  }
  const labeled = (label: string): [string, Version] | undefined =>
    [...versions].find(([, { labels }]) => labels.has(label))
  // oxlint-disable-next-line typescript/no-explicit-any
  const operations: Record<string, (input: Record<string, any>) => Record<string, unknown>> = {
    DescribeSecret: () => ({
      RotationEnabled: true,
      VersionIdsToStages: Object.fromEntries(
        [...versions].map(([id, { labels }]) => [id, [...labels]]),
      ),
    }),
    GetSecretValue({ VersionId, VersionStage }) {
      const [id, version] = labeled(VersionStage) ?? []
      const isWanted = VersionId === undefined || VersionId === id
      if (version?.text === undefined || !isWanted) {
        throw new AwsError('ResourceNotFoundException', 'there is no such version')
      }
      return { SecretString: version.text }
    },
    PutSecretValue({ SecretString, ClientRequestToken, VersionStages = ['AWSCURRENT'] }) {
      const labels = versions.get(ClientRequestToken)?.labels ?? new Set<string>()
      versions.set(ClientRequestToken, { text: SecretString, labels })
      for (const label of VersionStages) move(label, ClientRequestToken)
      return {}
    },
    UpdateSecretVersionStage({ VersionStage, MoveToVersionId, RemoveFromVersionId }) {
      expect(labeled(VersionStage)?.[0]).toBe(RemoveFromVersionId)
      if (VersionStage === 'AWSCURRENT') move('AWSPREVIOUS', RemoveFromVersionId)
      move(VersionStage, MoveToVersionId)
      return {}
    },
  }
  const call: AwsCall = async (operation, input) => {
    calls.push(operation)
    return operations[operation]!(input)
  }
  return {
    call,
    calls,
    /** What Secrets Manager does before it calls the function. */
    announce: (token: string): void => {
      versions.set(token, { text: undefined, labels: new Set() })
      move('AWSPENDING', token)
    },
    valueOf: (label: string): { clientId: string; clientSecret: string } =>
      JSON.parse(labeled(label)![1].text!),
    put: (text: string): void =>
      void operations['PutSecretValue']!({
        SecretString: text,
        ClientRequestToken: 'by-hand',
      }),
  }
}

/** Cognito of the local stack, with an administrator's credentials. */
const cognitoIdp: AwsCall = async (operation, input) => {
  const signed = createIamFetch({
    baseUrl: stack.config.endpoints.cognitoIdp,
    service: 'cognito-idp',
    region: stack.config.region,
    credentials: stack.admin,
  })
  const response = await signed('/', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(input),
  })
  const members = (await response.json()) as Record<string, unknown>
  if (response.ok) return members
  throw new AwsError(String(members['__type']), String(members['message']))
}

/** A new app client, its secret, and the functions for both. */
async function deployment() {
  const UserPoolId = stack.config.userPoolId
  const { UserPoolClient } = await cognitoIdp('CreateUserPoolClient', {
    UserPoolId,
    ClientName: 'service',
    GenerateSecret: true,
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ['client_credentials'],
    AllowedOAuthScopes: ['premium/read'],
    ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
  })
  const { ClientId: clientId } = UserPoolClient as { ClientId: string }
  const secret = oneSecret()
  const responses: Record<string, unknown>[] = []
  const outside: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    if (request.url === tokenUrl) return fetch(request)
    responses.push((await request.json()) as Record<string, unknown>)
    return new Response()
  }
  const functions = createClientSecretFunctions({
    userPoolId: UserPoolId,
    tokenUrl,
    secretsManager: secret.call,
    cognitoIdp,
    fetch: outside,
  })
  const initialize = (RequestType: 'Create' | 'Update' | 'Delete') =>
    functions.initialize({
      RequestType,
      ResponseURL: 'https://cloudformation.example.com/',
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'SecretValue',
      ResourceProperties: { SecretId: 'arn:one', ClientId: clientId },
    })
  const step = (Step: RotationEvent['Step'], token: string) =>
    functions.rotate({ Step, SecretId: 'arn:one', ClientRequestToken: token })
  const rotate = async (token: string): Promise<void> => {
    secret.announce(token)
    for (const one of STEPS) await step(one, token)
  }
  const secretCount = async (): Promise<number> => {
    const { ClientSecrets } = await cognitoIdp('ListUserPoolClientSecrets', {
      UserPoolId,
      ClientId: clientId,
    })
    return (ClientSecrets as unknown[]).length
  }
  return { clientId, secret, responses, initialize, step, rotate, secretCount }
}

/** Whether the client gets a token with a secret. */
async function works({ clientId, clientSecret }: { clientId: string; clientSecret: string }) {
  const { status } = await fetch(tokenUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
    },
    body: 'grant_type=client_credentials',
  })
  return status === 200
}

describe('the first value of a secret', () => {
  test('is that of the app client, and CloudFormation never receives it', async () => {
    const { clientId, secret, responses, initialize } = await deployment()
    await initialize('Create')
    const value = secret.valueOf('AWSCURRENT')
    expect(value.clientId).toBe(clientId)
    expect(await works(value)).toBe(true)
    expect(responses).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'SecretValue' }])
    expect(JSON.stringify(responses)).not.toContain(value.clientSecret)
  })

  test('is not written again by an update of the stack after a rotation', async () => {
    const { secret, responses, initialize, rotate } = await deployment()
    await initialize('Create')
    await rotate('one')
    const rotated = secret.valueOf('AWSCURRENT')
    await initialize('Update')
    expect(secret.valueOf('AWSCURRENT')).toEqual(rotated)
    expect(responses.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS'])
  })

  test('stays when the resource is deleted', async () => {
    const { secret, responses, initialize } = await deployment()
    await initialize('Create')
    const calls = secret.calls.length
    await initialize('Delete')
    expect(secret.calls).toHaveLength(calls)
    expect(responses.at(-1)).toMatchObject({ Status: 'SUCCESS' })
  })

  test('the first value of a secret that cannot be read fails the deployment with a reason that does not quote it', async () => {
    const { secret, responses, initialize } = await deployment()
    secret.put('a secret that is not JSON')
    await initialize('Create')
    expect(responses).toMatchObject([
      { Status: 'FAILED', Reason: 'The secret arn:one is not JSON.' },
    ])
  })
})

describe('a rotation', () => {
  test('replaces the secret, and the previous one works until the next rotation', async () => {
    const { secret, initialize, rotate, secretCount } = await deployment()
    await initialize('Create')
    const first = secret.valueOf('AWSCURRENT')
    await rotate('one')
    const second = secret.valueOf('AWSCURRENT')
    expect(second.clientSecret).not.toBe(first.clientSecret)
    expect(secret.valueOf('AWSPREVIOUS')).toEqual(first)
    expect([await works(first), await works(second)]).toEqual([true, true])
    await rotate('two')
    const third = secret.valueOf('AWSCURRENT')
    expect([await works(first), await works(second), await works(third)]).toEqual([
      false,
      true,
      true,
    ])
    expect(await secretCount()).toBe(2)
  })

  test.each(STEPS)('goes on where it was when the step %s is called twice', async (twice) => {
    const { secret, initialize, step, secretCount } = await deployment()
    await initialize('Create')
    secret.announce('one')
    for (const one of STEPS) {
      await step(one, 'one')
      if (one === twice) await step(one, 'one')
    }
    expect(await works(secret.valueOf('AWSCURRENT'))).toBe(true)
    expect(await secretCount()).toBe(2)
  })

  test('a rotation that was interrupted after Cognito made the secret leaves none behind', async () => {
    const { clientId, secret, initialize, rotate, secretCount } = await deployment()
    await initialize('Create')
    const current = secret.valueOf('AWSCURRENT')
    const UserPoolId = stack.config.userPoolId
    await cognitoIdp('AddUserPoolClientSecret', { UserPoolId, ClientId: clientId })
    await rotate('one')
    expect(await secretCount()).toBe(2)
    expect(await works(current)).toBe(true)
    expect(await works(secret.valueOf('AWSCURRENT'))).toBe(true)
  })

  test('stops before the new secret becomes current when the token endpoint refuses it', async () => {
    const { clientId, secret, initialize, step } = await deployment()
    await initialize('Create')
    const current = secret.valueOf('AWSCURRENT')
    secret.announce('one')
    await step('createSecret', 'one')
    const UserPoolId = stack.config.userPoolId
    const { ClientSecrets } = await cognitoIdp('ListUserPoolClientSecrets', {
      UserPoolId,
      ClientId: clientId,
    })
    const { ClientSecretId } = (ClientSecrets as { ClientSecretId: string }[]).at(-1)!
    await cognitoIdp('DeleteUserPoolClientSecret', {
      UserPoolId,
      ClientId: clientId,
      ClientSecretId,
    })
    const pending = secret.valueOf('AWSPENDING')
    const error = await step('testSecret', 'one').catch((one: unknown) => one)
    expect(String(error)).toMatch(
      /The token endpoint responded to the new secret with the status 4\d\d/,
    )
    expect(String(error)).not.toContain(pending.clientSecret)
    expect(secret.valueOf('AWSCURRENT')).toEqual(current)
  })

  test('a rotation of a version that Secrets Manager did not announce is refused', async () => {
    const { initialize, step } = await deployment()
    await initialize('Create')
    await expect(step('createSecret', 'unknown')).rejects.toThrow(/is not labeled AWSPENDING/)
  })
})

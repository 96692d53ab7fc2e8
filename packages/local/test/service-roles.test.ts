import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack, type PolicyDocument } from '../src/index.ts'
import { credentialsOf, type Keys } from './support/credentials-of.ts'
import { echo } from './support/serve-api.ts'
import { reasonOf } from './support/gateway-scene.ts'

const allow = (...pairs: [Action: string, Resource: string][]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: pairs.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })),
})
const invoke = (api: string, place: string): [string, string] => [
  'execute-api:Invoke',
  `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_${api}/*/${place}`,
]
const READER = 'arn:aws:secretsmanager:REGION:ACCOUNT_ID:secret:reader-??????'
const iam = { auth: 'iam', handler: echo } as const

let stack: LocalStack
let alice: Keys
let guest: Keys
beforeAll(async () => {
  stack = await startLocalStack({
    resourceServers: { notes: ['read'] },
    appClients: { reader: { scopes: ['notes/read'] } },
    roles: {
      worker: { policy: allow(invoke('http', 'GET/a'), invoke('rest', 'GET/a')) },
      idle: { policy: allow(['s3:GetObject', '*']) },
    },
    groups: {
      Readers: {
        policy: allow(
          invoke('http', 'GET/a'),
          ['secretsmanager:GetSecretValue', READER],
          [
            'cognito-idp:AdminGetUser',
            'arn:aws:cognito-idp:REGION:ACCOUNT_ID:userpool/USER_POOL_ID',
          ],
        ),
      },
    },
    identityPool: { unauthenticatedRole: { policy: allow(['*', '*']) } },
    users: { alice: { groups: ['Readers'], email: 'alice@example.com' } },
    apis: {
      http: { type: 'http', routes: { 'GET /a': iam, 'POST /a': iam } },
      rest: { type: 'rest', routes: { 'GET /a': iam, 'POST /a': iam } },
    },
  })
  alice = await credentialsOf(stack, 'alice')
  guest = await credentialsOf(stack)
})
afterAll(() => stack.stop())

const signerOf = (keys: Keys, service: string): AwsClient =>
  new AwsClient({ ...keys, region: stack.config.region, service, retries: 0 })
const call = (keys: Keys, api: 'http' | 'rest', method = 'GET') =>
  signerOf(keys, 'execute-api').fetch(`${stack.config.apis[api]?.url}/a`, { method })

describe('a role of the definition at iam routes', () => {
  it('is decided by its policy, at both kinds of APIs', async () => {
    const { worker, idle } = stack.roles
    const statuses: number[] = []
    for (const api of ['http', 'rest'] as const) {
      for (const keys of [worker!, idle!, stack.admin]) {
        for (const method of ['GET', 'POST']) {
          statuses.push((await call(keys, api, method)).status)
        }
      }
    }
    expect(statuses).toEqual([200, 403, 403, 403, 200, 200, 200, 403, 403, 403, 200, 200])
  })

  it('reaches the handler of an HTTP API without a Cognito identity', async () => {
    const { requestContext } = await (await call(stack.roles['worker']!, 'http')).json()
    expect(requestContext.authorizer.iam).toEqual({
      accessKey: stack.roles['worker']?.accessKeyId,
      accountId: '123456789012',
      callerId: expect.stringMatching(/^AROA[A-Z0-9]{17}:worker$/),
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: 'arn:aws:sts::123456789012:assumed-role/workerRole/worker',
      userId: expect.stringMatching(/^AROA[A-Z0-9]{17}:worker$/),
    })
  })

  it('reaches the handler of a REST API without a Cognito identity', async () => {
    const { requestContext } = await (await call(stack.roles['worker']!, 'rest')).json()
    expect(requestContext.identity).toMatchObject({
      accessKey: stack.roles['worker']?.accessKeyId,
      caller: expect.stringMatching(/^AROA[A-Z0-9]{17}:worker$/),
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      userArn: 'arn:aws:sts::123456789012:assumed-role/workerRole/worker',
    })
  })

  it('is named in a denial, with the nearest statement', async () => {
    const response = await call(stack.roles['worker']!, 'rest', 'POST')
    expect(await response.json()).toEqual({
      Message: expect.stringMatching(
        /^User: arn:aws:sts::123456789012:assumed-role\/workerRole\/worker is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:\*{8}9012:/,
      ),
    })
    expect(reasonOf(response)).toMatch(
      /^ImplicitDeny: no statement of the role workerRole allows .*; statement 1 comes nearest: its Resource .*\/\*\/GET\/a does not match$/,
    )
  })
})

describe('the credentials of an identity pool at other services', () => {
  const secrets = (keys: Keys): SecretsManagerClient =>
    new SecretsManagerClient({
      region: stack.config.region,
      endpoint: stack.config.endpoints.secretsManager,
      credentials: keys,
      maxAttempts: 1,
    })

  it('read a secret that the policy of the group allows, and nothing else', async () => {
    const client = secrets(alice)
    const { SecretString = '' } = await client.send(
      new GetSecretValueCommand({ SecretId: 'reader' }),
    )
    expect(JSON.parse(SecretString)).toEqual(stack.appClients['reader'])
    await expect(client.send(new DescribeSecretCommand({ SecretId: 'reader' }))).rejects.toThrow(
      /^User: arn:aws:sts::123456789012:assumed-role\/ReadersRole\/CognitoIdentityCredentials is not authorized to perform: secretsmanager:DescribeSecret on resource: arn:aws:secretsmanager:eu-central-1:123456789012:secret:reader-\w{6} because no identity-based policy allows the secretsmanager:DescribeSecret action$/,
    )
  })

  it('administer the user pool as the policy of the group allows', async () => {
    const operation = (name: string) =>
      signerOf(alice, 'cognito-idp').fetch(stack.config.endpoints.cognitoIdp, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `AWSCognitoIdentityProviderService.${name}`,
        },
        body: JSON.stringify({ UserPoolId: stack.config.userPoolId, Username: 'alice' }),
      })
    expect(await (await operation('AdminGetUser')).json()).toMatchObject({ Username: 'alice' })
    const denied = await operation('AdminDeleteUser')
    expect([denied.status, await denied.json()]).toMatchObject([
      400,
      { __type: 'AccessDeniedException' },
    ])
  })

  it('of a guest read nothing, whatever the policy of the role says', async () => {
    const reading = secrets(guest).send(new GetSecretValueCommand({ SecretId: 'reader' }))
    await expect(reading).rejects.toThrow(
      /because no session policy allows the secretsmanager:GetSecretValue action$/,
    )
  })
})

describe('sts:GetCallerIdentity', () => {
  const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const body = 'Action=GetCallerIdentity&Version=2011-06-15'
  const ask = (keys: Keys, more: RequestInit = {}) =>
    signerOf(keys, 'sts').fetch(stack.config.endpoints.sts, {
      method: 'POST',
      headers: FORM,
      body,
      ...more,
    })

  it('names the session of a service, of a user, of a guest and of the administrator', async () => {
    const arns: (string | undefined)[] = []
    for (const keys of [stack.roles['idle']!, alice, guest, stack.admin]) {
      const response = await ask(keys)
      expect(response.headers.get('content-type')).toBe('text/xml')
      const text = await response.text()
      expect(text).toContain('<Account>123456789012</Account>')
      arns.push(/<Arn>(.*)<\/Arn>/.exec(text)?.[1])
    }
    expect(arns).toEqual(
      [
        'idleRole/idle',
        'ReadersRole/CognitoIdentityCredentials',
        'UnauthenticatedRole/CognitoIdentityCredentials',
        'Administrator/admin',
      ].map((name) => `arn:aws:sts::123456789012:assumed-role/${name}`),
    )
  })

  it('takes a presigned URL, as Kubernetes and Vault send it', async () => {
    const { sts } = stack.config.endpoints
    const signed = await signerOf(alice, 'sts').sign(`${sts}/?${body}`, {
      aws: { signQuery: true },
    })
    expect(await (await fetch(signed.url)).text()).toContain('ReadersRole')
    const altered = await fetch(signed.url.replace('2011-06-15', '2011-06-16'))
    expect([altered.status, await altered.text()]).toEqual([
      403,
      expect.stringContaining('<Code>SignatureDoesNotMatch</Code>'),
    ])
  })

  it('leaves other requests of its path alone', async () => {
    expect((await fetch(stack.config.endpoints.sts)).status).toBe(404)
  })

  it('refuses in the words of STS', async () => {
    const codes: unknown[] = []
    for (const response of [
      await fetch(stack.config.endpoints.sts, { method: 'POST', headers: FORM, body }),
      await ask({ ...alice, secretAccessKey: 'x' }),
      await ask({ ...alice, accessKeyId: 'ASIAXXXXXXXXXXXXXXXX' }),
      await ask({ ...alice, sessionToken: 'x' }),
      await ask(alice, { body: 'Action=GetSessionToken&Version=2011-06-15' }),
    ]) {
      codes.push([response.status, /<Code>(.*)<\/Code>/.exec(await response.text())?.[1]])
    }
    expect(codes).toEqual([
      [403, 'MissingAuthenticationToken'],
      [403, 'SignatureDoesNotMatch'],
      [403, 'InvalidClientTokenId'],
      [403, 'InvalidClientTokenId'],
      [400, 'InvalidAction'],
    ])
  })
})

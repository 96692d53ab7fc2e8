import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { fromCognitoIdentityPool } from '@aws-sdk/credential-providers'
import { cognitoCredentials, type CognitoCredentials } from '@iamfetch/cognito'
import { startLocalStack, type LocalStack } from '@iamfetch/local'
import { AwsClient } from 'aws4fetch'
import { createIamFetch, describeRefusal } from 'iamfetch'
import { awsSdkSigner } from 'iamfetch/aws-sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { groupAccess } from '../group-access.ts'
import { signIn } from '@iamfetch/testing/sign-in'

let stack: LocalStack
const tokens: Record<string, string> = {}

beforeAll(async () => {
  stack = await startLocalStack(groupAccess)
  for (const name of ['alice', 'bob']) tokens[name] = (await signIn(stack, name)).idToken
})
beforeEach(() => stack.faults.reset())
afterAll(() => stack?.stop())

const urlOf = (api: string): string => stack.config.apis[api]?.url ?? ''

const ours = (name: string): CognitoCredentials =>
  cognitoCredentials({
    identityPoolId: stack.config.identityPoolId,
    endpoint: stack.config.endpoints.cognitoIdentity,
    idToken: async () => tokens[name] ?? '',
  })

const theirs = (name: string): ReturnType<typeof fromCognitoIdentityPool> => {
  const { region, userPoolId, identityPoolId, endpoints } = stack.config
  return fromCognitoIdentityPool({
    identityPoolId,
    logins: { [`cognito-idp.${region}.amazonaws.com/${userPoolId}`]: tokens[name] ?? '' },
    clientConfig: { region, endpoint: endpoints.cognitoIdentity },
  })
}

describe.each(['http', 'rest'])('a call of an API of type %s', (api) => {
  describe.each([
    ['our signer', undefined],
    ['the AWS-authored signer', awsSdkSigner],
  ])('with %s', (_, signer) => {
    test.each([
      ['alice', 'GET', 200],
      ['alice', 'POST', 200],
      ['bob', 'GET', 200],
      ['bob', 'POST', 403],
    ])('lets %s %s with %d', async (name, method, status) => {
      const call = createIamFetch({
        baseUrl: urlOf(api),
        region: stack.config.region,
        credentials: ours(name),
        ...(signer && { signer }),
      })
      const body = method === 'POST' ? JSON.stringify({ umlaut: 'ä' }) : null
      const response = await call('/test?b=2&a=1&a=%20x&leer', { method, body })
      expect(response.status).toBe(status)
      expect(response.ok ? await response.json() : await describeRefusal(response)).toMatchObject(
        response.ok
          ? { method, body, role: name === 'alice' ? 'FullAccessRole' : 'ReadOnlyAccessRole' }
          : {
              code: api === 'rest' ? 'ACCESS_DENIED' : 'FORBIDDEN',
            },
      )
    })
  })
})

test('100 concurrent cold calls make one GetId and one GetCredentialsForIdentity', async () => {
  const call = createIamFetch({
    baseUrl: urlOf('http'),
    region: stack.config.region,
    credentials: ours('alice'),
  })
  const answers = await Promise.all(Array.from({ length: 100 }, () => call('/test')))
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200))
  expect(stack.faults.calls()).toEqual({
    GetId: 1,
    GetCredentialsForIdentity: 1,
    'ANY /test': 100,
    'http ANY /test': 100,
  })
})

test("credentials of the AWS SDK's fromCognitoIdentityPool work here, exchanged once", async () => {
  const call = createIamFetch({
    baseUrl: urlOf('http'),
    region: stack.config.region,
    credentials: theirs('bob'),
  })
  expect((await call('/test')).status).toBe(200)
  expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(403)
  expect(stack.faults.calls('GetCredentialsForIdentity')).toBe(1)
})

test('our credentials work in a client of the AWS SDK v3', async () => {
  const client = new ApiGatewayManagementApiClient({
    endpoint: urlOf('http'),
    region: stack.config.region,
    credentials: ours('alice'),
  })
  const post = new PostToConnectionCommand({ ConnectionId: 'abc=', Data: 'hello' })
  expect((await client.send(post)).$metadata.httpStatusCode).toBe(200)
  client.destroy()
  const asBob = new ApiGatewayManagementApiClient({
    endpoint: urlOf('http'),
    region: stack.config.region,
    credentials: ours('bob'),
  })
  await expect(asBob.send(post)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
  asBob.destroy()
})

test('our credentials work in aws4fetch', async () => {
  const { accessKeyId, secretAccessKey, sessionToken = '' } = await ours('alice')()
  const aws = new AwsClient({
    accessKeyId,
    secretAccessKey,
    sessionToken,
    region: stack.config.region,
    service: 'execute-api',
  })
  expect((await aws.fetch(`${urlOf('http')}/test`)).status).toBe(200)
})

test('a session that expired on the way is exchanged again after the refusal of the gateway', async () => {
  const credentials = ours('alice')
  const call = createIamFetch({
    baseUrl: urlOf('rest'),
    region: stack.config.region,
    credentials,
  })
  expect((await call('/test')).status).toBe(200)
  stack.faults.expireSession((await credentials()).accessKeyId)
  expect((await call('/test', { method: 'POST', body: 'once' })).status).toBe(200)
  expect(stack.faults.calls('GetCredentialsForIdentity')).toBe(2)
})

test.each([2 * 3_600_000, -2 * 3_600_000, 56 * 60_000])(
  'a clock that is off by %d ms signs correctly from the first call',
  async (offset) => {
    const clock = { now: () => Date.now() + offset }
    const credentials = cognitoCredentials({
      identityPoolId: stack.config.identityPoolId,
      endpoint: stack.config.endpoints.cognitoIdentity,
      idToken: async () => tokens.alice ?? '',
      clock,
    })
    const call = createIamFetch({
      baseUrl: urlOf('http'),
      region: stack.config.region,
      credentials,
    })
    for (let i = 0; i < 5; i++) expect((await call('/test')).status).toBe(200)
    expect(stack.faults.calls()).toMatchObject({
      GetId: 1,
      GetCredentialsForIdentity: 1,
      'ANY /test': 5,
    })
  },
)

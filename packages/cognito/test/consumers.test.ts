import { createRequire } from 'node:module'
import type { HttpRequest } from '@smithy/types'
import { AwsClient } from 'aws4fetch'
import { expect, test } from 'vitest'
import type { Credentials, CredentialsSource } from '@iamfetch/core'
import { fakePool } from './fake-pool.ts'

// By require: the SDK's ES modules name their imports without extension, and Amplify's declarations do not
// compile under exactOptionalPropertyTypes.
const require = createRequire(import.meta.url)

interface Sdk {
  ApiGatewayManagementApiClient: new (config: {
    region: string
    endpoint: string
    credentials: CredentialsSource
    requestHandler: { handle(request: HttpRequest): Promise<unknown> }
  }) => { send(command: object): Promise<unknown> }
  PostToConnectionCommand: new (input: { ConnectionId: string; Data: Uint8Array }) => object
}

interface AmplifyCore {
  Amplify: { configure(resources: object, libraryOptions: object): void }
}

interface AmplifyAuth {
  fetchAuthSession: () => Promise<{ credentials?: Credentials }>
}

interface AmplifyApi {
  get: (call: { apiName: string; path: string }) => { response: Promise<unknown> }
}

/** An AWS SDK v3 client whose requests go nowhere. */
function sdkClient(credentials: CredentialsSource) {
  const sdk: Sdk = require('@aws-sdk/client-apigatewaymanagementapi')
  const { HttpResponse } = require('@smithy/protocol-http')
  const sent: HttpRequest[] = []
  const client = new sdk.ApiGatewayManagementApiClient({
    region: 'eu-central-1',
    endpoint: 'https://api.example.com/prod',
    credentials,
    requestHandler: {
      async handle(request) {
        sent.push(request)
        return { response: new HttpResponse({ statusCode: 200 }) }
      },
    },
  })
  const call = (): Promise<unknown> =>
    client.send(new sdk.PostToConnectionCommand({ ConnectionId: 'c', Data: new Uint8Array([1]) }))
  return { sent, call }
}

test('an AWS SDK v3 client signs with the provider, and with the credentials themselves', async () => {
  const pool = fakePool()
  pool.skew(Date.now() - pool.clock.now())
  const provider = pool.make()
  const credentials = await provider()
  for (const source of [provider, credentials]) {
    const { sent, call } = sdkClient(source)
    await call()
    await call()
    expect(sent).toHaveLength(2)
    for (const { headers } of sent) {
      expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=ASIA1\//)
      expect(headers['x-amz-security-token']).toBe(pool.secrets[1])
    }
  }
  expect(pool.fetch.seen).toHaveLength(2)
})

test('the SDK may note $source on them, which shows no secret', async () => {
  const credentials = await fakePool().make()()
  Object.assign(credentials, { $source: { CREDENTIALS_CODE: 'e' } })
  expect(Object.keys(credentials)).toEqual(['accessKeyId', 'expiration', 'identityId', '$source'])
  expect({ ...credentials }).not.toHaveProperty('secretAccessKey')
})

test('aws4fetch signs with them', async () => {
  const pool = fakePool()
  const { accessKeyId, secretAccessKey, sessionToken } = await pool.make()()
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    service: 'execute-api',
    region: 'eu-central-1',
  })
  const { headers } = await client.sign('https://api.example.com/test')
  expect(headers.get('authorization')).toContain('Credential=ASIA1/')
  expect(headers.get('x-amz-security-token')).toBe(pool.secrets[1])
})

test('Amplify v6 signs its REST calls with them', async () => {
  const pool = fakePool()
  const provider = pool.make()
  const { Amplify }: AmplifyCore = require('aws-amplify')
  const { fetchAuthSession }: AmplifyAuth = require('aws-amplify/auth')
  const { get }: AmplifyApi = require('aws-amplify/api')
  Amplify.configure(
    {
      API: {
        REST: {
          test: {
            endpoint: 'https://api.example.com',
            region: 'eu-central-1',
            service: 'execute-api',
          },
        },
      },
    },
    {
      Auth: {
        credentialsProvider: {
          getCredentialsAndIdentityId: async () => ({ credentials: await provider() }),
          clearCredentialsAndIdentityId: async () => provider.clear(),
        },
      },
    },
  )
  const { credentials } = await fetchAuthSession()
  expect(credentials?.secretAccessKey).toBe(pool.secrets[0])
  const sent: Request[] = []
  const kept = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    sent.push(new Request(input, init))
    return Response.json({})
  }
  try {
    await get({ apiName: 'test', path: '/test' }).response
  } finally {
    globalThis.fetch = kept
  }
  expect(sent[0]!.headers.get('authorization')).toContain('Credential=ASIA1/')
  expect(sent[0]!.headers.get('x-amz-security-token')).toBe(pool.secrets[1])
})

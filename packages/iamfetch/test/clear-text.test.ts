import { cognitoCredentials } from '@iamfetch/cognito'
import { createSigner } from '@iamfetch/sigv4'
import { createSigner as createNativeSigner } from '@iamfetch/sigv4/native'
import { describe, expect, test } from 'vitest'
import { awsSdkCredentials } from '../src/aws-sdk-credentials.ts'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { createIamFetch, createTokenFetch, signWebSocketUrl } from '../src/index.ts'
import * as native from '../src/native.ts'
import { credentialsOf } from './fixtures.ts'

const AWS_HOSTS = [
  'abc.execute-api.eu-central-1.amazonaws.com',
  'ABC.Execute-API.eu-central-1.AmazonAWS.com',
  'abc.execute-api.eu-central-1.amazonaws.com:80',
  'abc.execute-api.eu-central-1.amazonaws.com.',
  'abc.execute-api.cn-north-1.amazonaws.com.cn',
  'abc.execute-api.eusc-de-east-1.amazonaws.eu',
  'abc.execute-api.us-iso-east-1.c2s.ic.gov',
  'abc.execute-api.eu-central-1.api.aws',
  'abc.lambda-url.eu-central-1.on.aws',
  'svc-0a1b.7d67968.vpc-lattice-svcs.eu-central-1.on.aws',
  'vpce-1.execute-api.eu-central-1.vpce.amazonaws.com',
  'abc.appsync-api.eu-central-1.amazonaws.com',
  'abc.appsync-realtime-api.eu-central-1.amazonaws.com',
  'bedrock-agentcore.eu-central-1.amazonaws.com',
  'search-x.eu-central-1.es.amazonaws.com',
  'search-x.eu-central-1.es.api.aws',
  'data-ats.iot.eu-central-1.amazonaws.com',
  'secretsmanager.eu-central-1.amazonaws.com',
  'sts.amazonaws.com',
  'd111111abcdef8.cloudfront.net',
]
const OTHER_HOSTS = [
  'localhost:4000',
  '127.0.0.1:4000',
  'api.example.com',
  'amazonaws.com.example.com',
  'myamazonaws.com',
  'aws.example.com',
]
const credentials = credentialsOf('A')
const region = 'eu-central-1'
const answer = async (): Promise<Response> => new Response('ok')
const identityPoolId = 'eu-central-1:11111111-2222-3333-4444-555555555555'
const context = {
  credentials: async () => credentials,
  region,
  service: 'execute-api',
  clock: Date,
}

/** Every way to send something secret to a host, by name; each rejects or throws if it refuses. */
const WAYS: Record<string, (host: string) => unknown> = {
  'createIamFetch, baseUrl': async (host) =>
    createIamFetch({
      baseUrl: `http://${host}`,
      credentials,
      region,
      ...serviceOf(host),
      fetch: answer,
    })('/x'),
  'createIamFetch, origins': async (host) =>
    createIamFetch({
      origins: [`http://${host}`],
      credentials,
      region,
      ...serviceOf(host),
      fetch: answer,
    })(`http://${host}/x`),
  'createTokenFetch, baseUrl': async (host) =>
    createTokenFetch({ baseUrl: `http://${host}/prod`, token: async () => 'abc', fetch: answer })(
      '/x',
    ),
  'createTokenFetch, origins': async (host) =>
    createTokenFetch({ origins: [`http://${host}`], token: async () => 'abc', fetch: answer })(
      `http://${host}/x`,
    ),
  'createIamFetch on React Native': async (host) =>
    native.createIamFetch({
      baseUrl: `http://${host}`,
      credentials,
      region,
      ...serviceOf(host),
      fetch: answer,
    })('/x'),
  'createTokenFetch on React Native': async (host) =>
    native.createTokenFetch({ baseUrl: `http://${host}`, token: async () => 'abc', fetch: answer })(
      '/x',
    ),
  'createSigner, sign': (host) => createSigner({ credentials, region }).sign(`http://${host}/x`),
  'createSigner, sign a Request': (host) =>
    createSigner({ credentials, region }).sign(new Request(`http://${host}/x`)),
  'createSigner, presign': (host) =>
    createSigner({ credentials, region }).presign(`http://${host}/x`),
  'createSigner, presign ws:': (host) =>
    createSigner({ credentials, region }).presign(`ws://${host}/x`),
  'createSigner on React Native': (host) =>
    createNativeSigner({ credentials, region }).sign(`http://${host}/x`),
  'presign on React Native': (host) =>
    createNativeSigner({ credentials, region }).presign(`ws://${host}/x`),
  'awsSdkSigner, sign': (host) => awsSdkSigner(context).sign(`http://${host}/x`),
  'awsSdkSigner, presign': (host) => awsSdkSigner(context).presign(`ws://${host}/x`),
  signWebSocketUrl: (host) => signWebSocketUrl({ url: `ws://${host}/x`, credentials, region }),
  'signWebSocketUrl on React Native': (host) =>
    native.signWebSocketUrl({ url: `ws://${host}/x`, credentials, region }),
  'cognitoCredentials, endpoint': async (host) =>
    cognitoCredentials({ identityPoolId, endpoint: `http://${host}/`, guest: true }),
  'awsSdkCredentials, endpoint': async (host) =>
    awsSdkCredentials({ identityPoolId, endpoint: `http://${host}/`, idToken: async () => '' }),
}

/** The signing name in the host, where one of another service would be a contradiction. */
function serviceOf(host: string): { region?: string; service?: string } {
  const found = /\.(cn-north-1|eusc-de-east-1|us-iso-east-1)\./.exec(host)
  return {
    ...(found && { region: found[1]! }),
    ...(/lambda-url/i.test(host) && { service: 'lambda' }),
  }
}

describe.each(Object.keys(WAYS))('%s', (way) => {
  const send = async (host: string): Promise<unknown> => WAYS[way]!(host)

  test.each(AWS_HOSTS)('sends nothing in clear to %s', async (host) => {
    const error: unknown = await send(host).then(
      () => 'it was sent',
      (caught: unknown) => caught,
    )
    expect(String(Object(error).message)).toContain('readable on the way')
    expect(Object(error).code).toMatch(/^(INVALID_OPTION|URL_NOT_SIGNABLE)$/)
  })

  test.each(OTHER_HOSTS)('may be used with %s', async (host) => {
    await expect(send(host).then(() => 'sent')).resolves.toBe('sent')
  })
})

test.each([
  'http://user:pw@cognito-identity.eu-central-1.amazonaws.com/',
  'http://localhost@cognito-identity.eu-central-1.amazonaws.com/',
  'http://localhost:x@cognito-identity.eu-central-1.amazonaws.com/',
  'http:\\\\cognito-identity.eu-central-1.amazonaws.com/',
  'http:cognito-identity.eu-central-1.amazonaws.com/',
  '//cognito-identity.eu-central-1.amazonaws.com/',
  ' http://cognito-identity.eu-central-1.amazonaws.com/',
  'HTTP://COGNITO-IDENTITY.EU-CENTRAL-1.AMAZONAWS.COM',
  'http://cognito-identity.eu-central-1.amazonaws.com.',
  'http://cognito-identity.eu-central-1.amazonaws.com\\@localhost',
])('the endpoint %j is refused for the ID token', (endpoint) => {
  expect(() => cognitoCredentials({ identityPoolId, endpoint, guest: true })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})

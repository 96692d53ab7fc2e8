import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import * as sdk from '@aws-sdk/credential-providers'
import type { Credentials, CredentialsProvider } from '@iamfetch/core'
import { createSigner } from '@iamfetch/sigv4'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  assumeRole,
  defaultCredentials,
  fromContainer,
  fromEnvironment,
  fromInstanceMetadata,
  fromProfile,
  fromWebIdentity,
  githubActionsToken,
} from '../../src/node/index.ts'
import {
  credentialsDocument,
  EXPIRY,
  startFakeService,
  stsError,
  stsResponse,
  type FakeService,
  type Received,
  type Reply,
} from './fake-services.ts'

const ROLE = 'arn:aws:iam::123456789012:role/Demo'
const KEYS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret-of-the-user' }

let folder: string
let services: FakeService[]
let environment: NodeJS.ProcessEnv

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iamfetch-node-'))
  services = []
  environment = { ...process.env }
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  process.env['AWS_CONFIG_FILE'] = join(folder, 'config')
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'credentials')
})

afterEach(async () => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
  await Promise.all(services.map((started) => started.close()))
  await rm(folder, { recursive: true, force: true })
})

async function service(reply: (request: Received) => Reply): Promise<FakeService> {
  const started = await startFakeService(reply)
  services.push(started)
  return started
}

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text)

/** The four fields that both sides have in common. */
const fieldsOf = ({ accessKeyId, secretAccessKey, sessionToken, expiration }: Credentials) => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiration: expiration?.toISOString(),
})

/** Expects our provider to return what the AWS SDK's provider returns. */
async function expectSame(
  ours: CredentialsProvider,
  theirs: () => Promise<Credentials>,
): Promise<Credentials> {
  const [mine, reference] = [await ours(), await theirs()]
  expect(fieldsOf(mine)).toEqual(fieldsOf(reference))
  return mine
}

const OF_THE_ROLE = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret-of-the-role',
  sessionToken: 'token-of-the-role',
  expiration: new Date(EXPIRY).toISOString(),
}

describe('environment', () => {
  test('keys in the environment lead to the credentials of the AWS SDK', async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-of-the-role',
      AWS_SESSION_TOKEN: 'token-of-the-role',
      AWS_CREDENTIAL_EXPIRATION: EXPIRY,
    })
    expect(fieldsOf(await expectSame(fromEnvironment(), sdk.fromEnv()))).toEqual(OF_THE_ROLE)
  })

  test('long-lived keys have no session token and no expiry', async () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: '',
    }
    expect(fieldsOf(await fromEnvironment({ env })())).toEqual({
      accessKeyId: 'AKIAEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: undefined,
      expiration: undefined,
    })
  })

  test('a missing variable is named', async () => {
    await expect(fromEnvironment({ env: {} })()).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
      message: 'The environment variable AWS_ACCESS_KEY_ID is not set.',
    })
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_CREDENTIAL_EXPIRATION: 'soon',
    }
    await expect(fromEnvironment({ env })()).rejects.toThrow(
      'AWS_CREDENTIAL_EXPIRATION is not a date',
    )
  })
})

describe('container', () => {
  test('an ECS or EKS endpoint with a token file leads to the credentials of the AWS SDK', async () => {
    const { url, received } = await service(() => ({ body: credentialsDocument() }))
    await write('token', 'the-token')
    Object.assign(process.env, {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials?a=b`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, 'token'),
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'not this one',
    })
    const mine = await expectSame(fromContainer(), sdk.fromHttp())
    expect(fieldsOf(mine)).toEqual(OF_THE_ROLE)
    expect(received.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/v1/credentials?a=b', 'the-token'],
      ['/v1/credentials?a=b', 'the-token'],
    ])
  })

  test.each([
    'http://example.com/credentials',
    'http://169.254.169.254/',
    'http://127.0.0.1.example.com/',
    'ftp://127.0.0.1/',
    'not a url',
  ])('%s is refused before anything is sent, as by the AWS SDK', async (address) => {
    process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = address
    let sent = 0
    const fetch = async (): Promise<Response> => (sent++, new Response(credentialsDocument()))
    await expect(fromContainer({ fetch })()).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
    })
    await expect(sdk.fromHttp({ maxRetries: 0 })()).rejects.toThrow(Error)
    expect(sent).toBe(0)
  })

  test('a relative URI leads to the address of ECS and wins over a full one', async () => {
    const urls: string[] = []
    const fetch = async (url: RequestInfo | URL): Promise<Response> => {
      urls.push(new Request(url).url)
      return new Response(credentialsDocument())
    }
    const env = {
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/abc',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1/other',
    }
    await fromContainer({ env, fetch })()
    expect(urls).toEqual(['http://169.254.170.2/v2/credentials/abc'])
  })

  test('a token with a line break is not sent', async () => {
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'secret\nx-injected: 1',
    }
    const error: Error = await fromContainer({ env })().then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    )
    expect(error.message).toBe('The container authorization token contains a line break.')
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('secret')
  })
})

test.each<[string, () => Promise<unknown>]>([
  [
    'a container token that is not text',
    fromContainer({
      env: {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
        AWS_CONTAINER_AUTHORIZATION_TOKEN: 'secret\0',
      },
    }),
  ],
  [
    'a password in the address of a container endpoint',
    fromContainer({
      env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://user:secret@127.0.0.1:1/' },
    }),
  ],
  [
    'a metadata token that is not text',
    fromInstanceMetadata({ env: {}, fetch: async () => new Response('secret\0') }),
  ],
  [
    'the token of a GitHub Actions job with a line break',
    githubActionsToken({
      env: {
        ACTIONS_ID_TOKEN_REQUEST_URL: 'https://127.0.0.1:1/',
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret\nx: 1',
      },
    }),
  ],
])('%s is in no error, nor in its cause', async (_, provide) => {
  const error: Error = await provide().then(
    () => expect.unreachable(),
    (reason: Error) => reason,
  )
  expect(error).toMatchObject({ code: 'CREDENTIALS_UNAVAILABLE', retryable: false })
  expect(error.message).toContain(' was not called, because ')
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('secret')
})

test('a response that breaks off is an error that may pass', async () => {
  const body = new ReadableStream({ pull: (it) => it.error(new TypeError('terminated')) })
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' }
  const provide = fromContainer({ env, fetch: async () => new Response(body) })
  await expect(provide()).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: 'The container credentials endpoint could not be reached, or its response broke off.',
    retryable: true,
  })
})

test('an "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" that would name another host is not called', async () => {
  let sent = 0
  const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '.example.com/x' }
  const provide = fromContainer({ env, fetch: async () => new Response(String(sent++)) })
  await expect(provide()).rejects.toThrow('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path')
  expect(sent).toBe(0)
})

test('a source without credentials does not make AssumeRole an unsigned request', async () => {
  let sent = 0
  const provide = assumeRole({
    credentials: (async () => undefined) as unknown as CredentialsProvider,
    roleArn: ROLE,
    region: 'eu-central-1',
    fetch: async () => new Response(String(sent++)),
  })
  await expect(provide()).rejects.toMatchObject({ code: 'CREDENTIALS_INCOMPLETE' })
  expect(sent).toBe(0)
})

test('a token source that fails names its error, not what the error says', async () => {
  const provide = fromWebIdentity({
    roleArn: ROLE,
    region: 'eu-central-1',
    token: async () => Promise.reject(new RangeError('eyJhbGci.secret')),
  })
  await expect(provide()).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: '"token" failed: RangeError.',
  })
})

test.each([null, 5, 'AWS_REGION=x'])('%o is not an environment', (env) => {
  const wrong = { env: env as unknown as NodeJS.ProcessEnv }
  for (const create of [defaultCredentials, fromEnvironment, fromProfile, fromContainer]) {
    expect(() => create(wrong)).toThrow('"env" must be an object, got')
  }
})

describe('instance metadata', () => {
  const metadata =
    (document = credentialsDocument()) =>
    (request: Received): Reply => {
      if (request.path === '/latest/api/token') return { body: 'metadata-token' }
      if (request.headers['x-aws-ec2-metadata-token'] !== 'metadata-token') return { status: 401 }
      if (request.path.endsWith('/security-credentials/')) return { body: 'Demo' }
      if (request.path.endsWith('/security-credentials/Demo')) return { body: document }
      return { status: 404 }
    }

  test('an instance with a role leads to the credentials of the AWS SDK', async () => {
    const { url, received } = await service(metadata())
    process.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] = url
    const mine = await expectSame(fromInstanceMetadata(), sdk.fromInstanceMetadata())
    expect(fieldsOf(mine)).toEqual(OF_THE_ROLE)
    expect(received[0]).toMatchObject({ method: 'PUT', path: '/latest/api/token' })
    expect(received[0]?.headers['x-aws-ec2-metadata-token-ttl-seconds']).toBe('21600')
  })

  test('IMDSv1 is never used: without a session token there are no credentials', async () => {
    const { url, received } = await service(({ path }) =>
      path === '/latest/api/token' ? { status: 403 } : { body: 'Demo' },
    )
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: url }
    await expect(fromInstanceMetadata({ env })()).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
    })
    expect(received.map(({ path }) => path)).toEqual(['/latest/api/token'])
  })

  test('expired credentials are used for five more minutes, because the service may be unable to renew them', async () => {
    const { url } = await service(
      metadata(credentialsDocument({ Expiration: '2020-01-01T00:00:00Z' })),
    )
    const clock = { now: () => Date.UTC(2026, 0, 1) }
    const { expiration } = await fromInstanceMetadata({
      env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: url },
      clock,
    })()
    expect(expiration).toEqual(new Date(Date.UTC(2026, 0, 1, 0, 5)))
  })

  test('an instance without a role is named as such', async () => {
    const { url } = await service(({ path }) =>
      path === '/latest/api/token' ? { body: 'metadata-token' } : { status: 404 },
    )
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: url }
    await expect(fromInstanceMetadata({ env })()).rejects.toMatchObject({
      message: 'The instance has no role.',
      remedy: 'Attach an instance profile with a role to the instance.',
    })
  })

  test('AWS_EC2_METADATA_DISABLED keeps it from asking', async () => {
    const env = { AWS_EC2_METADATA_DISABLED: 'true' }
    const fetch = async (): Promise<Response> => expect.unreachable()
    await expect(fromInstanceMetadata({ env, fetch })()).rejects.toThrow(
      'AWS_EC2_METADATA_DISABLED',
    )
  })
})

describe('STS', () => {
  const sts = (request: Received): Reply => {
    const operation = new URLSearchParams(request.body).get('Action') ?? ''
    return { body: stsResponse(operation), headers: { 'content-type': 'text/xml' } }
  }

  test('a web identity leads to the credentials of the AWS SDK, with the same parameters', async () => {
    const { url, received } = await service(sts)
    await write('token', 'eyJ.token.of-the-provider')
    Object.assign(process.env, {
      AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'),
      AWS_ROLE_ARN: ROLE,
      AWS_ROLE_SESSION_NAME: 'me',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_STS: url,
    })
    const mine = await expectSame(fromWebIdentity({ endpoint: url }), sdk.fromTokenFile())
    expect(fieldsOf(mine)).toEqual(OF_THE_ROLE)
    const [ours, theirs] = received.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
    expect(ours).toEqual(theirs)
    expect(received[0]?.headers.authorization).toBeUndefined()
  })

  test('an assumed role leads to the credentials of the AWS SDK, with the same parameters', async () => {
    const { url, received } = await service(sts)
    process.env['AWS_ENDPOINT_URL_STS'] = url
    const role = { RoleArn: ROLE, RoleSessionName: 'me', ExternalId: 'x', DurationSeconds: 900 }
    const ours = assumeRole({
      credentials: KEYS,
      roleArn: ROLE,
      roleSessionName: 'me',
      externalId: 'x',
      durationSeconds: 900,
      region: 'eu-central-1',
      endpoint: url,
    })
    const theirs = sdk.fromTemporaryCredentials({
      masterCredentials: async () => KEYS,
      params: role,
      clientConfig: { region: 'eu-central-1' },
    })
    expect(fieldsOf(await expectSame(ours, theirs))).toEqual(OF_THE_ROLE)
    const [mine, reference] = received.map(({ body }) =>
      Object.fromEntries(new URLSearchParams(body)),
    )
    expect(mine).toEqual(reference)
    expect(received[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-central-1\/sts\/aws4_request/,
    )
  })

  test('a rejection names the AWS code and what to do, and never the token', async () => {
    const { url } = await service(() => ({ status: 400, body: stsError('InvalidIdentityToken') }))
    const provider = fromWebIdentity({
      roleArn: ROLE,
      region: 'eu-central-1',
      endpoint: url,
      token: () => 'secret-token',
    })
    const error: Error = await provider().then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    )
    expect(error).toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
      message: 'AWS STS rejected AssumeRoleWithWebIdentity: InvalidIdentityToken.',
      remedy:
        'Create an IAM OIDC provider for the issuer of the token, and check the audience of the token.',
      retryable: false,
    })
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('secret-token')
  })

  test.each([
    [{ region: 'nowhere' }, '"region" or AWS_REGION must be an AWS region, got "nowhere"'],
    [{ roleArn: 'Demo' }, '"roleArn" must be a role ARN such as'],
    [{ durationSeconds: 60 }, '"durationSeconds" must be a whole number from 900 to 43200, got 60'],
    [{ roleSessionName: 'a b' }, '"roleSessionName" must have 2 to 64 letters'],
    [
      { endpoint: 'http://sts.eu-central-1.amazonaws.com/' },
      '"endpoint" must begin with https: for an AWS host',
    ],
    [{ endpoint: 'https://me:pa55word@sts.example/' }, '"endpoint" must not contain a user'],
    [{ endpoint: 'ftp://me:pa55word@sts.example/' }, '"endpoint" must be an absolute https: URL'],
    [{ endpoint: 'https://[' }, '"endpoint" must be an absolute https: URL'],
    [{ timeoutMs: 0 }, '"timeoutMs" must be greater than 0, got 0'],
    [{ role: 'x' }, '"role" is not an option'],
  ])('%o is refused when the provider is created', (change, message) => {
    const options = { credentials: KEYS, roleArn: ROLE, region: 'eu-central-1', ...change }
    expect(() => assumeRole(options)).toThrow(`assumeRole: ${message}`)
    expect(() => assumeRole(options)).not.toThrow('pa55word')
  })

  test('the token of a GitHub Actions job is requested for the audience of AWS', async () => {
    const sent: [string, string | null][] = []
    const fetch = async (url: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      sent.push([new Request(url).url, new Headers(init?.headers).get('authorization')])
      return Response.json({ value: 'eyJ.job.token' })
    }
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://pipelines.example/token?api-version=2.0',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner',
    }
    expect(await githubActionsToken({ env, fetch })()).toBe('eyJ.job.token')
    expect(sent).toEqual([
      [
        'https://pipelines.example/token?api-version=2.0&audience=sts.amazonaws.com',
        'Bearer runner',
      ],
    ])
    await expect(githubActionsToken({ env: {} })()).rejects.toThrow('are not set')
  })
})

describe('profile', () => {
  test('static keys of both files lead to the credentials of the AWS SDK', async () => {
    await write(
      'config',
      '[profile dev]\nregion = eu-west-1\naws_access_key_id = OTHER\n# comment\n',
    )
    await write(
      'credentials',
      '[dev]\naws_access_key_id=AKIAEXAMPLE\naws_secret_access_key = secret=with=signs # note\n',
    )
    process.env['AWS_PROFILE'] = 'dev'
    const mine = await expectSame(fromProfile(), sdk.fromIni({ ignoreCache: true }))
    expect(mine).toMatchObject({ accessKeyId: 'AKIAEXAMPLE' })
    expect(mine.secretAccessKey).toBe('secret=with=signs')
  })

  test('credential_process leads to the credentials of the AWS SDK', async () => {
    await write(
      'print.mjs',
      `console.log(JSON.stringify({ Version: 1, AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'secret-of-the-role', SessionToken: 'token-of-the-role', Expiration: '${EXPIRY}' }))`,
    )
    await write(
      'config',
      `[default]\ncredential_process = "${process.execPath}" ${join(folder, 'print.mjs')}\n`,
    )
    const mine = await expectSame(fromProfile(), sdk.fromIni({ ignoreCache: true }))
    expect(fieldsOf(mine)).toEqual(OF_THE_ROLE)
  })

  test('a credential_process that fails is not quoted', async () => {
    await write('config', '[default]\ncredential_process = echo secret-output; exit 3\n')
    const error: Error = await fromProfile()().then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    )
    expect(error.message).toBe(
      'The credential_process of the profile "default" failed with exit code 3.',
    )
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('secret-output')
  })

  test('what became of a credential_process is said without its output', async () => {
    const outputs: Record<string, string> = {
      "trap '' TERM; sleep 9 & wait; wait": 'did not end in time',
      'head -c 2000000 /dev/zero': 'printed more than 1048576 bytes',
      'kill -TERM $$': 'was ended by the signal SIGTERM',
      [`echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B","Expiration":"soon"}'`]:
        'printed an "Expiration" that is not a date',
    }
    const seen = await Promise.all(
      Object.keys(outputs).map(async (command, index) => {
        const file = join(folder, `config-${index}`)
        await writeFile(file, `[default]\ncredential_process = ${command}\n`)
        const env = { PATH: process.env['PATH'], AWS_CONFIG_FILE: file }
        return fromProfile({ env, processTimeoutMs: 400 })().catch((error: Error) => error.message)
      }),
    )
    expect(seen).toEqual(
      Object.values(outputs).map(
        (what) => `The credential_process of the profile "default" ${what}.`,
      ),
    )
  })

  test.each([Number.NaN, 0, -1, 1.5, Infinity])('%d is not a "processTimeoutMs"', (wrong) => {
    expect(() => fromProfile({ processTimeoutMs: wrong })).toThrow('"processTimeoutMs" must be')
  })

  test.each([
    [
      'duration_seconds = 60',
      '"duration_seconds" must be a whole number from 900 to 43200, got 60',
    ],
    [
      'role_arn = Demo',
      '"role_arn" must be a role ARN such as arn:aws:iam::123456789012:role/Deploy, got "Demo"',
    ],
    ['region = here', '"region" or AWS_REGION must be an AWS region, got "here"'],
    [
      'role_session_name = a b',
      '"role_session_name" must have 2 to 64 letters, digits or =,.@_-, got "a b"',
    ],
  ])(
    'a profile with "%s" is refused by the name, the rule and the value',
    async (line, problem) => {
      const lines = [
        '[default]',
        `role_arn = ${ROLE}`,
        'region = eu-central-1',
        line,
        'source_profile = keys',
        '[profile keys]',
        'aws_access_key_id = A',
        'aws_secret_access_key = B',
      ]
      await write('config', lines.join('\n'))
      await expect(fromProfile()()).rejects.toMatchObject({
        code: 'CREDENTIALS_UNAVAILABLE',
        message: `The profile "default" cannot be used: ${problem}.`,
      })
    },
  )

  test('a file name that begins with ~ is one in the home folder', async () => {
    await write('own', '[default]\naws_access_key_id = A\naws_secret_access_key = B\n')
    const env = { HOME: folder, AWS_SHARED_CREDENTIALS_FILE: '~/own' }
    expect((await fromProfile({ env })()).accessKeyId).toBe('A')
  })

  test('a role with a source profile leads to the credentials of the AWS SDK, with the same parameters', async () => {
    const { url, received } = await service(() => ({
      body: stsResponse('AssumeRole'),
      headers: { 'content-type': 'text/xml' },
    }))
    process.env['AWS_ENDPOINT_URL_STS'] = url
    await write(
      'config',
      `[profile role]\nrole_arn = ${ROLE}\nsource_profile = base\nregion = eu-west-1\nrole_session_name = me\nexternal_id = x\nduration_seconds = 3600\n`,
    )
    await write(
      'credentials',
      '[base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n',
    )
    const ours = fromProfile({ profile: 'role', stsEndpoint: url })
    const theirs = sdk.fromIni({ profile: 'role', ignoreCache: true })
    expect(fieldsOf(await expectSame(ours, theirs))).toEqual(OF_THE_ROLE)
    const [mine, reference] = received.map(({ body }) =>
      Object.fromEntries(new URLSearchParams(body)),
    )
    expect(mine).toEqual(reference)
    expect(received[0]?.headers.authorization).toContain('/eu-west-1/sts/aws4_request')
  })

  test.each([
    ['[other]\n', 'The profile "default" is in neither of the AWS configuration files.'],
    [
      '[default]\nregion = eu-west-1\n',
      'The profile "default" has no keys, no role and no credential_process.',
    ],
    [
      '[default]\nsso_session = x\n',
      'The profile "default" uses IAM Identity Center, which is not supported.',
    ],
    [
      `[default]\nrole_arn = ${ROLE}\nsource_profile = a\n[profile a]\nrole_arn = ${ROLE}\nsource_profile = default\n`,
      'The profiles default, a, default refer to each other in a circle.',
    ],
    [
      `[default]\nrole_arn = ${ROLE}\ncredential_source = Magic\n`,
      '"credential_source" of the profile "default" is not Environment, EcsContainer or Ec2InstanceMetadata.',
    ],
  ])('a profile that cannot be used says why: %j', async (config, message) => {
    await write('config', config)
    await expect(fromProfile({ region: 'eu-west-1' })()).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
      message,
    })
  })
})

describe('what all providers do', () => {
  const container = async (reply: () => Reply) => {
    const started = await service(reply)
    return { ...started, env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: started.url } }
  }

  test('50 concurrent calls share one request', async () => {
    const { env, received } = await container(() => ({ body: credentialsDocument() }))
    const provider = fromContainer({ env })
    await Promise.all(Array.from({ length: 50 }, () => provider()))
    expect(received).toHaveLength(1)
    await provider({ forceRefresh: true })
    expect(received).toHaveLength(2)
  })

  test.each([
    [{ body: '' }, 'returned a document without'],
    [{ body: '[]' }, 'returned a document without'],
    [{ body: credentialsDocument({ Token: '' }) }, 'returned a document without'],
    [{ body: credentialsDocument({ Expiration: 'soon' }) }, 'returned a document without'],
    [{ status: 500, body: '{"message":"secret"}' }, 'responded with HTTP 500'],
    [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'responded with HTTP 302'],
  ])('a malformed response is CREDENTIALS_UNAVAILABLE: %j', async (reply, message) => {
    const { env } = await container(() => reply)
    const error: Error = await fromContainer({ env })().then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    )
    expect(error).toMatchObject({ code: 'CREDENTIALS_UNAVAILABLE' })
    expect(error.message).toContain(message)
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('secret')
  })

  test('a service that never responds ends the call at the time limit of the clock', async () => {
    const { env } = await container(() => ({ hang: true }))
    let wake = (): void => {}
    const clock = {
      now: () => Date.now(),
      sleep: () => new Promise<void>((resolve) => (wake = resolve)),
    }
    const call = fromContainer({ env, clock, timeoutMs: 2_000 })()
    await new Promise((resolve) => setImmediate(resolve))
    wake()
    await expect(call).rejects.toMatchObject({
      message: 'The container credentials endpoint did not respond within 2000 ms.',
      retryable: true,
    })
  })

  test('a response without end is not read beyond its limit', async () => {
    const { env } = await container(() => ({ body: 'x'.repeat(200_000) }))
    await expect(fromContainer({ env })()).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
  })

  test('secrets are in no printed form of the credentials, and they sign', async () => {
    const { env } = await container(() => ({ body: credentialsDocument() }))
    const provider = fromContainer({ env })
    const credentials = await provider()
    const shown = inspect(credentials, { showHidden: true }) + JSON.stringify({ ...credentials })
    expect(shown).not.toMatch(/secret-of|token-of/)
    const signer = createSigner({
      credentials: provider,
      region: 'eu-central-1',
      service: 'execute-api',
    })
    const request = await signer.sign('https://api.example.com/')
    expect(request.headers.get('x-amz-security-token')).toBe('token-of-the-role')
  })
})

describe('default credentials', () => {
  test('keys of the environment come first, unless AWS_PROFILE is set', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' })
    await write(
      'credentials',
      '[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = s\n',
    )
    expect((await defaultCredentials()()).accessKeyId).toBe('AKIAENV')
    process.env['AWS_PROFILE'] = 'default'
    expect((await defaultCredentials()()).accessKeyId).toBe('AKIAFILE')
  })

  test('a default profile with nothing but a region does not hide a container', async () => {
    const { url } = await service(() => ({ body: credentialsDocument() }))
    process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = url
    await write('config', '[default]\nregion = eu-west-1\n')
    expect((await defaultCredentials()()).accessKeyId).toBe('ASIAEXAMPLE')
  })

  test('a configured source that fails is not replaced by another role', async () => {
    const { url } = await service(() => ({ body: credentialsDocument() }))
    process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = url
    process.env['AWS_PROFILE'] = 'missing'
    await expect(defaultCredentials()()).rejects.toThrow('The profile "missing"')
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/credential-providers'
import type { Credentials } from '@iamfetch/core'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  assumeRole,
  fromContainer,
  fromInstanceMetadata,
  fromProfile,
  fromWebIdentity,
} from '../../src/node/index.ts'
import {
  credentialsDocument,
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
let service: FakeService
let reply: (request: Received) => Reply
let environment: NodeJS.ProcessEnv

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iamfetch-differential-'))
  service = await startFakeService((request) => reply(request))
  environment = { ...process.env }
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  await writeFile(join(folder, 'token'), 'eyJ.token.of-the-provider')
  // Once: the SDK reads it once.
  const command = `credential_process = cat ${join(folder, 'output')}`
  await writeFile(join(folder, 'config'), `[default]\n${command}\n`)
  Object.assign(process.env, {
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_EC2_METADATA_SERVICE_ENDPOINT: service.url,
    AWS_ENDPOINT_URL_STS: service.url,
  })
})
afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
  await service.close()
  await rm(folder, { recursive: true, force: true })
})

/** One source, asked by our provider and by that of the AWS SDK. */
interface Source {
  ours: () => Promise<Credentials>
  theirs: () => Promise<Credentials>
  /** How the service responds when the document or the XML is this one. */
  respond: (body: string, more?: Reply) => (request: Received) => Reply
}

const SOURCES: Record<string, Source> = {
  container: {
    ours: () =>
      fromContainer({
        env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: service.url },
        timeoutMs: 10_000,
      })(),
    theirs: () =>
      sdk.fromHttp({
        awsContainerCredentialsFullUri: service.url,
        maxRetries: 0,
        timeout: 10_000,
      })(),
    respond: (body, more) => () => ({ body, ...more }),
  },
  'instance metadata': {
    ours: () => fromInstanceMetadata({ timeoutMs: 10_000 })(),
    theirs: () => sdk.fromInstanceMetadata({ maxRetries: 0, timeout: 10_000 })(),
    respond:
      (body, more) =>
      ({ path }) => {
        if (path === '/latest/api/token') return { body: 'metadata-token' }
        if (path.endsWith('/security-credentials/')) return { body: 'Demo' }
        return { body, ...more }
      },
  },
  'web identity': {
    ours: () =>
      fromWebIdentity({
        token: () => 'eyJ.token.of-the-provider',
        roleArn: ROLE,
        roleSessionName: 'me',
        region: 'eu-central-1',
        endpoint: service.url,
      })(),
    theirs: () =>
      sdk.fromTokenFile({
        webIdentityTokenFile: join(folder, 'token'),
        roleArn: ROLE,
        roleSessionName: 'me',
        clientConfig: { region: 'eu-central-1', maxAttempts: 1 },
      })(),
    respond: (body, more) => () => ({ body, ...more }),
  },
  'assumed role': {
    ours: () =>
      assumeRole({
        credentials: KEYS,
        roleArn: ROLE,
        roleSessionName: 'me',
        region: 'eu-central-1',
        endpoint: service.url,
      })(),
    theirs: () =>
      sdk.fromTemporaryCredentials({
        masterCredentials: async () => KEYS,
        params: { RoleArn: ROLE, RoleSessionName: 'me' },
        clientConfig: { region: 'eu-central-1', maxAttempts: 1 },
      })(),
    respond: (body, more) => () => ({ body, ...more }),
  },
}

/** The fields that both sides have, or that it failed. */
async function outcomeOf(provide: () => Promise<Credentials>): Promise<unknown> {
  try {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provide()
    return { accessKeyId, secretAccessKey, sessionToken, expiration: expiration?.toISOString() }
  } catch {
    return 'fails'
  }
}

/** What a service responds, and how. */
type Documents = Record<string, readonly [body: string, more?: Reply]>

const JSON_DOCUMENTS: Documents = {
  'a right document': [credentialsDocument()],
  'a document without Code': [credentialsDocument({ Code: undefined })],
  'more members': [credentialsDocument({ Type: 'AWS-HMAC', LastUpdated: 'x', AccountId: '1' })],
  'a document in small pieces': [credentialsDocument(), { slow: true }],
  nothing: [''],
  'a list': ['[]'],
  null: ['null'],
  'an empty object': ['{}'],
  'half a document': [credentialsDocument().slice(0, 60)],
  'a page': ['<html>'],
  'no access key': [credentialsDocument({ AccessKeyId: undefined })],
  'no secret key': [credentialsDocument({ SecretAccessKey: undefined })],
  'no token': [credentialsDocument({ Token: undefined })],
  'no expiration': [credentialsDocument({ Expiration: undefined })],
  'a number as the access key': [credentialsDocument({ AccessKeyId: 1 })],
  'an object as the token': [credentialsDocument({ Token: {} })],
  'an expiration that is not a date': [credentialsDocument({ Expiration: 'soon' })],
  'HTTP 404': [credentialsDocument(), { status: 404 }],
  'HTTP 500': [credentialsDocument(), { status: 500 }],
  'HTTP 302': [credentialsDocument(), { status: 302, headers: { location: '/x' } }],
}

describe.each(['container', 'instance metadata'])('%s: both sides agree about', (name) => {
  const { ours, theirs, respond } = SOURCES[name]!
  test.each(Object.entries(JSON_DOCUMENTS))('%s', async (_, [body, more]) => {
    reply = respond(body, more)
    expect(await outcomeOf(ours)).toEqual(await outcomeOf(theirs))
  })
})

describe.each([
  ['web identity', 'AssumeRoleWithWebIdentity'],
  ['assumed role', 'AssumeRole'],
])('%s: both sides agree about', (name, operation) => {
  const { ours, theirs, respond } = SOURCES[name]!
  const xml = stsResponse(operation)
  const without = (tag: string): string => xml.replace(new RegExp(`<${tag}>[^<]*</${tag}>`), '')
  const documents: Documents = {
    'a right response': [xml],
    'a response in small pieces': [xml, { slow: true }],
    'a response in one line': [xml.replaceAll(/\n\s*/g, '')],
    nothing: [''],
    'a page': ['<html><body>proxy</body></html>'],
    'half a response': [xml.slice(0, 400)],
    'no access key': [without('AccessKeyId')],
    'no secret key': [without('SecretAccessKey')],
    AccessDenied: [stsError('AccessDenied'), { status: 403 }],
    'HTTP 500': ['', { status: 500 }],
  }
  const type = { headers: { 'content-type': 'text/xml' } }
  test.each(Object.entries(documents))('%s', async (_, [body, more]) => {
    reply = respond(body, { ...type, ...more })
    expect(await outcomeOf(ours)).toEqual(await outcomeOf(theirs))
  })

  // The SDK hands such credentials on. Without a token no call works; without an expiration they would never be renewed.
  test.each(['SessionToken', 'Expiration'])('everything but a response without %s', async (tag) => {
    reply = respond(without(tag), type)
    expect(await outcomeOf(ours)).toBe('fails')
    expect(await outcomeOf(theirs)).toMatchObject({ accessKeyId: 'ASIAEXAMPLE' })
  })
})

test('an instance that never responds ends both at their time limit', async () => {
  reply = SOURCES['instance metadata']!.respond('', { hang: true })
  const [ours, theirs] = await Promise.all([
    outcomeOf(fromInstanceMetadata({ timeoutMs: 50 })),
    outcomeOf(sdk.fromInstanceMetadata({ maxRetries: 0, timeout: 50 })),
  ])
  expect([ours, theirs]).toEqual(['fails', 'fails'])
})

// `fromHttp` of the SDK (3.972) waits on, whatever its `timeout` says.
test('a container that never responds ends ours at its time limit', async () => {
  reply = () => ({ hang: true })
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: service.url }
  expect(await outcomeOf(fromContainer({ env, timeoutMs: 50 }))).toBe('fails')
})

describe('credential_process: both sides agree about', () => {
  const document = {
    Version: 1,
    AccessKeyId: 'ASIAEXAMPLE',
    SecretAccessKey: 'secret-of-the-role',
    SessionToken: 'token-of-the-role',
    Expiration: '2099-01-01T00:00:00Z',
  }
  test.each<[string, string]>([
    ['a right document', JSON.stringify(document)],
    ['keys that do not expire', JSON.stringify({ ...document, Expiration: undefined })],
    ['another version', JSON.stringify({ ...document, Version: 2 })],
    ['no access key', JSON.stringify({ ...document, AccessKeyId: undefined })],
    ['no secret key', JSON.stringify({ ...document, SecretAccessKey: undefined })],
    ['expired credentials', JSON.stringify({ ...document, Expiration: '2020-01-01T00:00:00Z' })],
    ['text', 'not json'],
    ['nothing', ''],
  ])('%s', async (_, output) => {
    await writeFile(join(folder, 'output'), output)
    const theirs = sdk.fromProcess({ profile: 'default' })
    expect(await outcomeOf(fromProfile({ profile: 'default' }))).toEqual(await outcomeOf(theirs))
  })
})

test('both sides read the same keys from files that people and editors write', async () => {
  const KEY = ['aws_access_key_id', 'aws_secret_access_key', 'region', 's3', 'x']
  const line = fc.oneof(
    fc.constantFrom('[default]', ' [default] ', '[default] # c', '[other]', '[default]x', '', ' '),
    fc
      .tuple(
        fc.constantFrom('', '', '', ' ', '\t', '\uFEFF'),
        fc.constantFrom(...KEY),
        fc.constantFrom(' = ', '=', ' =', '= '),
        fc.constantFrom('A', 'B', 'a#b', 'a #b', 'a ; b', '', '"q"', 'a=b', '#c'),
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('# c', ';c', '  # c', 'x', '=x'),
  )
  const files = fc.tuple(fc.constantFrom('', '\uFEFF'), fc.array(line, { maxLength: 8 }))
  const file = join(folder, 'written')
  const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: join(folder, 'none') }
  await fc.assert(
    fc.asyncProperty(files, async ([start, lines]) => {
      const keys = ['aws_access_key_id = A', 'aws_secret_access_key = B']
      await writeFile(file, [`${start}[default]`, ...keys, ...lines].join('\n'))
      const theirs = sdk.fromIni({ filepath: file, configFilepath: '/none', ignoreCache: true })
      expect(await outcomeOf(fromProfile({ env }))).toEqual(await outcomeOf(theirs))
    }),
    { numRuns: 100 },
  )
})

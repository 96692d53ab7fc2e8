import { cognitoCredentials } from '@iamfetch/cognito'
import type { LocalStack } from '@iamfetch/local'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import { createIamFetch, createTokenFetch } from 'iamfetch'
import { withIdToken } from 'iamfetch/id-token'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import * as groupAccess from '../../group-access/handlers.ts'
import { roleOf, type FunctionName } from '../../group-access/portal/access.ts'
import { tenantNames } from '../../premium-content/access.ts'
import * as premiumContent from '../../premium-content/handlers.ts'
import { startPremiumContent } from '../../premium-content/start.ts'
import {
  startFunction,
  type FunctionError,
  type RunningFunction,
} from '../lambda/start-function.ts'
import { mayAsk, startPortalRun } from './portal-run.ts'
import {
  accountId,
  deployed,
  region,
  type Properties,
  type Template,
} from '../../../packages/cdk/test/resolved.ts'

const infra = join(import.meta.dirname, '..')
const root = join(infra, '../..')
const home = mkdtempSync(join(tmpdir(), 'infra-'))
const out = join(home, 'cdk.out')

/** Without a network where the machine can take it away. */
const offline = spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : []

/** The Node of this repository. */
const node = join(root, 'node_modules/.bin/node')

beforeAll(() => {
  const cdk = [join(infra, 'node_modules/aws-cdk/bin/cdk'), 'synth', '--quiet', '--output', out]
  const [command, ...args] = [...offline, node, ...cdk]
  const { status, stderr } = spawnSync(command!, args, {
    cwd: infra,
    encoding: 'utf8',
    // No credentials, no region, no proxy: nothing but what finds Node.
    env: {
      PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
      HOME: home,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
  })
  if (status !== 0) throw new Error(`cdk synth ended with ${status}\n${stderr}`)
  // It takes ten seconds on two cores that do nothing else. The limit ends what hangs.
}, 400_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** The templates of all stacks, as the CDK wrote them. */
const templates = (): Record<string, Template> =>
  Object.fromEntries(
    readdirSync(out)
      .filter((name) => name.endsWith('.template.json'))
      .map((name) => [
        name.replace('.template.json', ''),
        JSON.parse(readFileSync(join(out, name), 'utf8')),
      ]),
  )

interface BundledFunction {
  stack: string
  /** The route that it is behind, else its handler. */
  name: string
  folder: string
  /** `index.read` */
  handler: string
  /** The ARN of its role. */
  role: string
  /** What the template sets. */
  environment: Record<string, string>
}

/** The functions of all stacks with their bundles, without those that aws-cdk-lib adds. */
function bundledFunctions(): BundledFunction[] {
  const on = deployed(templates())
  return Object.keys(templates()).flatMap((stack) => {
    const routes = on.resources(stack, 'AWS::ApiGatewayV2::Route')
    const integrations = on.resources(stack, 'AWS::ApiGatewayV2::Integration')
    const routeOf = (arn: string): string | undefined => {
      const integration = integrations.find(
        ({ properties }) => properties['IntegrationUri'] === arn,
      )
      const target = `integrations/${integration?.ref}`
      return routes.find(({ properties }) => properties['Target'] === target)?.properties[
        'RouteKey'
      ]
    }
    return on
      .resources(stack, 'AWS::Lambda::Function')
      .filter(({ id }) => !/^Custom(CDKBucketDeployment|S3AutoDelete)/.test(id))
      .map(({ arn, properties }) => ({
        stack,
        name: routeOf(arn) ?? String(properties['Handler']).split('.')[1]!,
        folder: join(out, `asset.${properties['Code'].S3Key.replace('.zip', '')}`),
        handler: properties['Handler'],
        role: properties['Role'],
        environment: properties['Environment']?.Variables ?? {},
      }))
  })
}

const functionsOf = (stack: string): Map<string, BundledFunction> =>
  new Map(
    bundledFunctions()
      .filter((one) => one.stack === stack)
      .map((one) => [one.name, one]),
  )

/** Runs functions of a stack while `run` calls them by their names. */
async function withFunctions<T>(
  stack: string,
  names: readonly string[],
  environment: Record<string, string>,
  run: (call: (name: string, event: unknown) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const running = new Map<string, RunningFunction>()
  try {
    for (const name of names) {
      const one = functionsOf(stack).get(name)!
      running.set(name, await startFunction({ ...one, environment }))
    }
    return await run((name, event) => running.get(name)!.call(event))
  } finally {
    for (const one of running.values()) await one.stop()
  }
}

test('the bundle of every function of every stack can be loaded by a plain node process', () => {
  const files = new Set(bundledFunctions().map(({ folder }) => join(folder, 'index.mjs')))
  expect(files.size).toBeGreaterThan(0)
  for (const file of files) {
    const { status, stderr } = spawnSync(node, [file], { encoding: 'utf8', env: {} })
    expect([file, status, stderr]).toEqual([file, 0, ''])
  }
})

test("every function of every stack responds to one invocation under AWS's runtime interface client", async () => {
  const cloudFormation = createServer((request, response) => {
    request.resume().on('end', () => response.end())
  })
  cloudFormation.listen(0, '127.0.0.1')
  await once(cloudFormation, 'listening')
  const { port } = cloudFormation.address() as AddressInfo
  const answers: Record<string, string> = {}
  const all = bundledFunctions()
  try {
    for (const { stack, name, environment, ...place } of all) {
      const one = await startFunction({ ...place, environment: { ...environment, ...NOWHERE } })
      try {
        const event = anyEvent(name, `http://127.0.0.1:${port}/`)
        answers[`${stack} ${name}`] = await one.call(event).then(
          () => 'a result',
          (error: FunctionError) => (error.phase === 'invocation' ? 'an error' : error.message),
        )
      } finally {
        await one.stop()
      }
    }
  } finally {
    cloudFormation.close()
  }
  expect(Object.keys(answers)).toHaveLength(all.length)
  const outcomes = ['a result', 'an error']
  const notStarted = Object.entries(answers).filter(([, one]) => !outcomes.includes(one))
  expect(Object.fromEntries(notStarted)).toEqual({})
  // These functions report an error because the service that they call does not respond.
  const withErrors = Object.keys(answers).filter((name) => answers[name] === 'an error')
  expect(withErrors).toEqual([
    'DeveloperAccess sweep',
    ...tenantNames.map((tenant) => `PremiumConsumer-${tenant} GET /unauthorized-read`),
    'PremiumProvider rotate',
  ])
}, 180_000)

/** Credentials that do not exist, and services that do not respond. */
const NOWHERE = {
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: 'ASIANOBODY',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_SESSION_TOKEN: 'none',
  COGNITO_IDP_URL: 'http://127.0.0.1:1',
  DYNAMODB_URL: 'http://127.0.0.1:1',
  SECRETS_MANAGER_URL: 'http://127.0.0.1:1',
  PROVIDER_URL: 'http://127.0.0.1:1',
  TOKEN_URL: 'http://127.0.0.1:1/oauth2/token',
}

/** An event of the kind that the function gets. */
function anyEvent(name: string, responseUrl: string): unknown {
  if (name === 'sweep') return {}
  if (name === 'rotate') return { Step: 'createSecret', SecretId: 'one', ClientRequestToken: 'x' }
  if (name === 'initialize') {
    return {
      RequestType: 'Create',
      ResponseURL: responseUrl,
      StackId: 'one',
      RequestId: 'one',
      LogicalResourceId: 'one',
      ResourceProperties: { SecretId: 'one', ClientId: 'one' },
    }
  }
  const [method = 'GET', path = '/'] = name.replace('ANY', 'GET').split(' ')
  return {
    version: '2.0',
    routeKey: name,
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'api.example.com' },
    requestContext: {
      http: { method, path, sourceIp: '127.0.0.1' },
      domainName: 'api.example.com',
      authorizer: { iam: { userArn: 'arn:aws:sts::1:assumed-role/FullAccessRole/Cognito' } },
    },
    body: '{}',
    isBase64Encoded: false,
  }
}

test('the bundles hold the functions of the definition', async () => {
  const event = {
    body: '{"note":1}',
    requestContext: {
      authorizer: { iam: { userArn: 'arn:aws:sts::1:assumed-role/FullAccessRole/Cognito' } },
    },
  }
  for (const [stack, path, source] of [
    ['GroupAccess', '/test', groupAccess],
    ['PremiumProvider', '/premium', premiumContent],
  ] as const) {
    const [read, write] = [`GET ${path}`, `POST ${path}`]
    await withFunctions(stack, [read, write], NOWHERE, async (call) => {
      expect(await call(read, event)).toEqual(await source.read(event))
      expect(await call(write, event)).toEqual(await source.write(event))
    })
  }
}, 60_000)

test('the bundled functions of the portal do their work, with all that their roles allow and no more', async () => {
  const portal = await startPortalRun(functionsOf('DeveloperAccess'))
  try {
    const { config } = portal.stack
    const alice = await portalUser(portal.stack, 'alice')
    const label = { label: 'a script', scopes: ['notes/read', 'notes/write'] }
    const { key, secret } = await answerOf(alice('/keys', post(label)), 201)
    expect(await answerOf(alice('/my/notes', post({ text: 'by hand' })), 201)).toBeDefined()
    const source = oauthTokenEndpoint({
      url: `${config.endpoints.oauth}/oauth2/token`,
      clientId: key.clientId,
    })
    const script = createTokenFetch({
      baseUrl: config.apis['portal']!.url,
      token: machineToken({ source, clientSecret: secret }),
    })
    expect(await answerOf(script('/notes', post({ text: 'by the script' })), 201)).toMatchObject({
      of: 'alice',
      as: 'machine-for-user',
      notes: [{ text: 'by the script', by: key.clientId }, { text: 'by hand' }],
    })
    expect((await answerOf(script('/notes'), 200)).notes).toHaveLength(2)
    expect((await answerOf(alice('/my/notes'), 200)).notes).toHaveLength(2)
    expect(await answerOf(alice('/me'), 200)).toMatchObject({ username: 'alice' })
    expect((await answerOf(alice('/keys'), 200)).keys).toMatchObject([{ id: key.id }])
    await answerOf(alice(`/keys/${key.id}/rotate`, post({ graceSeconds: 60 })), 200)
    // The second rotation cuts the grace of the first one.
    await answerOf(alice(`/keys/${key.id}/rotate`, post({ graceSeconds: 0 })), 200)
    expect(await answerOf(alice(`/keys/${key.id}/events`), 200)).toBeDefined()
    expect(await portal.call('sweep')).toMatchObject({ missing: 0, orphans: 0, deferred: 0 })
    await answerOf(alice(`/keys/${key.id}`, { method: 'DELETE', body: '{}' }), 200)
    // A signature alone proves the user; the name is read from the store.
    const signed = await portalUser(portal.stack, 'alice', { sendsIdToken: false })
    expect(await answerOf(signed('/me'), 200)).toMatchObject({ username: 'alice' })
    // It proves no group, so no scope either.
    await answerOf(signed('/my/notes'), 403)
    await answerOf(signed('/my/notes', post({ text: 'by a signature' })), 403)
    const on = deployed(templates())
    const [keys, notes] = on.resources('DeveloperAccess', 'AWS::DynamoDB::Table')
    const tableNames = { keys: keys!.ref, notes: notes!.ref }
    const arnOf = (table: string) => `arn:aws:dynamodb:${region}:${accountId}:table/${table}`
    const roleOfFunction = new Map(
      [...functionsOf('DeveloperAccess')].map(([name, { role }]) => [name, role]),
    )
    const unused: Record<string, string[]> = {}
    for (const name of Object.keys(roleOf) as FunctionName[]) {
      const may = mayAsk(
        on.policiesOf('DeveloperAccess', roleOfFunction.get(name)!),
        tableNames,
        arnOf,
      )
      const asked = portal.asked(name)
      expect([name, asked.filter((action) => !may.includes(action))]).toEqual([name, []])
      const rest = may.filter((action) => !asked.includes(action) && action !== LAST_USE)
      if (rest.length > 0) unused[name] = rest
    }
    expect(unused).toEqual(UNUSED)
  } finally {
    await portal.stop()
  }
}, 120_000)

/** A call by a key writes when it was made, if the last one that was written is old enough. */
const LAST_USE = 'dynamodb:UpdateItem keys'

/** What the roles have beyond that, for what was not interrupted, and not changed by two at once. */
const UNUSED: Record<string, string[]> = {
  'POST /keys': ['dynamodb:BatchGetItem keys', 'dynamodb:Query keys'],
  'POST /keys/{id}/rotate': ['dynamodb:Query keys'],
  sweep: ['BatchGetItem', 'DeleteItem', 'PutItem'].map((name) => `dynamodb:${name} keys`),
}

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

async function answerOf(response: Promise<Response>, status: number): Promise<Properties> {
  const answer = await response
  const body = (await answer.json()) as Properties
  expect([answer.status, body]).toEqual([status, expect.anything()])
  return body
}

async function portalUser(
  stack: LocalStack,
  name: string,
  { sendsIdToken = true } = {},
): Promise<typeof fetch> {
  const { config } = stack
  const { endpoints, identityPoolId, apis } = config
  const idToken = async () => (await signIn(stack, name)).idToken
  const credentials = cognitoCredentials({
    identityPoolId,
    idToken,
    endpoint: endpoints.cognitoIdentity,
  })
  return createIamFetch({
    baseUrl: apis['portal']!.url,
    region: config.region,
    credentials,
    ...(sendsIdToken && { beforeSign: withIdToken(idToken) }),
  })
}

test('a bundled consumer reads its secret, gets a token and calls the provider', async () => {
  const premium = await startPremiumContent()
  try {
    const names = ['GET /unauthorized-read', 'GET /authorized-read', 'ANY /authorized-write']
    const environment = environmentOf(premium.stack)
    await withFunctions('PremiumConsumer-acme', names, environment, async (call) => {
      expect(await call(names[0]!, {})).toMatchObject({ statusCode: 401 })
      expect(await call(names[1]!, {})).toMatchObject({
        statusCode: 200,
        body: '{"message":"Premium Content: OAuth Scope: Read"}',
      })
      expect(await call(names[2]!, {})).toMatchObject({ statusCode: 200 })
    })
  } finally {
    await premium.stop()
  }
}, 60_000)

/** What Lambda and the template put into the environment, for the local stack. */
function environmentOf(stack: LocalStack): Record<string, string> {
  const { config, roles, appClients } = stack
  const { accessKeyId, secretAccessKey, sessionToken } = roles['acme']!
  return {
    AWS_REGION: config.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    PROVIDER_URL: config.apis['provider']!.url,
    TOKEN_URL: `${config.endpoints.oauth}/oauth2/token`,
    CLIENT_ID: appClients['acme']!.clientId,
    SECRET_ID: 'acme',
    SECRETS_MANAGER_URL: config.endpoints.secretsManager,
  }
}

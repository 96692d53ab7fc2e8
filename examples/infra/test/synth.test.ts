import type { LocalStack } from '@iamfetch/local'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import { cognitoCredentials, createIamFetch, createTokenFetch } from 'iamfetch'
import { withIdToken } from 'iamfetch/id-token'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import * as groupAccess from '../../group-access/handlers.ts'
import * as premiumContent from '../../premium-content/handlers.ts'
import { startPremiumContent } from '../../premium-content/start.ts'
import { mayAsk, startPortalRun } from './portal-run.ts'
import { accountId, region, type Properties, type Template } from './resolved.ts'
import { synthesized } from './synthesized.ts'

const infra = join(import.meta.dirname, '..')
const root = join(infra, '../..')
const home = mkdtempSync(join(tmpdir(), 'infra-'))
const out = join(home, 'cdk.out')

/** Without a network where the machine can take it away. */
const offline = spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : []

beforeAll(() => {
  const cdk = [join(infra, 'node_modules/aws-cdk/bin/cdk'), 'synth', '--quiet', '--output', out]
  const [command, ...args] = [...offline, join(root, 'node_modules/.bin/node'), ...cdk]
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
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** The bundled functions of a stack by their names, as Lambda loads them. */
async function bundled(stack: string): Promise<Record<string, (event: unknown) => unknown>> {
  const template: Template = JSON.parse(readFileSync(join(out, `${stack}.template.json`), 'utf8'))
  const functions: Record<string, (event: unknown) => unknown> = {}
  for (const { Type, Properties = {} } of Object.values(template.Resources)) {
    // Those that the CDK brings along have no log group of ours.
    if (Type !== 'AWS::Lambda::Function' || !Properties['LoggingConfig']) continue
    const { S3Key } = Properties['Code'] as { S3Key: string }
    const folder = join(out, `asset.${S3Key.replace('.zip', '')}`)
    const [file, name] = String(Properties['Handler']).split('.')
    // A process for each function, on AWS: here a copy of the module for each.
    const module = await import(`${pathToFileURL(join(folder, `${file}.mjs`)).href}?${name}`)
    functions[name!] = module[name!]
  }
  return functions
}

test('the bundles hold the functions of the definition, and each answers with a promise', async () => {
  const event = {
    body: '{"note":1}',
    requestContext: {
      authorizer: { iam: { userArn: 'arn:aws:sts::1:assumed-role/FullAccessRole/Cognito' } },
    },
  }
  for (const [stack, source] of [
    ['GroupAccess', groupAccess],
    ['PremiumProvider', premiumContent],
  ] as const) {
    const functions = await bundled(stack)
    expect(Object.keys(functions).toSorted()).toEqual(['read', 'write'])
    for (const name of ['read', 'write'] as const) {
      const answer = functions[name]!(event)
      // Lambda on Node waits for a promise, and for nothing else.
      expect(answer).toBeInstanceOf(Promise)
      expect(await answer).toEqual(await source[name](event))
    }
  }
})

test('the bundled functions of the portal do their work, with all that their roles allow and no more', async () => {
  const portal = await startPortalRun(await bundled('DeveloperAccess'))
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
    expect(await answerOf(alice('/me'), 200)).toMatchObject({ username: 'alice' })
    expect((await answerOf(alice('/keys'), 200)).keys).toMatchObject([{ id: key.id }])
    await answerOf(alice(`/keys/${key.id}/rotate`, post({ graceSeconds: 60 })), 200)
    expect(await answerOf(alice(`/keys/${key.id}/events`), 200)).toBeDefined()
    expect(await portal.call('sweep')).toMatchObject({ missing: 0, orphans: 0, deferred: 0 })
    await answerOf(alice(`/keys/${key.id}`, { method: 'DELETE', body: '{}' }), 200)
    const { deployed: on } = synthesized()
    for (const name of ['keys', 'notes', 'sweep', 'me'] as const) {
      const role = on
        .resources('DeveloperAccess', 'AWS::Lambda::Function')
        .find(({ properties }) => properties['Handler'] === `index.${name}`)!.properties['Role']
      const arnOf = (table: string) => `arn:aws:dynamodb:${region}:${accountId}:table/${table}`
      const may = mayAsk(on.policiesOf('DeveloperAccess', role), arnOf)
      const asked = portal.asked(name)
      expect([name, asked.filter((action) => !may.includes(action))]).toEqual([name, []])
      // What the roles have beyond that: the sweep found nothing to do, and nobody else changed the key.
      expect([name, may.filter((action) => !asked.includes(action))]).toEqual([
        name,
        NOT_USED[name],
      ])
    }
  } finally {
    await portal.stop()
  }
})

const NOT_USED = {
  keys: ['dynamodb:ConditionCheckItem keys'],
  notes: [],
  sweep: ['BatchGetItem', 'ConditionCheckItem', 'DeleteItem', 'PutItem', 'UpdateItem'].map(
    (action) => `dynamodb:${action} keys`,
  ),
  me: [],
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

async function portalUser(stack: LocalStack, name: string): Promise<typeof fetch> {
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
    signer: withIdToken(idToken),
  })
}

test('a bundled consumer reads its secret, gets a token and calls the provider', async () => {
  const premium = await startPremiumContent()
  const before = { ...process.env }
  try {
    Object.assign(process.env, environmentOf(premium.stack))
    const { unauthorizedRead, authorizedRead, authorizedWrite } =
      await bundled('PremiumConsumer-acme')
    expect(await unauthorizedRead!({})).toMatchObject({ statusCode: 401 })
    expect(await authorizedRead!({})).toMatchObject({
      statusCode: 200,
      body: '{"message":"Premium Content: OAuth Scope: Read"}',
    })
    expect(await authorizedWrite!({})).toMatchObject({ statusCode: 200 })
  } finally {
    for (const name of Object.keys(process.env)) {
      if (before[name] === undefined) delete process.env[name]
    }
    Object.assign(process.env, before)
    await premium.stop()
  }
})

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

import { createDeveloperAccess, opaqueIssuer } from '@iamfetch/developer-access'
import { sqliteStore } from '@iamfetch/developer-access/sqlite'
import { createSigner } from '@iamfetch/sigv4'
import { createSigner as createNativeSigner } from '@iamfetch/sigv4/native'
import { cognitoCredentials, createIamFetch, createTokenFetch } from 'iamfetch'
import { awsSdkSigner } from 'iamfetch/aws-sdk'
import { createPermissions } from 'iamfetch/permissions'
import { expect, test } from 'vitest'
import { publicFunctionsWithOptions, type Kind } from './public-functions.ts'

const POOL = 'eu-central-1:00000000-0000-0000-0000-000000000000'
const ROLE = 'arn:aws:iam::123456789012:role/Demo'
const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }
const BASE_URL = 'https://abc.execute-api.eu-central-1.amazonaws.com'
const noop = async (): Promise<never> => {
  throw new Error('Nothing may be sent.')
}
const PARTS = { method: 'GET', path: '/', query: '', headers: {}, body: '' }
const USER_POOLS = [{ userPoolId: 'eu-central-1_AbCdEf123', clientIds: null }]
const TABLE = { version: 1, groups: [], alwaysDefaultRole: false, roles: {} }
const PROVIDER = cognitoCredentials({ identityPoolId: POOL, guest: true })
const DEFINITION = { apis: { api: { type: 'http', routes: {} } } }

/** A misspelt option, as a spread would bring it past the compiler. */
type Unknown = Readonly<Record<string, unknown>>

/** The arguments of each function with a misspelt option among options that are otherwise right. */
const ARGUMENTS: Readonly<Record<string, (unknown: Unknown) => unknown[]>> = {
  // core
  backoffMs: (u) => [0, { baseMs: 1, ...u }],
  fresh: (u) => [noop, { refusalMs: 1, ...u }],
  // permissions
  'watchPermissions:2': (u) => [createPermissions(TABLE, PROVIDER), noop, u],
  'describeRefusal:1': (u) => [new Response(null, { status: 403 }), u],
  'openApiDocument:0': (u) => [{ ...DEFINITION, ...u }],
  'openApiDocument:1': (u) => [DEFINITION, u],
  'createApi:1': (u) => [noop, { refusals: 'throw', ...u }],
  rolePermissions: (u) => [{ roles: {}, routes: {}, ...u }],
  permissionTable: (u) => [{ ...DEFINITION, ...u }],
  permissions: (u) => [u],
  // sigv4
  checkPresignOptions: (u) => [u],
  createRequestSigner: (u) => [{ credentials: CREDENTIALS, ...u }],
  bufferRequest: (u) => [BASE_URL, { method: 'GET' }, { limitBytes: 10, ...u }],
  createSigner: (u) => [{ credentials: CREDENTIALS, ...u }],
  '@iamfetch/sigv4/native#createSigner': (u) => [{ credentials: CREDENTIALS, sha256: noop, ...u }],
  'iamfetch/native#createSigner': (u) => [{ credentials: CREDENTIALS, sha256: noop, ...u }],
  '@iamfetch/sigv4/native#createRequestSigner': (u) => [
    { credentials: CREDENTIALS, sha256: noop, ...u },
  ],
  'iamfetch/native#createRequestSigner': (u) => [{ credentials: CREDENTIALS, sha256: noop, ...u }],
  signParts: (u) => [
    PARTS,
    { credentials: CREDENTIALS, region: 'eu-central-1', service: 'execute-api', ...u },
  ],
  presignParts: (u) => [
    PARTS,
    { credentials: CREDENTIALS, region: 'eu-central-1', service: 'execute-api', ...u },
  ],
  // cognito
  cognitoCredentials: (u) => [{ identityPoolId: POOL, idToken: noop, ...u }],
  explainRole: (u) => [{}, { role: ROLE, ...u }],
  followTabs: (u) => [
    { subscribe: () => () => {}, status: () => ({}) },
    { channel: undefined, ...u },
  ],
  // iamfetch
  createIamFetch: (u) => [{ baseUrl: BASE_URL, credentials: CREDENTIALS, ...u }],
  createTokenFetch: (u) => [{ baseUrl: BASE_URL, token: noop, ...u }],
  signWebSocketUrl: (u) => [
    { url: 'wss://abc.execute-api.eu-central-1.amazonaws.com', credentials: CREDENTIALS, ...u },
  ],
  subscribeGraphql: (u) => [{ url: BASE_URL, credentials: CREDENTIALS, query: '{a}', ...u }],
  subscribeEvents: (u) => [{ url: BASE_URL, credentials: CREDENTIALS, channel: '/a', ...u }],
  publishEvents: (u) => [noop, { channel: '/a', events: [1], ...u }],
  signedEvents: (u) => [noop, '/events', u],
  oidcIdToken: (u) => [{ getUser: noop, signinSilent: noop }, { ...u }],
  awsSdkSigner: (u) => [
    {
      credentials: async () => CREDENTIALS,
      region: 'eu-central-1',
      service: 'execute-api',
      clock: Date,
      ...u,
    },
  ],
  awsSdkCredentials: (u) => [{ identityPoolId: POOL, idToken: noop, ...u }],
  createDevtools: (u) => [u],
  createTelemetry: (u) => [u],
  fakeIam: (u) => [u],
  presignedSigner: (u) => [{ ...u }],
  explain: (u) => [new Response('', { status: 403 }), { ...u }],
  run: (u) => [[], { ...u }],
  assumeRole: (u) => [{ credentials: CREDENTIALS, roleArn: ROLE, region: 'eu-central-1', ...u }],
  defaultCredentials: (u) => [u],
  fromContainer: (u) => [u],
  fromEnvironment: (u) => [u],
  fromInstanceMetadata: (u) => [u],
  fromProfile: (u) => [u],
  fromWebIdentity: (u) => [{ roleArn: ROLE, region: 'eu-central-1', token: noop, ...u }],
  githubActionsToken: (u) => [u],
  // machine
  cognitoClientToken: (u) => [{ region: 'eu-central-1', clientId: 'client', ...u }],
  machineToken: (u) => [{ source: {}, clientSecret: 'secret', ...u }],
  memoryStore: (u) => [u],
  oauthTokenEndpoint: (u) => [{ url: 'https://login.example.com/token', clientId: 'client', ...u }],
  privateKeyJwt: (u) => [{ sign: noop, ...u }],
  tokenStoreContract: (u) => [noop, { leases: false, ...u }],
  '@iamfetch/machine/dynamodb#dynamodbStore': (u) => [
    { client: { send: noop }, tableName: 'tokens', ...u },
  ],
  redisStore: (u) => [{ client: {}, ...u }],
  secretsManager: (u) => [{ secretId: 'secret', region: 'eu-central-1', fetch: noop, ...u }],
  // server
  callerGate: (u) => [{ userPools: USER_POOLS, ...u }],
  refusalAnswer: (u) => [{}, new Error('no'), { scopes: [], ...u }],
  refusalResponse: (u) => [{}, new Error('no'), { scopes: [], ...u }],
  resolveCaller: (u) => [{ headers: {} }, { userPools: USER_POOLS, ...u }],
  withCaller: (u) => [noop, { userPools: USER_POOLS, ...u }],
  requireCaller: (u) => [{ userPools: USER_POOLS, ...u }],
  // developer-access
  cognitoIssuer: (u) => [{ userPoolId: 'eu-central-1_AbCdEf123', fetch: noop, ...u }],
  createDeveloperAccess: (u) => [{ issuer: {}, store: {}, ...u }],
  opaqueIssuer: (u) => [u],
  '@iamfetch/developer-access/dynamodb#dynamodbStore': (u) => [
    { client: { send: noop }, tableName: 'keys', ...u },
  ],
  sqliteStore: (u) => [{ path: ':memory:', ...u }],
  // policy
  checkPolicy: (u) => [{ Version: '2012-10-17', Statement: [] }, u],
  createEvaluator: (u) => [{ Version: '2012-10-17', Statement: [] }, u],
  // local
  createFaults: (u) => [u],
  checkDefinition: (u) => [{ ...DEFINITION, ...u }],
  'startLocalStack:0': (u) => [{ ...DEFINITION, ...u }],
  'startLocalStack:1': (u) => [DEFINITION, u],
  stackFromTemplate: (u) => ['examples/sam/template.yaml', u],
  '@iamfetch/local/vite#localStack': (u) => [u],
  localStackControls: (u) => [{ faults: {}, definition: {}, ...u }],
}

/** Parameters with named properties that are not options: a value that is worked on, or an object of another library. */
const NOT_OPTIONS: Readonly<Record<string, string>> = {
  'backoffMs:0': 'a number',
  'followSignIns:1': 'listeners, internal to the packages',
  'isIamFetchError:1': 'an error code',
  'isSameOwner:0': 'an owner',
  'isSameOwner:1': 'an owner',
  'ownerOf:0': 'credentials',
  'setOwner:0': 'credentials',
  'setOwner:1': 'an owner',
  'serverClock:0': 'a clock, for example `Date`',
  'sleep:0': 'a clock',
  'startCallOf:0': 'the state of a sign-in, internal to the packages',
  'startCallOf:3': 'internal to the packages',
  'throwIfEnded:0': 'a state, internal to the packages',
  'unlessEnded:0': 'a state, internal to the packages',
  'withDeadline:0': 'a clock',
  'withTimeLimit:0': 'a clock',
  'explainRole:0': 'the claims of a token, which have any name',
  'followAppState:1': 'AppState of React Native',
  'identityStoreIn:0': 'the storage of another library',
  'signParts:0': 'the parts of a request',
  'presignParts:0': 'the parts of a request',
  'checkExpiration:0': 'internal to the packages',
  'checkValues:1': 'internal to the packages',
  'credentialsNow:0': 'internal to the packages',
  'throwIfSignedOut:0': 'internal to the packages',
  'signRequest:1': 'internal to the packages',
  'signRequest:2': 'internal to the packages',
  'scopeFor:1': 'internal to the packages',
  'scopeFor:2': 'internal to the packages',
  'clearWithAmplify:0': 'credentials of ours, or an object with `clear`',
  'clearWithOidc:1': 'credentials of ours, or an object with `clear`',
  'defineStack:0': 'returns its definition, which `startLocalStack` checks',
  'clearWithOidc:0': 'the UserManager of oidc-client-ts',
  'oidcIdToken:0': 'the UserManager of oidc-client-ts',
  'IamProvider:0': 'React props, which React and its tools extend',
  'IamDevtools:0': 'React props, which React and its tools extend',
  'iamDevtoolsPlugin:0': 'React props, which React and its tools extend',
  'countEvents:0': 'a meter of OpenTelemetry',
  'eventCounter:0': 'a meter of OpenTelemetry',
  'keyvStore:0': 'a Keyv instance',
  'callerKey:0': 'a caller',
  'createEvaluator:0': 'a policy document, which `checkPolicy` reads',
  'createPermissions:0': 'a table, which has the names of roles and routes',
  'createPermissions:1': 'credentials',
  'watchPermissions:0': 'what createPermissions returned',
  'evaluatePartially:0': 'a policy document, which `checkPolicy` reads',
  'evaluatePartially:1': 'an access request of the policy engine',
  'Can:0': 'React props, which React and its tools extend',
  'evaluate:0': 'a policy document, which `checkPolicy` reads',
  'evaluate:1': 'an access request of the policy engine',
  'fillPlaceholders:0': 'a policy document',
  'fillPlaceholders:1': 'the values of the placeholders, which have any name',
  'preflightOf:0': 'a part of a definition that was checked',
  '@iamfetch/local/playwright#stackTest:0': 'reaches `startLocalStack` when a test starts',
  '@iamfetch/local/playwright#stackTest:1': 'reaches `startLocalStack` when a test starts',
  '@iamfetch/local/vitest#stackTest:0': 'reaches `startLocalStack` when a test starts',
  '@iamfetch/local/vitest#stackTest:1': 'reaches `startLocalStack` when a test starts',
}

const functions = publicFunctionsWithOptions().map(({ name, parameter, kinds }) => {
  const [entry = '', exported = ''] = name.split('#')
  const keys = [`${name}:${parameter}`, name, `${exported}:${parameter}`, exported]
  return { entry, exported, parameter, kinds, keys, label: `${name}, parameter ${parameter}` }
})

const notOptions = ({ keys }: (typeof functions)[number]): boolean =>
  keys.some((key) => key in NOT_OPTIONS)
const argumentsOf = ({ keys }: (typeof functions)[number]) =>
  keys.map((key) => ARGUMENTS[key]).find((build) => build !== undefined)

test('every public function that takes an object is either tested here or takes something other than options', () => {
  const missing = functions.filter((candidate) => !notOptions(candidate) && !argumentsOf(candidate))
  expect(missing.map(({ label }) => label)).toEqual([])
})

test.each(functions.filter((candidate) => !notOptions(candidate)))(
  'a misspelt option of $label is an error that names it',
  async (candidate) => {
    const loaded: Record<string, (...given: unknown[]) => unknown> = await import(candidate.entry)
    const build = argumentsOf(candidate)
    const call = async (): Promise<unknown> =>
      loaded[candidate.exported]?.(...(build?.({ misspelt: true }) ?? []))
    await expect(call()).rejects.toMatchObject({ name: 'TypeError', code: 'INVALID_OPTION' })
    await expect(call()).rejects.toThrow('misspelt')
  },
)

/** A value that looks right to a program without types, such as one that reads its options from the environment. */
const WRONG: Readonly<Record<Kind, unknown>> = {
  array: 'one',
  boolean: 'false',
  clock: {},
  function: 'a text',
  number: '5',
  string: 5,
}

/** The packages of the caller's side. */
const CALLERS_SIDE = /^(@iamfetch\/(core|sigv4|cognito)|iamfetch)(\/|$)/

test.each(
  functions.filter(
    (candidate) =>
      !notOptions(candidate) && CALLERS_SIDE.test(candidate.entry) && candidate.kinds.size,
  ),
)('an option of another kind than $label has is an error that names it', async (candidate) => {
  const loaded: Record<string, (...given: unknown[]) => unknown> = await import(candidate.entry)
  const build = argumentsOf(candidate)
  const accepted: string[] = []
  for (const [name, kind] of candidate.kinds) {
    const call = async (): Promise<unknown> =>
      loaded[candidate.exported]?.(...(build?.({ [name]: WRONG[kind] }) ?? []))
    const outcome: unknown = await call().catch((error: unknown) => error)
    const isNamed = outcome instanceof TypeError && outcome.message.includes(`"${name}"`)
    if (!isNamed || !('code' in outcome) || outcome.code !== 'INVALID_OPTION') {
      accepted.push(`${name}: ${outcome instanceof Error ? outcome.message : 'accepted'}`)
    }
  }
  expect(accepted).toEqual([])
})

test.each(functions.filter((candidate) => !notOptions(candidate)))(
  'a call without $label works or is an INVALID_OPTION, never an error of the platform',
  async (candidate) => {
    const loaded: Record<string, (...given: unknown[]) => unknown> = await import(candidate.entry)
    const others = argumentsOf(candidate)?.({}).slice(0, candidate.parameter) ?? []
    const outcome = await (async () => loaded[candidate.exported]?.(...others))().then(
      () => 'works',
      ({ code }: { code?: unknown }) => code,
    )
    // `resolveCaller` needs no options: the event of its row names no caller.
    const refused = candidate.exported === 'resolveCaller' ? 'CALLER_MISSING' : 'INVALID_OPTION'
    // Options that are not required may be left out.
    expect(['works', refused]).toContain(outcome)
  },
)

test.each([
  ['@iamfetch/cognito', 'followTabs'],
  ['@iamfetch/cognito', 'explainRole'],
  ['@iamfetch/cognito/native', 'followAppState'],
  ['@iamfetch/cognito/native', 'identityStoreIn'],
  ['iamfetch/oidc', 'clearWithOidc'],
  ['iamfetch', 'describeRefusal'],
])('%s#%s without any argument is an INVALID_OPTION', async (entry, name) => {
  const loaded: Record<string, (...given: unknown[]) => unknown> = await import(entry)
  const call = async (): Promise<unknown> => loaded[name]?.()
  await expect(call()).rejects.toMatchObject({ name: 'TypeError', code: 'INVALID_OPTION' })
})

const signing = { credentials: CREDENTIALS, region: 'eu-central-1' }
const sdkSigner = awsSdkSigner({
  ...signing,
  credentials: async () => CREDENTIALS,
  service: 'execute-api',
  clock: Date,
})
const keys = createDeveloperAccess({
  issuer: opaqueIssuer(),
  store: sqliteStore({ path: ':memory:' }),
})
const user = { userId: 'alice', username: 'alice', scopes: ['notes/read'] }
const key = { label: 'key', scopes: ['notes/read'] }

/** Calls with a misspelt option in an option that is an object, and of methods of what the functions returned. */
const NESTED: Readonly<Record<string, (unknown: Unknown) => unknown>> = {
  '"retry" of createIamFetch': (u) =>
    createIamFetch({ baseUrl: BASE_URL, credentials: CREDENTIALS, retry: { attempts: 1, ...u } }),
  '"retry" of createTokenFetch': (u) =>
    createTokenFetch({ baseUrl: BASE_URL, token: noop, retry: { attempts: 1, ...u } }),
  'presign of createSigner': (u) =>
    createSigner(signing).presign(BASE_URL, { expiresInSeconds: 60, ...u }),
  'presign of createSigner on React Native': (u) =>
    createNativeSigner(signing).presign(BASE_URL, { expiresInSeconds: 60, ...u }),
  'presign of awsSdkSigner': (u) => sdkSigner.presign(BASE_URL, { expiresInSeconds: 60, ...u }),
  'the key of createKey': (u) => keys.createKey(user, { ...key, ...u }),
  createKey: (u) => keys.createKey(user, key, { idempotencyKey: 'once', ...u }),
  'the patch of patchKey': (u) => keys.patchKey(user, 'key_1', { label: 'new', ...u }),
  patchKey: (u) => keys.patchKey(user, 'key_1', {}, { version: 1, ...u }),
  'the rotation of rotateKey': (u) => keys.rotateKey(user, 'key_1', { graceSeconds: 0, ...u }),
  rotateKey: (u) => keys.rotateKey(user, 'key_1', { graceSeconds: 0 }, u),
  revokeKey: (u) => keys.revokeKey('alice', 'key_1', { reason: 'leaked', ...u }),
  removeUser: (u) => keys.removeUser('alice', { reason: 'left', ...u }),
  findUser: (u) => keys.findUser({ username: 'alice', ...u }),
  withOwner: (u) => keys.withOwner(noop, { userPools: USER_POOLS, ...u }),
  routes: (u) => keys.routes({ userPools: USER_POOLS, ...u }),
  authorizer: (u) => keys.authorizer(u),
}

test.each(Object.entries(NESTED))(
  'a misspelt option in %s is an error that names it',
  async (_, call) => {
    const attempt = async (): Promise<unknown> => call({ misspelt: true })
    await expect(attempt()).rejects.toMatchObject({ name: 'TypeError', code: 'INVALID_OPTION' })
    await expect(attempt()).rejects.toThrow('misspelt')
  },
)

test.each([
  [{ attempts: 0 }, '"retry.attempts" must be above 0, got 0'],
  [{ attempts: 'two' }, '"retry.attempts" must be a number, got "two"'],
  [{ methods: 'POST' }, '"retry.methods" must be an array of strings, got "POST"'],
  [{ methods: ['post'] }, '"retry.methods" must contain HTTP methods in capitals, got "post"'],
  [{ random: 0.5 }, '"retry.random" must be a function, got 0.5'],
])('%o is not a "retry"', (retry, message) => {
  // As a program without types would write it.
  const options = { baseUrl: BASE_URL, token: noop, retry: Object(retry) }
  expect(() => createTokenFetch(options)).toThrow(`createTokenFetch: ${message}`)
})

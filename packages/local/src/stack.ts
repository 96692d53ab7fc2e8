import { createServer, type IncomingMessage, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import { createGateway } from './api-gateway/gateway.ts'
import type { GivenApiKey } from './api-gateway/usage-plans.ts'
import { createWebSocketApi } from './api-gateway/websocket-api/websocket-api.ts'
import type { GivenClient } from './cognito-user-pool/app-clients.ts'
import type { GivenSignInClient } from './cognito-user-pool/sign-in-clients.ts'
import type { TokensMinted } from './cognito-user-pool/machine-tokens.ts'
import type { UserTokens } from './cognito-user-pool/user-tokens.ts'
import type { SignIn } from './cognito-user-pool/users.ts'
import type { SentCode } from './cognito-user-pool/verification-codes.ts'
import { createCognito, type Cognito } from './cognito.ts'
import { connectHandlers } from './backends/connect.ts'
import { checkDefinition } from './definition/check-definition.ts'
import type { StackDefinition } from './definition/definition.ts'
import type { PartOf, UserName } from './definition/names.ts'
import { createFaults, type Clock, type Faults } from './faults/faults.ts'
import { serveFunctionUrls, type FunctionUrlConfig } from './function-url/serve.ts'
import { checkAllowedHosts, checkListenAddress } from './http/host.ts'
import { listen, serverOf, type Listening } from './http/listen.ts'
import { pathOf, reasonOf, type HandledRequest, type OnRequest } from './http/request-log.ts'
import type { SessionCredentials } from './iam/sessions.ts'
import { checkOptions, invalidOption, type OptionNames } from './invalid-option.ts'
import type { Memory } from './memory.ts'
import { checkPorts, type Ports } from './ports.ts'
import { DIGITS, drawText, LOWER, systemRandom } from './random.ts'

/** How a stack starts. */
export interface StartOptions {
  /** Fixed ports. Each one that is left out is any free one. */
  ports?: Ports
  /** The stack's time. With `faults`, give it to `createFaults` instead. @default Date */
  clock?: Clock
  /** Made with `createFaults`, to make the stack misbehave. */
  faults?: Faults
  /**
   * Host names that the stack answers to in addition to `localhost`, names under it and addresses, without a port: what a
   * container (`host.docker.internal`), a hosts file or a proxy calls this machine. Others get a 421, as a page on
   * another's host name might have that turned to 127.0.0.1 (DNS rebinding). Add no name that others can turn.
   *
   * @default []
   */
  allowedHosts?: readonly string[] | undefined
  /**
   * The one address that it listens at. `0.0.0.0` is for containers, whose published ports reach nothing else: then everything
   * that reaches the ports can sign in, read `config.json` and call the APIs, and handlers run in this process. It needs
   * `allowedHosts`. The URLs in `config` have this address, or 127.0.0.1 for `0.0.0.0` and `::`.
   *
   * @default 127.0.0.1, and ::1 at the same ports where the machine has it and no other program listens there
   */
  host?: string | undefined
  /**
   * What relative paths in the definition are relative to, such as those of handler files.
   *
   * @default process.cwd()
   */
  directory?: string | undefined
  /**
   * What an earlier stack knew, from its `remember()`: this one takes its place, and users who signed in there stay
   * signed in here. It is ignored if it comes from another region or account. It contains secrets: keep it in memory.
   */
  memory?: Memory | undefined
  /**
   * Receives each code and temporary password that AWS would send to a user by mail. Defaults to printing it on stderr.
   */
  onCode?: ((sent: SentCode) => void) | undefined
  /** Receives each request after its response was made, with the true reason of a refusal. Upgrades to WebSocket are left out. */
  onRequest?: OnRequest | undefined
}

const OPTIONS: OptionNames<StartOptions> = {
  ports: true,
  clock: true,
  faults: true,
  allowedHosts: true,
  directory: true,
  host: true,
  memory: true,
  onCode: true,
  onRequest: true,
}

/** What a client needs to know about a stack: the content of `config.json`. No secrets. */
export interface StackConfig<Definition = StackDefinition> {
  mode: 'local'
  region: string
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
  /** The `iss` of tokens. With `issuer: 'local'` in the definition, OpenID Connect clients discover the user pool with it. */
  issuer: string
  /** `url` has the stage where there is one in the path. */
  apis: { readonly [Name in keyof PartOf<Definition, 'apis'>]: { readonly url: string } }
  /** What `createIamFetch` needs for a function URL: its address, and the service and the region that calls are signed for. */
  functionUrls: {
    readonly [Name in keyof PartOf<Definition, 'functionUrls'>]: FunctionUrlConfig
  }
  /** Instead of AWS's own hosts. `oauth` stands for the user pool's domain: `/oauth2/token` is there. */
  endpoints: {
    cognitoIdp: string
    cognitoIdentity: string
    oauth: string
    secretsManager: string
    /** `GetCallerIdentity`. */
    sts: string
  }
}

/**
 * A stack that runs. It knows the names of its definition: `stack.config.apis.notes.url`, `stack.users.alice`.
 *
 * `await using stack = await startLocalStack(definition)` stops it at the end of the block.
 */
export interface LocalStack<Definition = StackDefinition> {
  readonly config: StackConfig<Definition>
  /** Everybody who can sign in. */
  readonly users: { readonly [Name in keyof PartOf<Definition, 'users'>]: SignIn }
  /**
   * Signs a user in, for tests of what comes after it: `idToken: async () => (await stack.signIn('alice')).idToken`.
   *
   * The tokens are those that Cognito's API gives, for the groups of the moment. No password is asked for and no
   * operation counted: a client's own sign-in goes to `config.endpoints.cognitoIdp`.
   *
   * @throws TypeError for a name that no user has.
   */
  // Any text as well, because users sign up while the stack runs.
  // oxlint-disable-next-line typescript/no-empty-object-type -- `string` alone would take the completion of names away
  signIn(username: UserName<Definition> | (string & {})): Promise<UserTokens>
  /** By the names of the definition, with the secret that each began with. */
  readonly appClients: { readonly [Name in keyof PartOf<Definition, 'appClients'>]: GivenClient }
  /** App clients that people sign in with, by the names of the definition's `signInClients`. */
  readonly signInClients: {
    readonly [Name in keyof PartOf<Definition, 'signInClients'>]: GivenSignInClient
  }
  /** Credentials of the definition's `roles`, to sign calls of `iam` routes, Secrets Manager, the user pool and STS with. */
  readonly roles: { readonly [Name in keyof PartOf<Definition, 'roles'>]: SessionCredentials }
  /** Credentials that may do everything there, such as `AddUserPoolClientSecret`. */
  readonly admin: SessionCredentials
  /** The API keys of the definition, by name. */
  readonly apiKeys: { readonly [Name in keyof PartOf<Definition, 'apiKeys'>]: GivenApiKey }
  /** How many tokens an app client was given so far. */
  tokensMinted(appClient: string): number
  /** The same for every app client and set of scopes that had one, in alphabetical order. */
  tokensMinted(): readonly TokensMinted[]
  /** Injects failures, moves the stack's clock, counts calls. */
  readonly faults: Faults<Definition>
  /** What a stack that takes this one's place has to know: keys, passwords, sessions. */
  remember(): Promise<Memory>
  /** Ends it and every open connection. */
  stop(): Promise<void>
  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts Cognito, IAM and API Gateway on 127.0.0.1 and ::1, each API at a port of its own.
 *
 * Keys, passwords, secrets and IDs are created at each start and live in memory. `GET /config.json` and
 * `GET /__local/health` are at the Cognito port.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for a wrong definition or option, before anything listens. It names the
 *   place and what it must be.
 * @throws Error if a port is in use.
 * @example
 * ```ts
 * await using stack = await startLocalStack(definition)
 * const response = await fetch(`${stack.config.apis.test.url}/test`)
 * ```
 */
export async function startLocalStack<const Definition extends StackDefinition>(
  definition: Definition,
  options: StartOptions = {},
): Promise<LocalStack<Definition>> {
  const stack: LocalStack = await start(definition, options)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts are made from the names of the definition
  return stack as LocalStack<Definition>
}

async function start(given: StackDefinition, options: StartOptions): Promise<LocalStack> {
  checkOptions('startLocalStack', options, OPTIONS)
  const { ports = {}, clock, allowedHosts = [] } = options
  checkDefinition(given)
  checkPorts(ports, given)
  checkAllowedHosts(allowedHosts)
  const { host } = options
  if (host !== undefined) checkListenAddress(host, allowedHosts)
  if (clock && options.faults) {
    const remedy = 'write faults: createFaults({ clock })'
    throw invalidOption('startLocalStack', `"clock" must not be given with "faults"; ${remedy}`)
  }
  const faults = options.faults ?? createFaults(clock && { clock })
  const { directory = process.cwd() } = options
  const connected = connectHandlers(given, { directory, clock: faults.clock })
  const { definition } = connected
  const { region = 'eu-central-1', accountId = '123456789012', apis = {} } = definition
  const before = options.memory?.ids
  const fits = before?.region === region && before.accountId === accountId
  const memory = fits ? options.memory : undefined
  const apiIds = Object.fromEntries(
    Object.keys(apis).map((name) => [
      name,
      definition.ids?.apis?.[name] ??
        memory?.apiIds[name] ??
        drawText(systemRandom, LOWER + DIGITS, 10),
    ]),
  )
  const cognito = createCognito({ definition, apiIds, faults, memory, onCode: options.onCode })
  const { onRequest } = options
  const servers = createServers({ allowedHosts, host, onRequest })
  const stop = async (): Promise<void> => {
    await servers.stop()
    await connected.stop()
  }
  try {
    const urls = await serveApis({ definition, ports, faults, apiIds, cognito, servers, onRequest })
    const { sessions } = cognito
    const functionUrls = await serveFunctionUrls(
      definition,
      { region, accountId, sessions, clock: faults.clock, faults },
      {
        ports: ports.functionUrls,
        start: (name, server, port) => servers.start(name, server, port),
        serverOf: (name, gateway) => serverOf(gateway, onRequest && reportOf(name, onRequest)),
      },
    )
    const port = ports.cognito
    const config = await serveCognito(
      cognito,
      { apis: urls, functionUrls },
      { servers, port, onRequest },
    )
    const stack: LocalStack = {
      config,
      users: cognito.users,
      signIn: (username) => cognito.signIn(username),
      appClients: cognito.appClients.given,
      signInClients: cognito.signInClients,
      roles: cognito.serviceKeys.given,
      admin: cognito.serviceKeys.admin,
      apiKeys: cognito.usagePlans.given,
      tokensMinted: countOf(cognito.tokensMinted),
      faults,
      remember: () => cognito.remember(),
      stop,
      // A copy of the stack with another `stop` is stopped by that one.
      async [Symbol.asyncDispose]() {
        await this.stop()
      },
    }
    return stack
  } catch (error) {
    await stop()
    throw error
  }
}

/** The servers of one stack. */
interface Servers {
  /** @returns The origin. */
  start(name: string, server: Server, port?: number, end?: () => void): Promise<string>
  stop(): Promise<void>
}

function createServers({
  allowedHosts,
  host,
  onRequest,
}: {
  allowedHosts: readonly string[]
  host: string | undefined
  onRequest: OnRequest | undefined
}): Servers {
  const running: Listening[] = []
  return {
    async start(name, server, port = 0, end) {
      const onForeignHost = (incoming: IncomingMessage, reason: string): void =>
        onRequest?.({ ...requestOf(name, incoming), status: 421, reason })
      const listening = await listen(server, port, allowedHosts, onForeignHost, host)
      running.push({
        ...listening,
        stop() {
          end?.()
          return listening.stop()
        },
      })
      return listening.origin
    },
    async stop() {
      await Promise.all(running.splice(0).map((one) => one.stop()))
    },
  }
}

/** Starts a server for each API. @returns Their URLs. */
async function serveApis({
  definition,
  ports,
  faults,
  apiIds,
  cognito,
  servers,
  onRequest,
}: {
  onRequest: OnRequest | undefined
  definition: StackDefinition
  ports: Ports
  faults: Faults
  apiIds: Readonly<Record<string, string>>
  cognito: Cognito
  servers: Servers
}): Promise<StackConfig['apis']> {
  const { sessions, ids } = cognito
  const { region, accountId } = ids
  const tokens = tokenRulesOf(cognito)
  const urls: Record<string, { url: string }> = {}
  for (const [name, api] of Object.entries(definition.apis ?? {})) {
    const { clock } = faults
    const apiId = apiIds[name] ?? ''
    const shared = { name, apiId, region, accountId, sessions, clock, faults }
    const port = ports.apis?.[name]
    if (api.type === 'websocket') {
      const { server, stage, end } = createWebSocketApi({ ...shared, api })
      const origin = await servers.start(name, server, port, end)
      urls[name] = { url: `${origin.replace('http', 'ws')}/${stage}` }
      continue
    }
    const { keys, clientIds } = tokens
    const rules = {
      keys,
      // A local issuer is known once the user pool listens, which is after the APIs.
      get issuer() {
        return ids.issuer
      },
      clientIds: clientIds[api.type],
    }
    const { usagePlans } = cognito
    const gateway = createGateway({ ...shared, api, tokens: rules, usagePlans })
    const reported = onRequest && reportOf(name, onRequest)
    const origin = await servers.start(name, serverOf(gateway, reported), port)
    urls[name] = { url: gateway.stage === '$default' ? origin : `${origin}/${gateway.stage}` }
  }
  return urls
}

/** Which tokens the authorizers take. */
function tokenRulesOf({ ids, appClients, signInClients, jwks }: Cognito): {
  keys: JWTVerifyGetKey
  clientIds: { http: () => readonly string[]; rest: () => readonly string[] }
} {
  let keySet: Promise<JWTVerifyGetKey> | undefined
  const keys: JWTVerifyGetKey = async (...asked) =>
    (await (keySet ??= jwks().then(createLocalJWKSet)))(...asked)
  // An HTTP API's authorizer has a list of clients, which stays as it is; a REST API's takes all clients of the pool.
  const people = Object.values(signInClients).map(({ clientId }) => clientId)
  const listed = [ids.userPoolClientId, ...appClients.clientIds, ...people]
  const inPool = (): string[] => [...listed, ...appClients.all().map(({ clientId }) => clientId)]
  return { keys, clientIds: { http: () => listed, rest: inPool } }
}

/** Starts the server of Cognito and Secrets Manager. @returns What clients need to know. */
async function serveCognito(
  { app, ids, listensAt }: Cognito,
  { apis, functionUrls }: Pick<StackConfig, 'apis' | 'functionUrls'>,
  {
    servers,
    port,
    onRequest,
  }: { servers: Servers; port: number | undefined; onRequest: OnRequest | undefined },
): Promise<StackConfig> {
  let config: StackConfig | undefined
  app.get('/config.json', (c) => c.json(config))
  app.get('/__local/health', (c) => c.json({ status: 'ok' }))
  const report = onRequest && reportOf(COGNITO, onRequest)
  const fetch: typeof app.fetch = async (request, env, context) => {
    const response = await app.fetch(request, env, context)
    const { method } = request
    report?.({ method, url: new URL(request.url).pathname, headers: targetOf(request) }, response)
    return response
  }
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false })
  const server = createServer((incoming, outgoing) => {
    void Promise.resolve(listener(incoming, outgoing)).catch(() => outgoing.destroy())
  })
  const origin = await servers.start(COGNITO, server, port)
  listensAt(origin)
  const { region, userPoolId, userPoolClientId, identityPoolId, issuer } = ids
  config = {
    mode: 'local',
    region,
    userPoolId,
    userPoolClientId,
    identityPoolId,
    issuer,
    apis,
    functionUrls,
    endpoints: {
      cognitoIdp: origin,
      cognitoIdentity: origin,
      oauth: origin,
      secretsManager: origin,
      sts: origin,
    },
  }
  return config
}

/** The name of the server of Cognito and Secrets Manager in reports of requests. */
const COGNITO = 'cognito'

type Reported = Pick<IncomingMessage, 'method' | 'url' | 'headers'>

/** Describes a request for `onRequest`. */
function requestOf(
  server: string,
  { method = 'GET', url = '/', headers }: Reported,
): Omit<HandledRequest, 'status'> {
  const target = headers['x-amz-target']
  const operation = typeof target === 'string' ? target.split('.').at(-1) : undefined
  return {
    server,
    method,
    path: pathOf(url),
    ...(server === COGNITO && operation !== undefined && { operation }),
  }
}

const targetOf = ({ headers }: Request): Reported['headers'] => ({
  'x-amz-target': headers.get('x-amz-target') ?? undefined,
})

/** Returns what reports the requests of one server. */
const reportOf =
  (server: string, onRequest: OnRequest) =>
  (incoming: Reported, { status, headers }: Response): void =>
    onRequest({ ...requestOf(server, incoming), status, reason: reasonOf(status, headers) })

function countOf(minted: () => readonly TokensMinted[]): LocalStack['tokensMinted'] {
  function tokensMinted(appClient: string): number
  function tokensMinted(): readonly TokensMinted[]
  function tokensMinted(appClient?: string): number | readonly TokensMinted[] {
    if (appClient === undefined) return minted()
    const own = minted().filter(({ client }) => client === appClient)
    return own.reduce((sum, { count }) => sum + count, 0)
  }
  return tokensMinted
}

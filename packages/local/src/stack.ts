import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import { checkDefinition } from './definition/check-definition.ts'
import type { StackDefinition } from './definition/definition.ts'
import { checkPorts, type Ports } from './ports.ts'
import { createFaults, type Clock, type Faults } from './faults/faults.ts'
import { createGateway } from './api-gateway/gateway.ts'
import { checkAllowedHosts } from './http/host.ts'
import { listen, serverOf, type Listening } from './http/listen.ts'
import { createWebSocketApi } from './api-gateway/websocket-api/websocket-api.ts'
import { createCognito } from './cognito.ts'
import type { Memory } from './memory.ts'
import { checkOptions, invalidOption, type OptionNames } from './invalid-option.ts'
import { DIGITS, drawText, LOWER, systemRandom } from './random.ts'
import type { SessionCredentials } from './iam/sessions.ts'
import type { UserTokens } from './cognito-user-pool/user-tokens.ts'
import type { SignIn } from './cognito-user-pool/users.ts'
import type { GivenClient } from './cognito-user-pool/app-clients.ts'
import type { TokensMinted } from './cognito-user-pool/machine-tokens.ts'

/** How a stack starts. */
export interface StartOptions {
  /** Fixed ports. Each one that is left out is any free one. */
  ports?: Ports
  /** The stack's time. With `faults`, give it to `createFaults` instead. @default Date */
  clock?: Clock
  /** Made with `createFaults`, to make the stack misbehave. */
  faults?: Faults
  /**
   * Host names that the stack answers to beside `localhost`, names under it and addresses, without a port: what a
   * container (`host.docker.internal`), a hosts file or a proxy calls this machine. Others get a 421, as a page on
   * another's host name might have that turned to 127.0.0.1 (DNS rebinding). Add no name that others can turn.
   *
   * @default []
   */
  allowedHosts?: readonly string[] | undefined
  /**
   * What an earlier stack knew, from its `remember()`: this one takes its place, and whoever signed in there goes on
   * here. Of another region or account, it is not used. Made of secrets: keep it in memory.
   */
  memory?: Memory | undefined
}

const OPTIONS: OptionNames<StartOptions> = {
  ports: true,
  clock: true,
  faults: true,
  allowedHosts: true,
  memory: true,
}

/** What a client needs to know about a stack: the content of `config.json`. No secrets. */
export interface StackConfig {
  mode: 'local'
  region: string
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
  /** `url` has the stage where there is one in the path. */
  apis: Record<string, { url: string }>
  /** Instead of AWS's own hosts. `oauth` stands for the user pool's domain: `/oauth2/token` is there. */
  endpoints: { cognitoIdp: string; cognitoIdentity: string; oauth: string; secretsManager: string }
}

/** A stack that runs. */
export interface LocalStack {
  readonly config: StackConfig
  /** Everybody who can sign in. */
  readonly users: Readonly<Record<string, SignIn>>
  /**
   * Signs a user in, for tests of what comes after it: `idToken: async () => (await stack.signIn('alice')).idToken`.
   *
   * The tokens are those that Cognito's API gives, for the groups of the moment. No password is asked for and no
   * operation counted: a client's own sign-in goes to `config.endpoints.cognitoIdp`.
   *
   * @throws TypeError for a name that nobody has.
   */
  signIn(username: string): Promise<UserTokens>
  /** By the names of the definition, with the secret that each began with. */
  readonly appClients: Readonly<Record<string, GivenClient>>
  /** Credentials of the definition's `roles`, to sign calls to Secrets Manager and the user pool with. */
  readonly roles: Readonly<Record<string, SessionCredentials>>
  /** Credentials that may do everything there, such as `AddUserPoolClientSecret`. */
  readonly admin: SessionCredentials
  /** How many tokens an app client was given so far. */
  tokensMinted(appClient: string): number
  /** The same for every app client and set of scopes that had one, in alphabetical order. */
  tokensMinted(): readonly TokensMinted[]
  /** Makes it misbehave, moves its clock, counts calls. */
  readonly faults: Faults
  /** What a stack that takes this one's place has to know: keys, passwords, sessions. */
  remember(): Promise<Memory>
  /** Ends it and every open connection. */
  stop(): Promise<void>
}

/**
 * Starts Cognito, IAM and API Gateway on 127.0.0.1, each API at a port of its own.
 *
 * Keys, passwords, secrets and IDs are made anew at each start and live in memory. `GET /config.json` and
 * `GET /__local/health` are at the Cognito port.
 *
 * @throws TypeError for a wrong definition, before anything listens; it names the place and what to do.
 * @throws Error when a port is taken.
 */
export async function startLocalStack(
  definition: StackDefinition,
  options: StartOptions = {},
): Promise<LocalStack> {
  checkOptions('startLocalStack', options, OPTIONS)
  const { ports = {}, clock, allowedHosts = [] } = options
  checkDefinition(definition)
  checkPorts(ports, definition)
  checkAllowedHosts(allowedHosts)
  if (clock && options.faults) {
    const remedy = 'write faults: createFaults({ clock })'
    throw invalidOption('startLocalStack', `"clock" must not be given with "faults"; ${remedy}`)
  }
  const faults = options.faults ?? createFaults(clock && { clock })
  const { region = 'eu-central-1', accountId = '123456789012', apis = {} } = definition
  const before = options.memory?.ids
  const fits = before?.region === region && before.accountId === accountId
  const memory = fits ? options.memory : undefined
  const apiIds = Object.fromEntries(
    Object.keys(apis).map((name) => [
      name,
      memory?.apiIds[name] ?? drawText(systemRandom, LOWER + DIGITS, 10),
    ]),
  )
  const identity = createCognito({ definition, apiIds, faults, memory })
  const { userPoolId, userPoolClientId, identityPoolId, issuer } = identity.ids
  const { appClients, serviceKeys } = identity
  // An HTTP API's authorizer has a list of clients, which nobody adds to here; a REST API's takes all of the pool.
  const listed = [userPoolClientId, ...appClients.clientIds]
  const inPool = (): string[] => [...listed, ...appClients.all().map(({ clientId }) => clientId)]
  let keySet: Promise<JWTVerifyGetKey> | undefined
  const keys: JWTVerifyGetKey = async (...asked) =>
    (await (keySet ??= identity.jwks().then(createLocalJWKSet)))(...asked)

  const running: Listening[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((one) => one.stop()))
  }
  const start = async (
    server: Parameters<typeof listen>[0],
    port = 0,
    end?: () => void,
  ): Promise<string> => {
    const listening = await listen(server, port, allowedHosts)
    running.push({
      ...listening,
      stop() {
        end?.()
        return listening.stop()
      },
    })
    return `http://127.0.0.1:${listening.port}`
  }
  try {
    const urls: StackConfig['apis'] = {}
    for (const [name, api] of Object.entries(apis)) {
      const shared = {
        name,
        apiId: apiIds[name] ?? '',
        region,
        accountId,
        sessions: identity.sessions,
        clock: faults.clock,
        faults,
      }
      if (api.type === 'websocket') {
        const { server, stage, end } = createWebSocketApi({ ...shared, api })
        const origin = await start(server, ports.apis?.[name], end)
        urls[name] = { url: `${origin.replace('http', 'ws')}/${stage}` }
        continue
      }
      const tokens = { keys, issuer, clientIds: api.type === 'rest' ? inPool : () => listed }
      const gateway = createGateway({ ...shared, api, tokens })
      const origin = await start(serverOf(gateway), ports.apis?.[name])
      urls[name] = { url: gateway.stage === '$default' ? origin : `${origin}/${gateway.stage}` }
    }
    const told = (): StackConfig => config
    identity.app.get('/config.json', (c) => c.json(told()))
    identity.app.get('/__local/health', (c) => c.json({ status: 'ok' }))
    const listener = getRequestListener(identity.app.fetch, { overrideGlobalObjects: false })
    const cognito = await start(
      createServer((incoming, outgoing) => {
        void Promise.resolve(listener(incoming, outgoing)).catch(() => outgoing.destroy())
      }),
      ports.cognito,
    )
    const config: StackConfig = {
      mode: 'local',
      region,
      userPoolId,
      userPoolClientId,
      identityPoolId,
      apis: urls,
      endpoints: {
        cognitoIdp: cognito,
        cognitoIdentity: cognito,
        oauth: cognito,
        secretsManager: cognito,
      },
    }
    return {
      config,
      users: identity.users,
      signIn: (username) => identity.signIn(username),
      appClients: appClients.given,
      roles: serviceKeys.given,
      admin: serviceKeys.admin,
      tokensMinted: countOf(identity.tokensMinted),
      faults,
      remember: () => identity.remember(),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

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

import { connectHandlers } from './backends/connect.ts'
import type { TokensMinted } from './cognito-user-pool/machine-tokens.ts'
import { createCognito, type Cognito } from './cognito.ts'
import type { StackDefinition } from './definition/definition.ts'
import { createFaults } from './faults/faults.ts'
import { serveFunctionUrls } from './function-url/serve.ts'
import { serverOf } from './http/listen.ts'
import type { LocalStack } from './local-stack.ts'
import type { Memory } from './memory.ts'
import { DIGITS, drawText, LOWER, systemRandom } from './random.ts'
import { serveApis } from './serve-apis.ts'
import { serveCognito } from './serve-cognito.ts'
import { createServers, reportOf } from './servers.ts'
import { checkStart, type StartOptions } from './start-options.ts'

/**
 * Starts Cognito, IAM and API Gateway on 127.0.0.1 and ::1, each API at its own port.
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
  checkStart(given, options)
  const { clock, directory = process.cwd(), onRequest, ports = {} } = options
  const faults = options.faults ?? createFaults(clock && { clock })
  const connected = connectHandlers(given, { directory, clock: faults.clock })
  const { definition } = connected
  const { region = 'eu-central-1', accountId = '123456789012' } = definition
  const before = options.memory?.ids
  const fits = before?.region === region && before.accountId === accountId
  const memory = fits ? options.memory : undefined
  const apiIds = apiIdsOf(definition, memory)
  const cognito = createCognito({ definition, apiIds, faults, memory, onCode: options.onCode })
  const { allowedHosts = [], host } = options
  const servers = createServers({ allowedHosts, host, onRequest })
  const stop = async (): Promise<void> => {
    await servers.stop()
    await connected.stop()
  }
  try {
    const apis = await serveApis({ definition, ports, faults, apiIds, cognito, servers, onRequest })
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
    const config = await serveCognito(cognito, { apis, functionUrls }, { servers, port, onRequest })
    return stackOf({ config, cognito, faults, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

/** The ID of each API by its name: that of the definition, that of the previous stack, or a new one. */
const apiIdsOf = (
  { apis = {}, ids }: StackDefinition,
  memory: Memory | undefined,
): Record<string, string> =>
  Object.fromEntries(
    Object.keys(apis).map((name) => [
      name,
      ids?.apis?.[name] ?? memory?.apiIds[name] ?? drawText(systemRandom, LOWER + DIGITS, 10),
    ]),
  )

/** What `startLocalStack` returns. */
const stackOf = ({
  config,
  cognito,
  faults,
  stop,
}: Pick<LocalStack, 'config' | 'faults' | 'stop'> & { cognito: Cognito }): LocalStack => ({
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
})

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

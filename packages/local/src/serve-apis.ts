import { createLocalJWKSet } from 'jose/jwks/local'
import type { JWTVerifyGetKey } from 'jose'
import { createGateway } from './api-gateway/gateway.ts'
import type { Cognito } from './cognito.ts'
import type { StackDefinition } from './definition/definition.ts'
import type { Faults } from './faults/faults.ts'
import { serverOf } from './http/listen.ts'
import type { OnRequest } from './http/request-log.ts'
import type { StackConfig } from './local-stack.ts'
import type { Ports } from './ports.ts'
import { reportOf, type Servers } from './servers.ts'

/** Starts a server for each API. @returns Their URLs. */
export async function serveApis({
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
      // Most definitions have none, and the library takes 12 ms to load.
      const { createWebSocketApi } = await import('./api-gateway/websocket-api/websocket-api.ts')
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

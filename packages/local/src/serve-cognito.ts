import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Cognito } from './cognito.ts'
import type { OnRequest } from './http/request-log.ts'
import type { StackConfig } from './local-stack.ts'
import { COGNITO, reportOf, type Reported, type Servers } from './servers.ts'

/** Starts the server of Cognito and Secrets Manager. @returns What clients need to know. */
export async function serveCognito(
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

const targetOf = ({ headers }: Request): Reported['headers'] => ({
  'x-amz-target': headers.get('x-amz-target') ?? undefined,
})

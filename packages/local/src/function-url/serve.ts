import type { Server } from 'node:http'
import type { Gateway, GatewayOptions } from '../api-gateway/gateway.ts'
import type { StackDefinition } from '../definition/definition.ts'
import { createFunctionUrl } from './function-url.ts'

/** What a client needs to know about a function URL: `createIamFetch({ baseUrl: url, region, service, credentials })`. */
export interface FunctionUrlConfig {
  url: string
  /** The service that calls are signed for. The name of the local host does not contain it. */
  service: 'lambda'
  region: string
}

/** Starts a server for each function URL of a definition. @returns What clients need to know. */
export async function serveFunctionUrls(
  { functionUrls = {} }: Pick<StackDefinition, 'functionUrls'>,
  shared: Pick<GatewayOptions, 'region' | 'accountId' | 'sessions' | 'clock' | 'faults'>,
  {
    ports = {},
    start,
    serverOf,
  }: {
    ports: Readonly<Record<string, number>> | undefined
    /** @returns The origin. */
    start: (name: string, server: Server, port?: number) => Promise<string>
    serverOf: (name: string, gateway: Gateway) => Server
  },
): Promise<Record<string, FunctionUrlConfig>> {
  const urls: Record<string, FunctionUrlConfig> = {}
  for (const [name, definition] of Object.entries(functionUrls)) {
    const gateway = createFunctionUrl({ ...shared, name, definition })
    const url = await start(name, serverOf(name, gateway), ports[name])
    urls[name] = { url, service: 'lambda', region: shared.region }
  }
  return urls
}

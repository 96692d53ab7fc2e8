import { AwsClient } from 'aws4fetch'
import { onTestFinished } from 'vitest'
import type { RouteDefinition } from '../../src/definition/api.ts'
import { alice, echo, serveApi, type ServedApi } from './serve-api.ts'

/** Serves one API until the test ends. */
export const serve = async (...args: Parameters<typeof serveApi>): Promise<ServedApi> => {
  const api = await serveApi(...args)
  onTestFinished(() => api.stop())
  return api
}

/** A route for everybody. */
export const open = (handler: RouteDefinition['handler'] = echo): RouteDefinition => ({
  auth: 'none',
  handler,
})

/** Signs as alice. */
export const signer: AwsClient = new AwsClient({
  ...alice,
  region: 'eu-central-1',
  service: 'execute-api',
  retries: 0,
})

/** Why the local gateway refused. */
export const reasonOf = (response: Response): string => response.headers.get('x-local-reason') ?? ''

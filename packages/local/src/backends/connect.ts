import type { StackDefinition } from '../definition/definition.ts'
import type { ApiDefinition, AnyRouteDefinition, SocketApiDefinition } from '../definition/api.ts'
import type { PreTokenGenerationDefinition } from '../definition/user-pool.ts'
import type {
  HandlerFile,
  HandlerSource,
  LocalHandler,
  StreamedHandler,
} from '../definition/backend.ts'
import type { FunctionUrlDefinition } from '../definition/function-url.ts'
import type { Clock } from '../faults/faults.ts'
import { locateHandlerFile, openHandlerFile, type OpenHandlerFile } from './handler-file.ts'
import { lambdaFunction } from './lambda-endpoint.ts'

/** A definition whose handlers can be called. */
export interface Connected {
  definition: StackDefinition
  /** Ends the threads of handler files. */
  stop(): Promise<void>
}

/**
 * Replaces every handler that is somewhere else by a function that calls it: files, and Lambda functions that something else
 * runs. Files are loaded at the first call.
 *
 * @param directory  The folder that paths in the definition are relative to.
 * @throws `TypeError` with the code `INVALID_OPTION` for a file that does not exist.
 */
export function connectHandlers(
  definition: StackDefinition,
  { directory, clock }: { directory: string; clock: Clock },
): Connected {
  const { region = 'eu-central-1', apis, functionUrls, userPool } = definition
  const files: OpenHandlerFile[] = []
  // Routes that name the same object have one function between them, as a Lambda function may have several routes.
  const known = new Map<object, OpenHandlerFile>()
  const open = (source: string | HandlerFile, path: string): OpenHandlerFile => {
    const before = typeof source === 'object' ? known.get(source) : undefined
    if (before) return before
    const file = openHandlerFile(locateHandlerFile(source, directory, path), { region, clock })
    files.push(file)
    if (typeof source === 'object') known.set(source, file)
    return file
  }
  const connections: Connections = {
    buffered: (source, path) => {
      if (typeof source === 'function') return source
      if (typeof source === 'object' && 'url' in source) return lambdaFunction(source, clock)
      return open(source, path).handler
    },
    streamed: (source, path) =>
      typeof source === 'function' ? source : open(source, path).streamedHandler,
  }
  const trigger = userPool?.preTokenGeneration
  return {
    definition: {
      ...definition,
      ...(apis && { apis: connectApis(apis, connections) }),
      ...(functionUrls && {
        functionUrls: mapValues(functionUrls, (functionUrl, name) =>
          connectFunctionUrl(functionUrl, `functionUrls.${name}.handler`, connections),
        ),
      }),
      ...(trigger && {
        userPool: { ...userPool, preTokenGeneration: connectTrigger(trigger, connections) },
      }),
    },
    async stop() {
      await Promise.all(files.map((file) => file.stop()))
    },
  }
}

/** Turn what a definition names into functions. */
interface Connections {
  buffered: (source: HandlerSource, path: string) => LocalHandler
  streamed: (source: StreamedHandler | string | HandlerFile, path: string) => StreamedHandler
}

type Apis = NonNullable<StackDefinition['apis']>

const connectApis = (apis: Apis, connections: Connections): Apis =>
  Object.fromEntries(
    Object.entries(apis).map(([name, api]) => [name, connectApi(api, `apis.${name}`, connections)]),
  )

function connectApi(
  api: ApiDefinition | SocketApiDefinition,
  path: string,
  { buffered, streamed }: Connections,
): ApiDefinition | SocketApiDefinition {
  const at = (key: string): string => `${path}.routes['${key}']`
  if (api.type === 'websocket') {
    const routes = mapValues(api.routes, (route, key) => ({
      ...route,
      handler: buffered(route.handler, `${at(key)}.handler`),
    }))
    return { ...api, routes }
  }
  const authorizers = mapValues(api.authorizers ?? {}, (authorizer, name) => ({
    ...authorizer,
    handler: buffered(authorizer.handler, `${path}.authorizers.${name}.handler`),
  }))
  const routes = mapValues(api.routes, (route, key) => connectRoute(route, at(key)))
  return { ...api, routes, ...(api.authorizers && { authorizers }) }

  function connectRoute(route: AnyRouteDefinition, place: string): AnyRouteDefinition {
    if (route.responseTransferMode === 'stream') {
      return { ...route, handler: streamed(route.handler, `${place}.handler`) }
    }
    const { lambda, ...rest } = route
    if (lambda !== undefined) {
      const endpoint = typeof lambda === 'string' ? { url: lambda } : lambda
      return { ...rest, handler: buffered(endpoint, `${place}.lambda`) }
    }
    if (rest.handler === undefined) return rest
    return { ...rest, handler: buffered(rest.handler, `${place}.handler`) }
  }
}

function connectFunctionUrl(
  definition: FunctionUrlDefinition,
  place: string,
  { buffered, streamed }: Connections,
): FunctionUrlDefinition {
  if (definition.invokeMode === 'RESPONSE_STREAM') {
    return { ...definition, handler: streamed(definition.handler, place) }
  }
  return { ...definition, handler: buffered(definition.handler, place) }
}

function connectTrigger(
  trigger: LocalHandler | PreTokenGenerationDefinition,
  { buffered }: Connections,
): LocalHandler | PreTokenGenerationDefinition {
  if (typeof trigger === 'function') return trigger
  return { ...trigger, handler: buffered(trigger.handler, 'userPool.preTokenGeneration.handler') }
}

const mapValues = <T, U>(
  values: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]))

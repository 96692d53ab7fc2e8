import type {
  ApiDefinition,
  PreTokenGenerationDefinition,
  AnyRouteDefinition,
  SocketApiDefinition,
  StackDefinition,
} from '../definition/definition.ts'
import type { HandlerSource, LocalHandler } from '../definition/backend.ts'
import type { Clock } from '../faults/faults.ts'
import { locateHandlerFile, openHandlerFile } from './handler-file.ts'
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
 * @param directory  What paths in the definition are relative to.
 * @throws `TypeError` with the code `INVALID_OPTION` for a file that does not exist.
 */
export function connectHandlers(
  definition: StackDefinition,
  { directory, clock }: { directory: string; clock: Clock },
): Connected {
  const { region = 'eu-central-1', apis, userPool } = definition
  const files: { stop(): Promise<void> }[] = []
  // Routes that name the same object have one function between them, as a Lambda function may have several routes.
  const known = new Map<HandlerSource, LocalHandler>()
  const open = (source: Exclude<HandlerSource, LocalHandler>, path: string): LocalHandler => {
    if (typeof source === 'object' && 'url' in source) return lambdaFunction(source, clock)
    const file = openHandlerFile(locateHandlerFile(source, directory, path), { region, clock })
    files.push(file)
    return file.handler
  }
  const connect = (source: HandlerSource, path: string): LocalHandler => {
    if (typeof source === 'function') return source
    const handler = known.get(source) ?? open(source, path)
    if (typeof source === 'object') known.set(source, handler)
    return handler
  }
  const trigger = userPool?.preTokenGeneration
  return {
    definition: {
      ...definition,
      ...(apis && { apis: connectApis(apis, connect) }),
      ...(trigger && {
        userPool: { ...userPool, preTokenGeneration: connectTrigger(trigger, connect) },
      }),
    },
    async stop() {
      await Promise.all(files.map((file) => file.stop()))
    },
  }
}

type Connect = (source: HandlerSource, path: string) => LocalHandler

type Apis = NonNullable<StackDefinition['apis']>

const connectApis = (apis: Apis, connect: Connect): Apis =>
  Object.fromEntries(
    Object.entries(apis).map(([name, api]) => [name, connectApi(api, `apis.${name}`, connect)]),
  )

function connectApi(
  api: ApiDefinition | SocketApiDefinition,
  path: string,
  connect: Connect,
): ApiDefinition | SocketApiDefinition {
  const at = (key: string): string => `${path}.routes['${key}']`
  if (api.type === 'websocket') {
    const routes = mapValues(api.routes, (route, key) => ({
      ...route,
      handler: connect(route.handler, `${at(key)}.handler`),
    }))
    return { ...api, routes }
  }
  const authorizers = mapValues(api.authorizers ?? {}, (authorizer, name) => ({
    ...authorizer,
    handler: connect(authorizer.handler, `${path}.authorizers.${name}.handler`),
  }))
  const routes = mapValues(api.routes, (route, key) => connectRoute(route, at(key)))
  return { ...api, routes, ...(api.authorizers && { authorizers }) }

  function connectRoute(route: AnyRouteDefinition, place: string): AnyRouteDefinition {
    if (route.responseTransferMode === 'stream') return route
    const { lambda, ...rest } = route
    if (lambda !== undefined) {
      const endpoint = typeof lambda === 'string' ? { url: lambda } : lambda
      return { ...rest, handler: connect(endpoint, `${place}.lambda`) }
    }
    if (rest.handler === undefined) return rest
    return { ...rest, handler: connect(rest.handler, `${place}.handler`) }
  }
}

function connectTrigger(
  trigger: LocalHandler | PreTokenGenerationDefinition,
  connect: Connect,
): LocalHandler | PreTokenGenerationDefinition {
  if (typeof trigger === 'function') return trigger
  return { ...trigger, handler: connect(trigger.handler, 'userPool.preTokenGeneration.handler') }
}

const mapValues = <T, U>(
  values: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]))

import { invalidOption } from '@iamfetch/core'
import type { ApiDefinition, StackDefinition } from '@iamfetch/local'
import type { IUserPool } from 'aws-cdk-lib/aws-cognito'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { locate, type HandlerFile } from './handler-file.ts'
import { buildFunction } from './route-function.ts'

/** An API that was built. `Route` is the union of the routes of its definition. */
export interface GuardedApi<Route extends string = string> {
  readonly apiId: string
  /** `https://<host>` */
  readonly origin: string
  /** With the stage, if the path has one. */
  readonly url: string
  /** By route, for example to grant one of them access to a table: `table.grant(api.functions['GET /notes'], …)`. */
  readonly functions: Readonly<Record<Route, IFunction>>
}

/** How many calls an API accepts before it responds with 429. */
export interface Throttle {
  /** Calls in a second. */
  readonly rateLimit: number
  readonly burstLimit: number
}

/** The props of an API. */
export interface GuardedApiProps {
  /** Its name in the definition. Part of the API's name, and of messages. */
  readonly name: string
  /** One of the definition's `apis`. */
  readonly definition: ApiDefinition
  /** The modules that the routes' handlers come from; each handler must be an export of one of them. Defaults to none. */
  readonly handlers?: HandlerFile | readonly HandlerFile[]
  /** Your own functions by route, for example `{ 'GET /notes': fn }`. They replace the handlers of the definition. */
  readonly functions?: Readonly<Record<string, IFunction>>
  /** The `roles` of the definition. */
  readonly roles?: StackDefinition['roles']
  /** Which of the `roles` a route's function runs with, in addition to writing its log. Defaults to none. */
  readonly runsAs?: (route: string) => string | undefined
  /** Environment variables of the functions. */
  readonly environment?: Readonly<Record<string, string>>
  /** The ARNs of secrets by the names that `roles` use. */
  readonly secretArns?: Readonly<Record<string, string>>
  /** The user pool of routes with `auth: 'jwt'`, and for `USER_POOL_ID` in `roles`. */
  readonly userPool?: IUserPool
  /** The app clients whose tokens an HTTP API accepts. */
  readonly clientIds?: readonly string[]
  /** Defaults to 20 calls in a second and bursts of 40. */
  readonly throttle?: Throttle
}

/** The function behind a route: your own, or one that is built from the handler's sources. */
export function functionOfRoute(scope: Construct, key: string, props: GuardedApiProps): IFunction {
  const { name, definition, roles = {}, userPool } = props
  const own = props.functions?.[key]
  if (own) return own
  const route = definition.routes[key]
  const where = `apis.${name}.routes['${key}']`
  if (!route) throw invalidOption('IamGuardedApi', `"${where}" is not in the definition`)
  if (route.responseTransferMode === 'stream') {
    const why = 'must not be "stream"; add a method of your own with a function that streams'
    throw invalidOption('IamGuardedApi', `"${where}.responseTransferMode" ${why}`)
  }
  const roleName = props.runsAs?.(key)
  const role = roleName === undefined ? undefined : roles[roleName]
  if (roleName !== undefined && !role) {
    throw invalidOption(
      'IamGuardedApi',
      `"runsAs" must return a role of the definition for ${where}`,
      roleName,
    )
  }
  return buildFunction(scope, key.replaceAll('/', '|'), {
    ...locate(route.handler, [props.handlers ?? []].flat(), where),
    environment: { ...props.environment },
    policy: role?.policy,
    userPoolId: userPool?.userPoolId,
    secretArns: props.secretArns,
  })
}

/** Who issues the tokens of routes with `auth: 'jwt'`. */
export function tokenIssuerOf({ name, userPool, clientIds = [] }: GuardedApiProps): {
  userPool: IUserPool
  clientIds: readonly string[]
} {
  if (userPool && clientIds.length > 0) return { userPool, clientIds }
  throw invalidOption(
    'IamGuardedApi',
    `"apis.${name}" has routes with auth "jwt", so the definition must have users or appClients that could get a token`,
  )
}

import { preflightOf, type ApiDefinition, type StackDefinition } from '@iamfetch/local'
import { Duration, Stack } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  HttpApi,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  type CorsPreflightOptions,
  type HttpMethod,
  type HttpRouteIntegrationBindOptions,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { acknowledge } from './acknowledge.ts'
import type { BuildOptions } from './build-options.ts'
import { locate } from './handler-file.ts'
import { stackUuid } from './per-stack.ts'
import { buildFunction, logGroupOf } from './route-function.ts'
import type { BuiltUserPool } from './user-pool.ts'

/** An HTTP API that was built. */
export interface BuiltApi {
  apiId: string
  origin: string
  /** With the stage where there is one in the path. */
  url: string
}

/** Builds one HTTP API: a function for each route, its authorizers, CORS, a stage with an access log. */
export function buildApi(
  stack: Stack,
  definition: StackDefinition,
  name: string,
  userPool: BuiltUserPool | undefined,
  options: BuildOptions,
): BuiltApi {
  const definitionOf = definition.apis?.[name]
  if (definitionOf?.type !== 'http') {
    throw new TypeError(`apis.${name}: there is no such HTTP API.`)
  }
  const { stage = '$default', routes } = definitionOf
  const corsPreflight = corsOf(definitionOf)
  const api = new HttpApi(stack, `Api-${name}`, {
    apiName: `${stack.stackName}-${name}`,
    createDefaultStage: false,
    ...(corsPreflight && { corsPreflight }),
  })
  new HttpStage(api, 'Stage', {
    httpApi: api,
    stageName: stage,
    autoDeploy: true,
    throttle: options.throttle ?? { rateLimit: 20, burstLimit: 40 },
    accessLogSettings: {
      destination: new LogGroupLogDestination(
        // Under this prefix the account's resource policy for logs does not grow with every API:
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
        logGroupOf(
          api,
          'AccessLog',
          `/aws/vendedlogs/apis/${stackUuid(stack)}/${api.node.addr.slice(-8)}`,
        ),
      ),
      format: AccessLogFormat.custom(JSON.stringify(LOGGED)),
    },
  })
  const authorizers: Record<'iam' | 'jwt', () => IHttpRouteAuthorizer> = {
    iam: once(() => new HttpIamAuthorizer()),
    jwt: once(() => jwtAuthorizer(name, userPool)),
  }
  for (const [key, { auth, scopes, handler }] of Object.entries(routes)) {
    const where = `apis.${name}.routes['${key}']`
    const id = key.replaceAll('/', '|')
    const roleName = options.runsAs?.(name, key)
    const role = roleName === undefined ? undefined : definition.roles?.[roleName]
    if (roleName !== undefined && !role) {
      throw new TypeError(`${where} runs as ${roleName}, and the definition has no such role.`)
    }
    const code = locate(handler, options.handlerFiles, where)
    const built = buildFunction(api, id, {
      ...code,
      environment: environmentOf(options, userPool),
      policy: role?.policy,
      userPoolId: userPool?.userPoolId,
      secretArns: { ...secretArnsOf(userPool), ...options.secretArns },
    })
    const [method = '', path = ''] = key.split(' ')
    const integration = new RouteIntegration(`Integration ${id}`, built, method)
    const route = new HttpRoute(api, `Route ${id}`, {
      httpApi: api,
      routeKey:
        key === '$default' ? HttpRouteKey.DEFAULT : HttpRouteKey.with(path, method as HttpMethod),
      integration,
      ...(auth !== 'none' && { authorizer: authorizers[auth]() }),
      ...(scopes && { authorizationScopes: [...scopes] }),
    })
    if (auth === 'none') {
      acknowledge(route, {
        'AwsSolutions-APIG4': `The definition leaves ${key} of ${name} open: everybody may call it.`,
      })
    }
  }
  const { apiId, apiEndpoint: origin } = api
  return { apiId, origin, url: stage === '$default' ? origin : `${origin}/${stage}` }
}

/**
 * What the access log says of a call. The response to a refused call says `Forbidden` and no more; `error` has its
 * kind, and `authorizer` the reason.
 *
 * API Gateway puts its values into the line as they are, and a text of its own may contain a quote that ends the line's
 * JSON too early. So the kind of the error is logged and not its message, and the two texts that have no other form
 * come last: whatever they contain, the members before them can be read.
 *
 * @see [AWS: logging variables for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html)
 */
const LOGGED = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  error: '$context.error.responseType',
  integration: '$context.integrationErrorMessage',
  authorizer: '$context.authorizer.error',
}

/**
 * A Lambda integration whose function may be called by its own route, and with the route's method alone. The
 * integration of aws-cdk-lib permits every method of the path.
 */
class RouteIntegration extends HttpLambdaIntegration {
  readonly #id: string
  readonly #handler: IFunction
  readonly #method: string

  constructor(id: string, handler: IFunction, method: string) {
    super(id, handler)
    this.#id = id
    this.#handler = handler
    this.#method = method
  }

  protected override completeBind({ route, scope }: HttpRouteIntegrationBindOptions): void {
    const method = this.#method === 'ANY' ? '*' : this.#method
    this.#handler.addPermission(`${this.#id}-Permission`, {
      scope,
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(route).formatArn({
        service: 'execute-api',
        resource: route.httpApi.apiId,
        resourceName: route.path === undefined ? '*/*' : `*/${method}${route.path}`,
      }),
    })
  }
}

const secretArnsOf = (userPool: BuiltUserPool | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(userPool?.secrets ?? {}).map(([name, { secretArn }]) => [name, secretArn]),
  )

/** The functions' environment, once it is known which user pool there is. */
export function environmentOf(
  { environment = {} }: Pick<BuildOptions, 'environment'>,
  userPool: BuiltUserPool | undefined,
): Record<string, string> {
  return typeof environment === 'function' ? environment(userPool) : environment
}

/** Takes the tokens of every client of the user pool, as the local gateway does. Scopes stand on the routes. */
function jwtAuthorizer(name: string, userPool: BuiltUserPool | undefined): IHttpRouteAuthorizer {
  if (!userPool) {
    throw new TypeError(
      `apis.${name} has routes with auth 'jwt', and nobody who could get a token.`,
    )
  }
  const { pageClientId, appClientIds, providerName } = userPool
  return new HttpJwtAuthorizer('Tokens', `https://${providerName}`, {
    jwtAudience: [
      ...(pageClientId === undefined ? [] : [pageClientId]),
      ...Object.values(appClientIds),
    ],
  })
}

function corsOf(api: ApiDefinition): CorsPreflightOptions | undefined {
  const { cors } = api
  if (!cors) return undefined
  const { methods, headers } = preflightOf(api)
  return {
    allowOrigins: [...cors.allowOrigins],
    allowMethods: methods as CorsPreflightOptions['allowMethods'] & object,
    allowHeaders: [...headers],
    ...(cors.exposeHeaders && { exposeHeaders: [...cors.exposeHeaders] }),
    ...(cors.allowCredentials !== undefined && { allowCredentials: cors.allowCredentials }),
    ...(cors.maxAgeSeconds !== undefined && { maxAge: Duration.seconds(cors.maxAgeSeconds) }),
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

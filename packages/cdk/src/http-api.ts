import { preflightOf, type ApiDefinition } from '@iamfetch/local'
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
import { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import { checkRouteMembers } from './deployable.ts'
import { authorizerNameOf, httpAuthorizer } from './lambda-authorizers.ts'
import {
  functionOfRoute,
  tokenIssuerOf,
  type GuardedApi,
  type GuardedApiProps,
} from './guarded-api.ts'
import { stackUuid } from './per-stack.ts'
import { logGroupOf } from './route-function.ts'

/** An HTTP API of a definition: a function for each route, its authorizers, CORS, and a stage with an access log. */
export class GuardedHttpApi extends Construct implements GuardedApi {
  readonly apiId: string
  readonly origin: string
  readonly url: string
  readonly functions: Readonly<Record<string, IFunction>>

  constructor(scope: Construct, id: string, props: GuardedApiProps) {
    super(scope, id)
    const { name, definition } = props
    const { stage = '$default', routes } = definition
    checkRouteMembers(routes, name)
    const corsPreflight = corsOf(definition)
    const api = new HttpApi(this, 'Api', {
      apiName: `${Stack.of(this).stackName}-${name}`,
      createDefaultStage: false,
      ...(corsPreflight && { corsPreflight }),
    })
    buildStage(this, api, stage, props)
    const authorizers: Record<'iam' | 'jwt', () => IHttpRouteAuthorizer> = {
      iam: once(() => new HttpIamAuthorizer()),
      jwt: once(() => jwtAuthorizer(props)),
    }
    const lambdaAuthorizers = new Map<string, IHttpRouteAuthorizer>()
    const lambdaAuthorizer = (authorizerName: string): IHttpRouteAuthorizer => {
      const known = lambdaAuthorizers.get(authorizerName)
      const built = known ?? httpAuthorizer(this, authorizerName, props)
      lambdaAuthorizers.set(authorizerName, built)
      return built
    }
    const functions: Record<string, IFunction> = {}
    for (const [key, definedRoute] of Object.entries(routes)) {
      const { auth, scopes } = definedRoute
      const authorizer =
        auth === 'lambda'
          ? lambdaAuthorizer(authorizerNameOf(definedRoute, props))
          : auth !== 'none' && authorizers[auth]()
      const routeId = key.replaceAll('/', '|')
      const [method = '', path = ''] = key.split(' ')
      const handler = functionOfRoute(this, key, props)
      functions[key] = handler
      const route = new HttpRoute(this, `Route ${routeId}`, {
        httpApi: api,
        routeKey:
          key === '$default' ? HttpRouteKey.DEFAULT : HttpRouteKey.with(path, method as HttpMethod),
        integration: new RouteIntegration(`Integration ${routeId}`, handler, method),
        ...(authorizer && { authorizer }),
        ...(scopes && { authorizationScopes: [...scopes] }),
      })
      if (auth === 'none') {
        acknowledge(route, {
          'AwsSolutions-APIG4': `The definition leaves ${key} of ${name} open: everybody may call it.`,
        })
      }
    }
    this.functions = functions
    this.apiId = api.apiId
    this.origin = api.apiEndpoint
    this.url = stage === '$default' ? this.origin : `${this.origin}/${stage}`
  }
}

function buildStage(
  scope: GuardedHttpApi,
  httpApi: HttpApi,
  stageName: string,
  { throttle = { rateLimit: 20, burstLimit: 40 } }: GuardedApiProps,
): void {
  // Under this prefix the account's resource policy for logs does not grow with every API:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
  const logName = `/aws/vendedlogs/apis/${stackUuid(Stack.of(scope))}/${scope.node.addr.slice(-8)}`
  new HttpStage(scope, 'Stage', {
    httpApi,
    stageName,
    autoDeploy: true,
    throttle,
    accessLogSettings: {
      destination: new LogGroupLogDestination(logGroupOf(scope, 'AccessLog', logName)),
      format: AccessLogFormat.custom(JSON.stringify(LOGGED)),
    },
  })
}

/**
 * What the access log records of a call. The response to a refused call says `Forbidden` and no more; `error` has its
 * kind, and `authorizer` the reason.
 *
 * API Gateway inserts its values as they are, and a text from API Gateway may contain a quote that ends the line's
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

/** Accepts the tokens of every client of the user pool, as the local gateway does. Routes have their scopes. */
function jwtAuthorizer(props: GuardedApiProps): IHttpRouteAuthorizer {
  const { userPool, clientIds } = tokenIssuerOf(props)
  return new HttpJwtAuthorizer('Tokens', `https://${userPool.userPoolProviderName}`, {
    jwtAudience: [...clientIds],
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

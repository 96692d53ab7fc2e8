import { invalidOption } from '@iamfetch/core'
import { preflightOf, type ApiDefinition } from '@iamfetch/local'
import { Duration, Stack } from 'aws-cdk-lib'
import {
  ApiKeySourceType,
  AuthorizationType,
  CognitoUserPoolsAuthorizer,
  EndpointType,
  GatewayResponse,
  LambdaIntegration,
  ResponseType,
  RestApi,
  type IAuthorizer,
  type MethodOptions,
  type Stage,
} from 'aws-cdk-lib/aws-apigateway'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import { checkRouteMembers } from './deployable.ts'
import { authorizerNameOf, restAuthorizer } from './lambda-authorizers.ts'
import { resourcePolicyOf } from './resource-policy.ts'
import {
  functionOfRoute,
  tokenIssuerOf,
  type GuardedApi,
  type GuardedApiProps,
} from './guarded-api.ts'

/**
 * A REST API of a definition: a function for each method, its authorizers, a preflight for each path, and a stage.
 *
 * With `cors`, the gateway's own refusals have CORS headers too, so that a page can read why it was refused. Set
 * `cors.onErrors` to `false` to leave them out, as a REST API without further settings does.
 *
 * It has no access log: a REST API can only write one after the account was given a role for it, and that setting is
 * the same for all stacks of an account and region.
 */
export class GuardedRestApi extends Construct implements GuardedApi {
  readonly apiId: string
  readonly origin: string
  readonly url: string
  readonly functions: Readonly<Record<string, IFunction>>
  /** For usage plans. */
  readonly stage: Stage

  constructor(scope: Construct, id: string, props: GuardedApiProps) {
    super(scope, id)
    const { name, definition, throttle = { rateLimit: 20, burstLimit: 40 } } = props
    const { stage = 'prod', routes } = definition
    const { resourcePolicy, binaryMediaTypes, apiKeySource } = definition
    checkRouteMembers(routes, name)
    const api = new RestApi(this, 'Api', {
      ...(resourcePolicy && {
        policy: resourcePolicyOf(Stack.of(this), resourcePolicy, `apis.${name}.resourcePolicy`),
      }),
      ...(binaryMediaTypes && { binaryMediaTypes: [...binaryMediaTypes] }),
      ...(apiKeySource && { apiKeySourceType: KEY_SOURCES[apiKeySource] }),
      restApiName: `${Stack.of(this).stackName}-${name}`,
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: {
        stageName: stage,
        throttlingRateLimit: throttle.rateLimit,
        throttlingBurstLimit: throttle.burstLimit,
      },
    })
    acknowledge(api, NOT_LOGGED)
    acknowledge(api.deploymentStage, NOT_LOGGED)
    const authorizers = authorizersOf(this, props)
    const functions: Record<string, IFunction> = {}
    for (const [key, route] of Object.entries(routes)) {
      const { auth, apiKeyRequired } = route
      const [method = '', path = ''] = key.split(' ')
      if (path === '') {
        throw invalidOption(
          'IamGuardedApi',
          `each of "apis.${name}.routes" must have a method and a path, because it is a REST API`,
          key,
        )
      }
      const handler = functionOfRoute(this, key, props)
      functions[key] = handler
      const integration = new LambdaIntegration(handler, { allowTestInvoke: false })
      const built = api.root.resourceForPath(path).addMethod(method, integration, {
        ...methodOptionsOf(route, authorizers, props),
        ...(apiKeyRequired !== undefined && { apiKeyRequired }),
      })
      acknowledge(built, {
        'AwsSolutions-COG4': `${key} of ${name} has the authorizer that the definition says: ${auth}.`,
        ...(auth === 'none' && {
          'AwsSolutions-APIG4': `The definition leaves ${key} of ${name} open: everybody may call it.`,
        }),
      })
    }
    if (definition.cors) buildCors(this, api, props)
    this.functions = functions
    this.stage = api.deploymentStage
    this.apiId = api.restApiId
    this.origin = `https://${api.restApiId}.execute-api.${Stack.of(this).region}.${Stack.of(this).urlSuffix}`
    this.url = `${this.origin}/${stage}`
  }
}

/** The authorizers of an API, each of which is created when the first route needs it. */
interface RestAuthorizers {
  /** Of the user pool's tokens. */
  readonly tokens: () => IAuthorizer
  readonly lambda: (name: string) => IAuthorizer
}

function authorizersOf(scope: Construct, props: GuardedApiProps): RestAuthorizers {
  let tokens: IAuthorizer | undefined
  const byName = new Map<string, IAuthorizer>()
  return {
    tokens: () =>
      (tokens ??= new CognitoUserPoolsAuthorizer(scope, 'Tokens', {
        cognitoUserPools: [tokenIssuerOf(props).userPool],
      })),
    lambda(name) {
      const authorizer = byName.get(name) ?? restAuthorizer(scope, name, props)
      byName.set(name, authorizer)
      return authorizer
    },
  }
}

function methodOptionsOf(
  route: GuardedApiProps['definition']['routes'][string],
  authorizers: RestAuthorizers,
  props: GuardedApiProps,
): MethodOptions {
  const { auth, scopes } = route
  if (auth === 'iam') return { authorizationType: AuthorizationType.IAM }
  if (auth === 'none') return { authorizationType: AuthorizationType.NONE }
  if (auth === 'lambda') {
    return {
      authorizationType: AuthorizationType.CUSTOM,
      authorizer: authorizers.lambda(authorizerNameOf(route, props)),
    }
  }
  return {
    authorizationType: AuthorizationType.COGNITO,
    authorizer: authorizers.tokens(),
    ...(scopes && { authorizationScopes: [...scopes] }),
  }
}

const KEY_SOURCES = { header: ApiKeySourceType.HEADER, authorizer: ApiKeySourceType.AUTHORIZER }

const NOT_LOGGED = {
  'AwsSolutions-APIG1':
    'An access log needs a setting of the whole account and region, which is not for a stack to change.',
  'AwsSolutions-APIG2': 'The handlers check what they are sent.',
  'AwsSolutions-APIG3': 'A web ACL has a price of its own; IAM or a token guards the routes.',
  'AwsSolutions-APIG6':
    'A log needs a setting of the whole account and region, which is not for a stack to change.',
}

/** The preflights of all paths, and CORS headers on the gateway's own refusals. */
function buildCors(scope: GuardedRestApi, api: RestApi, props: GuardedApiProps): void {
  const { definition, name } = props
  const { cors } = definition
  if (!cors) return
  const { methods, headers } = preflightOf(definition)
  const { routes } = definition
  const paths = new Set(Object.keys(routes).map((key) => key.split(' ')[1] ?? ''))
  for (const path of paths) {
    // A method of the definition is the preflight, as in the local stack.
    if (routes[`OPTIONS ${path}`]) continue
    const preflight = api.root.resourceForPath(path).addCorsPreflight({
      allowOrigins: [...cors.allowOrigins],
      allowMethods: [...methods],
      allowHeaders: [...headers],
      ...(cors.exposeHeaders && { exposeHeaders: [...cors.exposeHeaders] }),
      ...(cors.allowCredentials !== undefined && { allowCredentials: cors.allowCredentials }),
      ...(cors.maxAgeSeconds !== undefined && { maxAge: Duration.seconds(cors.maxAgeSeconds) }),
    })
    acknowledge(preflight, {
      'AwsSolutions-APIG4': 'A browser sends a preflight without credentials.',
      'AwsSolutions-COG4': 'A browser sends a preflight without credentials.',
    })
  }
  if (cors.onErrors === false) return
  const responseHeaders = refusalHeaders(cors, name)
  for (const type of [ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX]) {
    new GatewayResponse(scope, `Refusal-${type.responseType}`, {
      restApi: api,
      type,
      responseHeaders,
    })
  }
}

/** A gateway response has one origin and cannot choose, so several origins become `*`. */
function refusalHeaders(
  cors: NonNullable<ApiDefinition['cors']>,
  name: string,
): Record<string, string> {
  const [origin = '*', ...others] = cors.allowOrigins
  if (others.length > 0 && cors.allowCredentials) {
    throw invalidOption(
      'IamGuardedApi',
      `"apis.${name}.cors" must have one origin, or "onErrors: false", because it allows credentials and is of a REST API`,
    )
  }
  const exposed = ['x-amzn-errortype', 'x-amzn-requestid', ...(cors.exposeHeaders ?? [])]
  return {
    'Access-Control-Allow-Origin': `'${others.length > 0 ? '*' : origin}'`,
    'Access-Control-Expose-Headers': `'${exposed.join(',')}'`,
    ...(cors.allowCredentials && { 'Access-Control-Allow-Credentials': "'true'" }),
  }
}

import { invalidOption } from '@iamfetch/core'
import type { LambdaAuthorizerDefinition } from '@iamfetch/local'
import { Duration } from 'aws-cdk-lib'
import {
  IdentitySource,
  RequestAuthorizer,
  TokenAuthorizer,
  type IAuthorizer,
} from 'aws-cdk-lib/aws-apigateway'
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2'
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { constructId } from './construct-id.ts'
import type { GuardedApiProps } from './guarded-api.ts'
import { locate } from './handler-file.ts'
import { buildFunction } from './route-function.ts'

/** The name of the authorizer of a route with `auth: 'lambda'`: its own, or the only one of the API. */
export const authorizerNameOf = (
  { authorizer }: { authorizer?: string | undefined },
  { definition }: GuardedApiProps,
): string => authorizer ?? Object.keys(definition.authorizers ?? {})[0] ?? ''

/** Builds the authorizer of a REST API, with its function. */
export function restAuthorizer(
  scope: Construct,
  name: string,
  props: GuardedApiProps,
): IAuthorizer {
  const definition = definitionOf(name, props)
  const handler = functionOf(scope, name, definition, props)
  const { type = 'token', identitySources, tokenPattern, resultTtlSeconds = 300 } = definition
  const resultsCacheTtl = Duration.seconds(resultTtlSeconds)
  if (type === 'request') {
    return new RequestAuthorizer(scope, `Authorizer ${constructId(name)}`, {
      handler,
      resultsCacheTtl,
      identitySources: (identitySources ?? []).map(sourceOf),
    })
  }
  const [source] = identitySources ?? []
  return new TokenAuthorizer(scope, `Authorizer ${constructId(name)}`, {
    handler,
    resultsCacheTtl,
    ...(source !== undefined && { identitySource: source }),
    ...(tokenPattern !== undefined && { validationRegex: tokenPattern }),
  })
}

/** Builds the authorizer of an HTTP API, with its function. */
export function httpAuthorizer(
  scope: Construct,
  name: string,
  props: GuardedApiProps,
): IHttpRouteAuthorizer {
  const definition = definitionOf(name, props)
  const handler = functionOf(scope, name, definition, props)
  const { identitySources = [], resultTtlSeconds = 0 } = definition
  const { payloadVersion = '2.0', simpleResponses = false } = definition
  if (payloadVersion === '1.0') {
    throw invalidOption(
      'IamGuardedApi',
      `"apis.${props.name}.authorizers.${name}.payloadVersion" must be "2.0" for a deployment`,
      payloadVersion,
    )
  }
  return new HttpLambdaAuthorizer(`Authorizer ${constructId(name)}`, handler, {
    responseTypes: [simpleResponses ? HttpLambdaResponseType.SIMPLE : HttpLambdaResponseType.IAM],
    identitySource: [...identitySources],
    resultsCacheTtl: Duration.seconds(resultTtlSeconds),
  })
}

function definitionOf(name: string, props: GuardedApiProps): LambdaAuthorizerDefinition {
  const definition = props.definition.authorizers?.[name]
  if (definition) return definition
  throw invalidOption('IamGuardedApi', `"apis.${props.name}.authorizers" must have "${name}"`)
}

function functionOf(
  scope: Construct,
  name: string,
  { handler }: LambdaAuthorizerDefinition,
  props: GuardedApiProps,
): IFunction {
  const own = props.functions?.[`authorizers.${name}`]
  if (own) return own
  const where = `apis.${props.name}.authorizers.${name}`
  return buildFunction(scope, `Authorizer ${constructId(name)}`, {
    ...locate(handler, [props.handlers ?? []].flat(), where),
    environment: { ...props.environment },
    policy: undefined,
    userPoolId: props.userPool?.userPoolId,
  })
}

/** The definition has AWS's own words; aws-cdk-lib adds the beginning itself. */
function sourceOf(expression: string): string {
  const [, part, name = ''] =
    /^(?:method\.request\.)?(header|querystring|context)\.(.+)$/.exec(expression) ?? []
  if (part === 'header') return IdentitySource.header(name)
  return part === 'querystring' ? IdentitySource.queryString(name) : IdentitySource.context(name)
}

import type { LambdaAuthorizerDefinition } from '../definition/api.ts'
import {
  authBy,
  cognitoAuthorizer,
  jwtAuthorizer,
  lambdaAuthorizer,
  unknownAuthorizer,
  type ApiReading,
  type ReadApi,
  type ReadAuth,
  type ReadAuthorizer,
} from './api-model.ts'
import { memberFault, SERVERLESS } from './member-rules.ts'
import type { ServerlessKind } from './serverless-kinds.ts'
import {
  dictionaryIn,
  isTrueIn,
  listIn,
  memberOf,
  textIn,
  textsIn,
  type Dictionary,
} from './values.ts'

/** The authorization with the name that an event or an API uses. An authorizer of the name AWS_IAM comes before IAM itself. */
export function authNamed(
  { type, authorizers }: ReadApi,
  name: string,
  { auth, scopes }: { auth: Dictionary; scopes?: readonly string[] | undefined },
): ReadAuth {
  if (name === 'NONE') return { kind: 'none' }
  if (name !== 'AWS_IAM' || authorizers.has(name)) return authBy(authorizers, name, scopes)
  if (type === 'rest' || isTrueIn(auth, 'EnableIamAuthorizer')) return { kind: 'iam' }
  return { kind: 'unknown', reason: 'its API does not set EnableIamAuthorizer' }
}

/** The authorizers of an API by their names. */
export function authorizersOf(
  reading: ApiReading,
  { type }: ServerlessKind,
  auth: Dictionary,
): Map<string, ReadAuthorizer> {
  const read = type === 'http' ? httpAuthorizer : restAuthorizer
  return new Map(
    Object.entries(dictionaryIn(auth, 'Authorizers')).map(([name, authorizer]) => [
      name,
      read(reading, authorizer),
    ]),
  )
}

/** Without its function, its user pool and its issuer: those are read by themselves. */
const SETTINGS_OF_AUTHORIZER = [
  'Identity',
  'IdentitySource',
  'AuthorizationScopes',
  'FunctionPayloadType',
  'AuthorizerPayloadFormatVersion',
  'EnableSimpleResponses',
]

function restAuthorizer(reading: ApiReading, authorizer: unknown): ReadAuthorizer {
  const reason = memberFault(authorizer, SERVERLESS.rest.authorizer, 'it')
  if (reason !== undefined) return { kind: 'unknown', reason }
  const unknown = unknownAuthorizer(authorizer, SETTINGS_OF_AUTHORIZER)
  if (unknown) return unknown
  const identity = dictionaryIn(authorizer, 'Identity')
  const header = textIn(identity, 'Header') ?? 'Authorization'
  const scopes = textsIn(authorizer, 'AuthorizationScopes')
  const userPool = memberOf(authorizer, 'UserPoolArn')
  if (userPool !== undefined) {
    if (header.toLowerCase() !== 'authorization') {
      return { kind: 'unknown', reason: `the token is in the header ${header}` }
    }
    return cognitoAuthorizer(reading, [userPool].flat(), scopes)
  }
  const isRequest = textIn(authorizer, 'FunctionPayloadType') === 'REQUEST'
  const tokenPattern = textIn(identity, 'ValidationExpression')
  return lambdaAuthorizer(reading, memberOf(authorizer, 'FunctionArn'), {
    type: isRequest ? 'request' : 'token',
    identitySources: isRequest
      ? sourcesOf(identity, 'method.request.')
      : [`method.request.header.${header}`],
    ...resultTtl(identity),
    ...(tokenPattern !== undefined && { tokenPattern }),
  })
}

function httpAuthorizer(reading: ApiReading, authorizer: unknown): ReadAuthorizer {
  const reason = memberFault(authorizer, SERVERLESS.http.authorizer, 'it')
  if (reason !== undefined) return { kind: 'unknown', reason }
  const unknown = unknownAuthorizer(authorizer, SETTINGS_OF_AUTHORIZER)
  if (unknown) return unknown
  const scopes = textsIn(authorizer, 'AuthorizationScopes')
  const jwt = memberOf(authorizer, 'JwtConfiguration')
  if (jwt !== undefined) {
    const source = textIn(authorizer, 'IdentitySource')
    if (source !== undefined && source.toLowerCase() !== '$request.header.authorization') {
      return { kind: 'unknown', reason: `the token is in ${source}` }
    }
    const audience = listIn(jwt, 'audience')
    return jwtAuthorizer(reading, { issuer: memberOf(jwt, 'issuer'), audience, scopes })
  }
  const identity = dictionaryIn(authorizer, 'Identity')
  return lambdaAuthorizer(reading, memberOf(authorizer, 'FunctionArn'), {
    identitySources: sourcesOf(identity, '$request.'),
    payloadVersion: textIn(authorizer, 'AuthorizerPayloadFormatVersion') === '1.0' ? '1.0' : '2.0',
    simpleResponses: isTrueIn(authorizer, 'EnableSimpleResponses'),
    ...resultTtl(identity),
  })
}

const sourcesOf = (identity: Dictionary, prefix: string): string[] => [
  ...textsIn(identity, 'Headers').map((name) => `${prefix}header.${name}`),
  ...textsIn(identity, 'QueryStrings').map((name) => `${prefix}querystring.${name}`),
  ...textsIn(identity, 'StageVariables').map((name) => `stageVariables.${name}`),
  ...textsIn(identity, 'Context').map((name) =>
    prefix.startsWith('$') ? `$context.${name}` : `context.${name}`,
  ),
]

function resultTtl(identity: Dictionary): Pick<LambdaAuthorizerDefinition, 'resultTtlSeconds'> {
  const seconds = textIn(identity, 'ReauthorizeEvery')
  return seconds === undefined ? {} : { resultTtlSeconds: Number(seconds) }
}

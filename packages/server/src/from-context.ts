import { parseClaims, type Claims, type ParsedClaims } from './claims.ts'
import { readList } from './lists.ts'
import { ownValue } from './own-property.ts'
import type { CallerOptions } from './options.ts'
import { readText } from './text.ts'

/**
 * Tells whether the context of a Lambda authorizer names the caller: by `sub`, by what `authorizerContext` makes of it, or by
 * a client. A `principalId` alone is often the same text for every caller, as in the samples of AWS.
 */
export function namesCaller(context: object, { authorizerContext }: CallerOptions): boolean {
  if (authorizerContext || readText(ownValue(context, 'sub')) !== undefined) return true
  const client = clientOf(context)
  const principalId = readText(ownValue(context, 'principalId'))
  return client !== undefined && (principalId === undefined || principalId === client)
}

/**
 * Turns the context of a Lambda authorizer into claims. A list is an array, a JSON array or `[a b]`.
 *
 * Without `authorizerContext` the subject is `sub`, or `principalId` if there is no `sub`.
 *
 * @see [AWS: output of a Lambda authorizer](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html)
 */
export function claimsOfContext(
  context: object,
  { authorizerContext }: CallerOptions,
): ParsedClaims {
  const { claims, ambiguous } = parseClaims(context, 'context')
  if (!authorizerContext) return parseClaims(standardClaims(claims, context), 'context')
  // The function decides what a text means that is not clear by itself.
  const unclear = ambiguous.map((name) => [name, ownValue(context, name)] as const)
  return parseClaims(authorizerContext({ ...claims, ...Object.fromEntries(unclear) }), 'context')
}

function standardClaims(claims: Claims, context: object): object {
  const { principalId, groups, clientId, scopes, ...rest } = claims
  const client = rest['client_id'] ?? clientId
  return {
    ...rest,
    sub: rest['sub'] ?? principalId ?? client,
    'cognito:groups': ownValue(context, 'cognito:groups') ?? groups,
    client_id: client,
    scope: scopesOf(rest['scope'] ?? scopes),
  }
}

const clientOf = (context: object): string | undefined =>
  readText(ownValue(context, 'client_id')) ?? readText(ownValue(context, 'clientId'))

/** A list of scopes may be JSON. No scope contains a quote, so that the text has one meaning only. */
function scopesOf(scopes: unknown): unknown {
  const isJson = typeof scopes === 'string' && scopes.startsWith('["')
  return isJson ? (readList(scopes, 'context') ?? scopes) : scopes
}

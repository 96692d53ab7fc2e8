import { parseClaims, type Claims, type ParsedClaims } from './claims.ts'
import type { EventShape } from './evidence.ts'
import { readList } from './lists.ts'
import { ownValue } from './own-property.ts'
import type { CallerOptions } from './options.ts'
import { readText } from './text.ts'

/** The claims of a Lambda authorizer's context. */
export interface ContextClaims extends ParsedClaims {
  /**
   * Whether they name the caller: by `sub`, by what `authorizerContext` returns, or by a client. A `principalId` alone is often
   * the same text for every caller, as in the samples of AWS.
   */
  namesCaller: boolean
}

/**
 * Turns the context of a Lambda authorizer into claims. A list is an array or a JSON array.
 *
 * Without `authorizerContext` the subject is `sub`, or `principalId` if there is no `sub`.
 *
 * @see [AWS: output of a Lambda authorizer](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html)
 */
export function claimsOfContext(
  context: object,
  shape: EventShape,
  { authorizerContext }: CallerOptions,
): ContextClaims {
  const parsed = parseClaims(context, 'context')
  const mapped = authorizerContext?.(withUnclear(parsed, context), { shape })
  if (mapped) return { ...parseClaims(mapped, 'context'), namesCaller: true }
  const standard = parseClaims(standardClaims(parsed.claims, context), 'context')
  return { ...standard, namesCaller: hasNameOfCaller(context) }
}

function hasNameOfCaller(context: object): boolean {
  if (readText(ownValue(context, 'sub')) !== undefined) return true
  const client = clientOf(context)
  const principalId = readText(ownValue(context, 'principalId'))
  return client !== undefined && (principalId === undefined || principalId === client)
}

/** Applies `authorizerContext` to the claims of a JWT authorizer or a Cognito authorizer. */
export function mappedClaims(
  parsed: ParsedClaims,
  raw: object,
  shape: EventShape,
  { authorizerContext }: CallerOptions,
): ParsedClaims {
  const mapped = authorizerContext?.(withUnclear(parsed, raw), { shape })
  // Another issuer's group may have a space in its name, so that not even `[a b]` is split.
  return mapped ? parseClaims(mapped, 'unknown') : parsed
}

/** Adds the lists that were omitted, as they are in the event: the function decides what such a text means. */
function withUnclear({ claims, ambiguous }: ParsedClaims, raw: object): Claims {
  const unclear = ambiguous.map((name) => [name, ownValue(raw, name)] as const)
  return { ...claims, ...Object.fromEntries(unclear) }
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

import { isUserPoolIssuer } from './issuers.ts'
import type { ListText } from './lists.ts'
import { ownObject, ownValue } from './own-property.ts'
import { refusal } from './refusal.ts'
import { readHeaders, type RequestHeaders } from './request-headers.ts'
import { signatureOfHttp, signatureOfRest } from './signature-proof.ts'

/** The way in which the caller was named. */
export type EventShape =
  | 'rest-cognito'
  | 'http-jwt'
  | 'http-jwt-1.0'
  | 'http-iam'
  | 'http-iam-1.0'
  | 'function-url-iam'
  | 'rest-iam'
  | 'rest-lambda'
  | 'http-lambda'
  | 'alb-oidc'
  | 'bearer'

/** Everything that an event says about its caller. Nothing else of the event is read afterwards. */
export interface Evidence {
  /** What the gateway checked before this code runs. */
  proven: GatewayProof | undefined
  /** The token in `Authorization`, with or without `Bearer`. It is not verified. */
  bearer: HeaderValue
  /** The ID token next to a signature. It is not verified. */
  identityToken: HeaderValue
  /** A load balancer's `x-amzn-oidc-data`. It is not verified. */
  oidcData: HeaderValue
}

/** A header that may have come several times. Read it with {@link singleValue}. */
export interface HeaderValue {
  name: string
  /** Different values only. */
  values: readonly string[]
}

/** What a gateway reports to have checked. */
export type GatewayProof = ProvenClaims | ProvenSignature | AuthorizerContext

/** Claims of a token that a JWT authorizer or a Cognito authorizer verified. */
export interface ProvenClaims {
  by: 'token'
  shape: 'rest-cognito' | 'http-jwt' | 'http-jwt-1.0'
  claims: object
  /** How the gateway writes lists. */
  listText: ListText
  /** The token's scopes, if the gateway lists them apart from the claims. */
  scopes: unknown
}

/** The principal whose signature IAM verified. */
export interface ProvenSignature {
  by: 'signature'
  shape: 'http-iam' | 'http-iam-1.0' | 'function-url-iam' | 'rest-iam'
  /** ARN of the IAM user or of the role's session. */
  arn: string
  /** Present for credentials of an identity pool. */
  cognito?: CognitoLogins
}

/** How an identity of an identity pool signed in. */
export interface CognitoLogins {
  identityId: unknown
  identityPoolId: unknown
  /** `authenticated` or `unauthenticated`. */
  type: unknown
  /** The logins, one entry each. */
  logins: readonly unknown[]
}

/** What a Lambda authorizer passes on. */
export interface AuthorizerContext {
  by: 'authorizer'
  shape: 'rest-lambda' | 'http-lambda'
  context: object
}

/**
 * The header in which a signed call carries the caller's ID token.
 *
 * With IAM the API receives a user's `sub` and no other claim; the ID token has the email and the groups. The name starts with
 * `x-amz-`, because AWS's rules have every such header signed: changing it on the way breaks the signature.
 *
 * @see [AWS: canonical headers](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)
 */
export const identityHeader = 'x-amz-iamfetch-identity'

/**
 * Reads the facts about the caller from an event or a request. This is the only place that reads the event: what is read from
 * an object that an attacker may have written is all in this file, in `signature-proof.ts`, `request-headers.ts` and
 * `event-sender.ts`.
 *
 * Of an event only own properties are read. Two proofs by the gateway at once are refused: no gateway sends them.
 *
 * @param event  Of payload format 2.0 or 1.0, of a REST or WebSocket API, of a load balancer, or of a `TOKEN` authorizer;
 *   or a request of the web, of Node or of a framework, whose headers alone are read.
 * @param fromWebAdapter  Whether to believe `x-amzn-request-context`.
 * @throws {@link IamFetchError} `CALLER_MISMATCH`
 * @see [AWS: Lambda integrations, both formats](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html)
 */
export function readEvidence(event: unknown, fromWebAdapter: boolean): Evidence {
  const headers = readHeaders(event, HEADERS)
  const request = ownObject(event, 'requestContext')
  const proofs =
    fromWebAdapter && !request
      ? proofsOf(contextOfWebAdapter(headers), undefined)
      : proofsOf(request, event)
  if (proofs.length > 1) {
    throw refusal('CALLER_MISMATCH', 'The event names its caller in two ways at once.')
  }
  return {
    proven: proofs[0],
    bearer: bearerOf(event, headers),
    identityToken: { name: identityHeader, values: headers.get(identityHeader) ?? NO_VALUES },
    oidcData: { name: OIDC_DATA, values: headers.get(OIDC_DATA) ?? NO_VALUES },
  }
}

/**
 * Reads a header that may be there once.
 *
 * @throws {@link IamFetchError} `CALLER_MISMATCH` if it came more than once with different values.
 */
export function singleValue({ name, values }: HeaderValue): string | undefined {
  if (values.length > 1) {
    throw refusal('CALLER_MISMATCH', `The header "${name}" came more than once.`)
  }
  return values[0]
}

const OIDC_DATA = 'x-amzn-oidc-data'
const WEB_ADAPTER_CONTEXT = 'x-amzn-request-context'
const HEADERS = ['authorization', identityHeader, OIDC_DATA, WEB_ADAPTER_CONTEXT]
const NO_VALUES: readonly string[] = Object.freeze([])

function bearerOf(event: unknown, headers: RequestHeaders): HeaderValue {
  // The event of a REST API's TOKEN authorizer has no headers.
  const isTokenEvent = ownValue(event, 'type') === 'TOKEN'
  const given = isTokenEvent
    ? [ownValue(event, 'authorizationToken')]
    : (headers.get('authorization') ?? NO_VALUES)
  const values = given.filter((value) => typeof value === 'string')
  if (values.length > 1) return { name: 'authorization', values }
  const token = values[0] === undefined ? undefined : tokenOf(values[0].trim())
  return { name: 'authorization', values: token === undefined ? NO_VALUES : [token] }
}

/** The token of an `Authorization` header; `undefined` for a signature, a password and an empty header. */
function tokenOf(value: string): string | undefined {
  if (/^(AWS4-|Basic |Digest )/i.test(value)) return undefined
  return value.replace(/^Bearer +/i, '') || undefined
}

/**
 * The request context that Lambda Web Adapter passes on as JSON.
 *
 * @see [Lambda Web Adapter](https://github.com/awslabs/aws-lambda-web-adapter), which replaces such a header of a client
 *   (read in its source; unverified on AWS)
 */
function contextOfWebAdapter(headers: RequestHeaders): object | undefined {
  const values = headers.get(WEB_ADAPTER_CONTEXT) ?? NO_VALUES
  const json = singleValue({ name: WEB_ADAPTER_CONTEXT, values })
  if (json === undefined) return undefined
  try {
    return ownObject({ context: JSON.parse(json) }, 'context')
  } catch {
    throw refusal('CALLER_MISMATCH', `The header "${WEB_ADAPTER_CONTEXT}" is not JSON.`, {
      remedy: 'Set "lambdaWebAdapter" only if this code runs behind Lambda Web Adapter.',
    })
  }
}

/** @param event  `undefined` if only its request context is known, and with it not the payload's format. */
function proofsOf(request: object | undefined, event: unknown): GatewayProof[] {
  const authorizer = ownObject(request, 'authorizer')
  const proofs: GatewayProof[] = []
  const jwt = ownObject(authorizer, 'jwt')
  const jwtClaims = ownObject(jwt, 'claims')
  if (jwtClaims) {
    const listText = listTextOfHttp(jwtClaims)
    const scopes = ownValue(jwt, 'scopes')
    proofs.push({ by: 'token', shape: 'http-jwt', claims: jwtClaims, listText, scopes })
  }
  const claims = ownObject(authorizer, 'claims')
  if (claims) proofs.push(claimsProof(claims, ownValue(authorizer, 'scopes'), event))
  const iam = ownObject(authorizer, 'iam')
  if (iam) proofs.push(...signatureOfHttp(iam, ownValue(request, 'domainName')))
  const identity = ownObject(request, 'identity')
  if (identity) proofs.push(...signatureOfRest(identity, ownValue(event, 'version')))
  const lambda = ownObject(authorizer, 'lambda')
  if (lambda) proofs.push({ by: 'authorizer', shape: 'http-lambda', context: lambda })
  if (proofs.length === 0 && authorizer) proofs.push(...contextOfRest(authorizer))
  return proofs
}

/** `authorizer.claims` of a REST API, whose events have no version, or of an HTTP API with payload format 1.0. */
function claimsProof(claims: object, scopes: unknown, event: unknown): ProvenClaims {
  if (event === undefined) {
    return { by: 'token', shape: 'rest-cognito', claims, listText: 'unknown', scopes }
  }
  return ownValue(event, 'version') === undefined
    ? { by: 'token', shape: 'rest-cognito', claims, listText: 'commas', scopes }
    : { by: 'token', shape: 'http-jwt-1.0', claims, listText: listTextOfHttp(claims), scopes }
}

/**
 * An HTTP API's list can be split at its spaces if its entries have none. That is known of the groups of a user pool only;
 * other issuers may have a group "Site Admin".
 */
function listTextOfHttp(claims: object): ListText {
  const issuer = ownValue(claims, 'iss')
  return issuer === undefined || isUserPoolIssuer(issuer) ? 'spaces' : 'unknown'
}

/**
 * The entries of a Lambda authorizer's context are next to `principalId`; `jwt`, `iam` and `lambda` are the gateway's. With
 * payload format 1.0 a route without an authorizer has `claims` and `scopes` of `null`.
 */
function contextOfRest(authorizer: object): AuthorizerContext[] {
  const entries = Object.entries(authorizer).filter(
    ([name, value]) =>
      value !== null && !OF_THE_GATEWAY.includes(name) && !isMadeUpPrincipal(name, value),
  )
  const namesCaller = entries.some(([name]) => !/latency$/i.test(name))
  if (!namesCaller) return []
  return [{ by: 'authorizer', shape: 'rest-lambda', context: Object.fromEntries(entries) }]
}

const OF_THE_GATEWAY = ['jwt', 'iam', 'lambda', 'claims']

/** serverless-offline writes `offlineContext_…` into the fields for which it knows no value. */
const isMadeUpPrincipal = (name: string, value: unknown): boolean =>
  name === 'principalId' && typeof value === 'string' && value.startsWith('offlineContext_')

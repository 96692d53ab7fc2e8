import { readText, type ListText } from './claims.ts'
import { own, ownObject } from './own.ts'
import { refusal } from './refusal.ts'

/** By which way the caller was named. */
export type EventShape =
  | 'rest-cognito'
  | 'http-jwt'
  | 'http-jwt-1.0'
  | 'http-iam'
  | 'function-url-iam'
  | 'rest-iam'
  | 'rest-lambda'
  | 'http-lambda'
  | 'alb-oidc'
  | 'bearer'

/** What an event says about its caller, before anything is believed. */
export type Evidence =
  | {
      shape: 'rest-cognito' | 'http-jwt' | 'http-jwt-1.0'
      claims: object
      listText: ListText
      /** The token's scopes, where the gateway tells them apart from the claims. */
      scopes: unknown
    }
  | { shape: 'http-iam' | 'function-url-iam' | 'rest-iam'; iam: IamEvidence }
  | { shape: 'rest-lambda' | 'http-lambda'; context: object }
  | { shape: 'alb-oidc' | 'bearer'; token: string }

/** Who signed a request, as the gateway tells it. */
export interface IamEvidence {
  /** ARN of the IAM user or of the role's session. */
  arn: string
  /** Present for credentials of an identity pool. */
  cognito?: {
    identityId: unknown
    identityPoolId: unknown
    /** `authenticated` or `unauthenticated`. */
    type: unknown
    /** The logins, each entry apart. */
    logins: readonly unknown[]
  }
}

/**
 * Finds what an event of API Gateway, a function URL or a load balancer says about its caller.
 *
 * Only own properties are looked at. A proof by the gateway comes before a token that is merely passed
 * through, and two proofs by the gateway at once are refused: no gateway sends them.
 *
 * @param event  Of payload format 2.0 or 1.0, of a REST or WebSocket API, or of a load balancer; of anything
 *   else only `headers` count.
 * @returns `undefined` where nothing names a caller.
 * @see [AWS: Lambda integrations, both formats](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html)
 */
export function readEvent(event: unknown): Evidence | undefined {
  const proven = fromGateway(event)
  if (proven.length > 1) throw refusal('CALLER_MISMATCH', 'The event names its caller twice.')
  if (proven[0]) return proven[0]
  const oidc = headerOf(event, 'x-amzn-oidc-data')
  if (oidc !== undefined) return { shape: 'alb-oidc', token: oidc }
  const token = bearerToken(event)
  return token === undefined ? undefined : { shape: 'bearer', token }
}

/** The token in the `Authorization` header, with or without `Bearer`; nothing for a signature. */
export function bearerToken(event: unknown): string | undefined {
  const value = headerOf(event, 'authorization')?.trim()
  if (value === undefined || /^(AWS4-|Basic |Digest )/i.test(value)) return undefined
  return value.replace(/^Bearer +/i, '') || undefined
}

/**
 * Reads a header, whatever the case of its name and whether the event has one value a name or many.
 *
 * @throws {@link IamFetchError} `CALLER_MISMATCH` when it came twice with different values.
 */
export function headerOf(event: unknown, name: string): string | undefined {
  const found = new Set<string>()
  for (const key of ['headers', 'multiValueHeaders']) {
    for (const [header, value] of Object.entries(ownObject(event, key) ?? {})) {
      if (header.length !== name.length || header.toLowerCase() !== name) continue
      for (const one of [value].flat()) if (typeof one === 'string' && one) found.add(one)
    }
  }
  if (found.size > 1) throw refusal('CALLER_MISMATCH', `The header ${name} came more than once.`)
  return [...found][0]
}

function fromGateway(event: unknown): Evidence[] {
  const request = ownObject(event, 'requestContext')
  const authorizer = ownObject(request, 'authorizer')
  const found: Evidence[] = []
  const jwt = ownObject(authorizer, 'jwt')
  const jwtClaims = ownObject(jwt, 'claims')
  if (jwtClaims) {
    const scopes = own(jwt, 'scopes')
    found.push({ shape: 'http-jwt', claims: jwtClaims, listText: 'spaces', scopes })
  }
  const claims = ownObject(authorizer, 'claims')
  if (claims) {
    const scopes = own(authorizer, 'scopes')
    // A REST API's event has no version.
    found.push(
      own(event, 'version') === undefined
        ? { shape: 'rest-cognito', claims, listText: 'commas', scopes }
        : { shape: 'http-jwt-1.0', claims, listText: 'spaces', scopes },
    )
  }
  const iam = ownObject(authorizer, 'iam')
  if (iam) found.push(iamOfHttp(iam, own(request, 'domainName')))
  const identity = ownObject(request, 'identity')
  if (identity && own(identity, 'userArn')) found.push(iamOfRest(identity))
  const lambda = ownObject(authorizer, 'lambda')
  if (lambda) found.push({ shape: 'http-lambda', context: lambda })
  if (found.length === 0 && authorizer) found.push(...contextOfRest(authorizer))
  return found
}

function iamOfHttp(iam: object, domainName: unknown): Evidence {
  const cognito = ownObject(iam, 'cognitoIdentity')
  const amr = own(cognito, 'amr')
  const [type, ...logins]: unknown[] = Array.isArray(amr) ? amr : []
  return {
    shape: String(domainName).includes('.lambda-url.') ? 'function-url-iam' : 'http-iam',
    iam: {
      arn: arnOf(own(iam, 'userArn')),
      ...(cognito && {
        cognito: {
          identityId: own(cognito, 'identityId'),
          identityPoolId: own(cognito, 'identityPoolId'),
          type,
          logins,
        },
      }),
    },
  }
}

function iamOfRest(identity: object): Evidence {
  const parts = ['cognitoIdentityId', 'cognitoIdentityPoolId', 'cognitoAuthenticationType']
  const byCognito = [...parts, 'cognitoAuthenticationProvider'].some((name) => own(identity, name))
  return {
    shape: 'rest-iam',
    iam: {
      arn: arnOf(own(identity, 'userArn')),
      ...(byCognito && {
        cognito: {
          identityId: own(identity, 'cognitoIdentityId'),
          identityPoolId: own(identity, 'cognitoIdentityPoolId'),
          type: own(identity, 'cognitoAuthenticationType'),
          logins: splitLogins(own(identity, 'cognitoAuthenticationProvider')),
        },
      }),
    },
  }
}

/** An endless text is left whole: as such it names nobody. */
const splitLogins = (provider: unknown): readonly unknown[] => {
  if (provider === null || provider === undefined || provider === '') return []
  return typeof provider === 'string' && provider.length <= 4_096 ? provider.split(',') : [provider]
}

/** A Lambda authorizer's entries stand beside `principalId`; `jwt`, `iam` and `lambda` are the gateway's. */
function contextOfRest(authorizer: object): Evidence[] {
  const context = Object.fromEntries(
    Object.entries(authorizer).filter(
      ([name]) => !['jwt', 'iam', 'lambda', 'claims'].includes(name),
    ),
  )
  const says = Object.keys(context).some((name) => !/latency$/i.test(name))
  return says ? [{ shape: 'rest-lambda', context }] : []
}

function arnOf(value: unknown): string {
  const arn = readText(value)
  if (arn?.startsWith('arn:')) return arn
  throw refusal('CALLER_MISMATCH', 'The event has no ARN of the principal that signed.')
}

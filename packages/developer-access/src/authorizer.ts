import { isIamFetchError } from '@iamfetch/core'
import type { Owners } from './owner.ts'

/** A Lambda authorizer: receives the gateway's event, returns its response. */
export type KeyAuthorizer = (event: KeyAuthorizerEvent) => Promise<unknown>

/** What a Lambda authorizer reads of its event. */
export interface KeyAuthorizerEvent {
  version?: string
  /** Of a REST API's `TOKEN` authorizer. */
  authorizationToken?: string
  headers?: Readonly<Record<string, string | undefined>> | null
  methodArn?: string
  routeArn?: string
}

/**
 * Creates a Lambda authorizer that lets opaque keys in: for an HTTP API with simple responses (payload 2.0), for a REST API
 * and an HTTP API with policies.
 *
 * Its context names the client, from which `withOwner` finds the user, so that a revocation takes effect in spite of the
 * gateway's cache of authorizer responses.
 *
 * @see [AWS: Lambda authorizers for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html)
 * @see [AWS: Lambda authorizers for REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html)
 */
export function keyAuthorizer({ verifyToken }: Owners): KeyAuthorizer {
  return async (event) => {
    const claims = await claimsOf(event, verifyToken)
    if (event.version === '2.0') {
      return claims ? { isAuthorized: true, context: claims } : { isAuthorized: false }
    }
    // The word to which API Gateway responds with 401.
    if (!claims) throw new Error('Unauthorized')
    return {
      principalId: claims['sub'],
      context: claims,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: wholeStage(event) }],
      },
    }
  }
}

async function claimsOf(
  { authorizationToken, headers }: KeyAuthorizerEvent,
  verifyToken: Owners['verifyToken'],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const named = Object.entries(headers ?? {}).find(
    ([name]) => name.toLowerCase() === 'authorization',
  )
  const value = authorizationToken ?? named?.[1] ?? ''
  try {
    return await verifyToken(value.trim().replace(/^Bearer +/i, ''))
  } catch (error) {
    if (isIamFetchError(error) && error.status === 401) return undefined
    throw error
  }
}

/** The response is cached for the key, so it has to be valid for every route. */
const wholeStage = ({ methodArn, routeArn = methodArn }: KeyAuthorizerEvent): string =>
  `${(routeArn ?? '').split('/').slice(0, 2).join('/')}/*`

import { checkOptions, invalidOption, isIamFetchError, type OptionNames } from '@iamfetch/core'
import { presentedTexts, withoutScheme, type KeySource } from './key-source.ts'
import type { KeyOwner, Owners } from './owner.ts'

/** A Lambda authorizer: receives the gateway's event, returns its response. */
export type KeyAuthorizer = (event: KeyAuthorizerEvent) => Promise<unknown>

/** What a Lambda authorizer reads of its event. */
export interface KeyAuthorizerEvent {
  version?: string
  /** Of a REST API's `TOKEN` authorizer: the value of the header that it is configured with. */
  authorizationToken?: string
  /** Of an HTTP API: the values of the places that the authorizer is configured with. */
  identitySource?: readonly string[] | string | null
  headers?: Readonly<Record<string, string | undefined>> | null
  queryStringParameters?: Readonly<Record<string, string | undefined>> | null
  methodArn?: string
  routeArn?: string
}

/** What an authorizer returns to the gateway in addition. */
export interface KeyAuthorizerOptions {
  /**
   * Returns the value of the API Gateway API key by which a REST API with `apiKeySource: AUTHORIZER` counts a call against a usage
   * plan. The client ID of the key may be that value, if it was imported as an API key; the secret must not be.
   *
   * @default no usage plan
   */
  usageIdentifierKey?:
    | ((owner: KeyOwner) => string | undefined | Promise<string | undefined>)
    | undefined
}

const OWNER = 'authorizer'
const NAMES: OptionNames<KeyAuthorizerOptions> = { usageIdentifierKey: true }

/**
 * Creates a Lambda authorizer that lets opaque keys in: for an HTTP API with simple responses (payload 2.0), for a REST API, a
 * WebSocket API and an HTTP API with policies.
 *
 * Its context names the client, from which `withOwner` finds the user, so that a revocation takes effect in spite of the
 * gateway's cache of authorizer responses.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [AWS: Lambda authorizers for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html)
 * @see [AWS: Lambda authorizers for REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html)
 * @see [AWS: the source of an API key](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html)
 */
export function keyAuthorizer(
  owners: Owners,
  sources: readonly KeySource[],
  options: KeyAuthorizerOptions = {},
): KeyAuthorizer {
  checkOptions(OWNER, options, NAMES)
  const { usageIdentifierKey } = options
  if (usageIdentifierKey !== undefined && typeof usageIdentifierKey !== 'function') {
    throw invalidOption(OWNER, '"usageIdentifierKey" must be a function', usageIdentifierKey)
  }
  return async (event) => {
    const claims = await claimsOf(event, sources, owners.verifyToken)
    if (event.version === '2.0') {
      return claims ? { isAuthorized: true, context: claims } : { isAuthorized: false }
    }
    // The word to which API Gateway responds with 401.
    if (!claims) throw new Error('Unauthorized')
    const clientId = String(claims['client_id'])
    const owner = usageIdentifierKey && (await owners.find(clientId))
    const usageKey = owner && (await usageIdentifierKey(owner))
    return {
      principalId: clientId,
      context: claims,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: wholeStage(event) }],
      },
      ...(usageKey !== undefined && { usageIdentifierKey: usageKey }),
    }
  }
}

/** The claims of the first text that is a key. A key that does not work ends the search. */
async function claimsOf(
  event: KeyAuthorizerEvent,
  sources: readonly KeySource[],
  verifyToken: Owners['verifyToken'],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { authorizationToken = [], identitySource } = event
  const configured = [authorizationToken, identitySource ?? []].flat()
  const texts = configured.filter((value) => typeof value === 'string').map(withoutScheme)
  try {
    for (const text of [...texts, ...presentedTexts(event, sources)]) {
      const claims = await verifyToken(text)
      if (claims) return claims
    }
    return undefined
  } catch (error) {
    if (isIamFetchError(error) && error.status === 401) return undefined
    throw error
  }
}

/** The response is cached for the key, so it has to be valid for every route. */
const wholeStage = ({ methodArn, routeArn = methodArn }: KeyAuthorizerEvent): string =>
  `${(routeArn ?? '').split('/').slice(0, 2).join('/')}/*`

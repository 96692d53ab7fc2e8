import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import { grantOf } from './grant.ts'
import { metadataText } from './metadata.ts'
import { refusalOfStatus, refusalWithoutName, refused, type TokenRefusalCode } from './refusal.ts'
import { awsErrorName, field, textField } from './response-fields.ts'
import { serviceUrl } from './service-url.ts'
import type { TokenEndpoint, TokenResponse } from './token-endpoint.ts'

/** Which app client, and where. */
export interface CognitoClientTokenOptions {
  /** The region of the user pool, for example `eu-central-1`. */
  region: string
  /** The app client's ID. */
  clientId: string
  /** Reaches Lambda triggers as `clientMetadata`. */
  metadata?: Readonly<Record<string, string>> | undefined
  /** Another endpoint, for a local stack or a VPC. @default `https://cognito-idp.<region>.amazonaws.com/` */
  endpoint?: string | URL | undefined
}

const OWNER = 'cognitoClientToken'
const NAMES: OptionNames<CognitoClientTokenOptions> = {
  region: true,
  clientId: true,
  metadata: true,
  endpoint: true,
}

/**
 * Cognito's `GetClientToken`: a machine token without a user pool domain.
 *
 * The app client needs a secret and `ALLOW_CLIENT_TOKEN_AUTH` as its only flow. The call is not signed. Which quota it counts
 * against and what it costs is unverified.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`, for example for an endpoint that is neither https nor http on loopback.
 * @see [Cognito: GetClientToken](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetClientToken.html)
 * @example
 * ```ts
 * const source = cognitoClientToken({ region: 'eu-central-1', clientId: '1example23456789' })
 * ```
 */
export function cognitoClientToken(options: CognitoClientTokenOptions): TokenEndpoint {
  checkOptions(OWNER, options, NAMES)
  const { region, clientId, metadata } = options
  if (typeof clientId !== 'string' || !clientId) {
    throw invalidOption(OWNER, '"clientId" must be a text that is not empty', clientId)
  }
  const url = serviceUrl(OWNER, 'cognito-idp', region, options.endpoint)
  return {
    identity: ['GetClientToken', url, clientId, metadata ? metadataText(metadata) : ''],
    request: ({ clientSecret, scopes }) => ({
      url,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSCognitoIdentityProviderService.GetClientToken',
      },
      body: JSON.stringify({
        ClientId: clientId,
        Secret: clientSecret,
        ...(scopes.length && { Scopes: scopes }),
        ...(metadata && { ClientMetadata: metadata }),
      }),
    }),
    read(response) {
      if (response.status !== 200) throw refusalOf(response)
      const result = field(response.json, 'ClientAuthenticationResult')
      if (!result) throw refused('UNEXPECTED_ANSWER', response)
      return grantOf(
        {
          token: field(result, 'AccessToken'),
          tokenType: field(result, 'TokenType'),
          expiresIn: field(result, 'ExpiresIn'),
          clientId,
          format: 'jwt',
          tokenUseRequired: true,
        },
        response,
      )
    },
  }
}

function refusalOf(response: TokenResponse) {
  const { status, json, headers } = response
  const error = awsErrorName(json, headers)
  const message = textField(json, 'message') || textField(json, 'Message')
  const isAboutScopes = error === 'InvalidParameterException' && /scope/i.test(message)
  const code =
    BY_ERROR.get(error) ??
    refusalOfStatus(status) ??
    (isAboutScopes ? 'INVALID_SCOPE' : refusalWithoutName(status))
  return refused(code, response, error)
}

/**
 * The documented exceptions of the operation, and two that its service has for scopes and limits. A refused request has
 * status 400 here, throttled ones too.
 */
const BY_ERROR: ReadonlyMap<string, TokenRefusalCode> = new Map(
  Object.entries<TokenRefusalCode>({
    NotAuthorizedException: 'INVALID_CLIENT',
    ResourceNotFoundException: 'INVALID_CLIENT',
    ScopeDoesNotExistException: 'INVALID_SCOPE',
    OperationNotEnabledException: 'UNAUTHORIZED_CLIENT',
    ForbiddenException: 'FORBIDDEN',
    TooManyRequestsException: 'THROTTLED',
    LimitExceededException: 'THROTTLED',
    ThrottlingException: 'THROTTLED',
    InternalErrorException: 'SERVICE_UNAVAILABLE',
  }),
)

import { grantOf } from './grant.ts'
import { lastResort, refusalOf, refused, type Refusal } from './refusal.ts'
import { serviceUrl } from './service-url.ts'
import { field, metadataText, textField, wireName, type TokenSource } from './source.ts'

/** Which app client, and where. */
export interface CognitoClientTokenOptions {
  region: string
  clientId: string
  /** Reaches Lambda triggers as `clientMetadata`. */
  metadata?: Readonly<Record<string, string>> | undefined
  /** Another endpoint, for a local stack or a VPC. @default `https://cognito-idp.<region>.amazonaws.com/` */
  endpoint?: string | URL | undefined
}

/**
 * Cognito's `GetClientToken`: a machine token without a user pool domain.
 *
 * The app client needs a secret and `ALLOW_CLIENT_TOKEN_AUTH` as its only flow. The call is not signed.
 * Which quota it counts against and what it costs is unverified.
 *
 * @throws TypeError for a region that is none, or an endpoint that is not https (or http on loopback).
 * @see [Cognito: GetClientToken](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetClientToken.html)
 */
export function cognitoClientToken(options: CognitoClientTokenOptions): TokenSource {
  const { region, clientId, metadata } = options
  if (typeof clientId !== 'string' || !clientId) throw new TypeError('clientId: a text is needed')
  const url = serviceUrl('cognito-idp', region, options.endpoint)
  const described = metadata ? metadataText(metadata) : ''
  return {
    identity: ['GetClientToken', url, clientId, '', '', described, 'jwt'],
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
    read(answer) {
      const { status, json, headers } = answer
      if (status === 200) {
        const result = field(json, 'ClientAuthenticationResult')
        if (!result) throw refused('UNEXPECTED_ANSWER', answer)
        return grantOf(
          {
            token: field(result, 'AccessToken'),
            tokenType: field(result, 'TokenType'),
            expiresIn: field(result, 'ExpiresIn'),
            clientId,
            format: 'jwt',
            tokenUseRequired: true,
          },
          answer,
        )
      }
      // `aws.cognito#NotAuthorizedException`, or `NotAuthorizedException:http://…` in the header.
      const type = wireName(
        (textField(json, '__type') || headers.get('x-amzn-errortype') || '')
          .split('#')
          .at(-1)
          ?.split(':')[0],
      )
      const said = textField(json, 'message') || textField(json, 'Message')
      const code =
        BY_TYPE.get(type) ??
        refusalOf(status) ??
        (type === 'InvalidParameterException' && /scope/i.test(said)
          ? 'INVALID_SCOPE'
          : undefined) ??
        lastResort(status)
      throw refused(code, answer, type)
    },
  }
}

/**
 * The operation's documented exceptions, and two that its service has for scopes and limits. A refused
 * request is HTTP 400 here, throttled ones too.
 */
const BY_TYPE: ReadonlyMap<string, Refusal> = new Map(
  Object.entries<Refusal>({
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

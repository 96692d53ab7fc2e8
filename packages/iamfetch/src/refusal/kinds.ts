import type { ServiceKind, ServiceRefusals } from './services.ts'

/** Why a request was refused, as far as its response tells. A minor version may add a code. */
export type RefusalCode =
  /** The signature's date is further off than the service accepts: five or fifteen minutes. */
  | 'CLOCK_SKEW'
  | 'SIGNATURE_MISMATCH'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_INVALID'
  /** A presigned URL was used after its time. */
  | 'URL_EXPIRED'
  /** Signed for another region or service. */
  | 'WRONG_SCOPE'
  /** No authorization arrived, or there is no such path, method or stage. */
  | 'AUTH_MISSING'
  | 'AUTH_MALFORMED'
  /** The caller is known, and a policy says no. */
  | 'ACCESS_DENIED'
  /** A Lambda authorizer refused, or its cached policy did. No signature was checked. */
  | 'AUTHORIZER_DENIED'
  /** `{"message":"Forbidden"}`: an HTTP API, a WAF or a missing API key. It does not say why. */
  | 'FORBIDDEN'
  /** CloudFront, AWS WAF or a load balancer refused before the API saw the request. */
  | 'BLOCKED'
  /** A 401: the bearer token was not accepted. */
  | 'UNAUTHORIZED'
  /** The bearer token was accepted, and has none of the scopes that are needed. */
  | 'SCOPES_MISSING'
  /** The identity pool does not serve guests. */
  | 'GUEST_NOT_ALLOWED'
  /** The trust policy of a role does not let the caller assume it. */
  | 'ROLE_TRUST_INVALID'
  /** Several roles fit, and none is preferred. */
  | 'ROLE_AMBIGUOUS'
  /** The identity pool or IAM does not trust the issuer of the token. */
  | 'LOGIN_PROVIDER_NOT_TRUSTED'
  /** An unknown text: of the application itself, or of an AWS service whose message then says more. */
  | 'UNKNOWN'

/** One kind of refusal: finer than a code, because the advice differs. */
export type RefusalKind = GatewayKind | ServiceKind

/** Kinds that may come from an API behind a gateway. */
type GatewayKind =
  | 'clock-skew'
  | 'clock-skew-of-service'
  | 'signature-mismatch'
  | 'session-expired'
  | 'login-expired'
  | 'credentials-unknown'
  | 'login-invalid'
  | 'url-expired'
  | 'wrong-scope'
  | 'wrong-region'
  | 'wrong-day'
  | 'auth-missing'
  | 'appsync-auth-missing'
  | 'signed-url-missing'
  | 'auth-malformed'
  | 'auth-method-mismatch'
  | 'signed-header-missing'
  | 'access-denied'
  | 'access-denied-unsaid'
  | 'access-denied-encoded'
  | 'graphql-field-denied'
  | 'opensearch-denied'
  | 'model-access-denied'
  | 'key-denied'
  | 'authorizer-denied'
  | 'appsync-authorizer-denied'
  | 'forbidden'
  | 'iot-forbidden'
  | 'blocked'
  | 'bearer-refused'
  | 'bearer-expired'
  | 'bearer-revoked'
  | 'password-refused'
  | 'scopes-missing'
  | 'guest-not-allowed'
  | 'role-trust'
  | 'role-ambiguous'
  | 'provider-not-trusted'
  | 'unknown'

/** The code and the meaning of a kind of refusal. */
export interface KindMeaning {
  code: RefusalCode
  message: string
}

/** @param services  Needed for the kinds of AWS's own services. */
export function meaningOf(kind: RefusalKind, services?: ServiceRefusals): KindMeaning {
  return isOfGateway(kind) ? KINDS[kind] : (services?.meanings[kind] ?? KINDS.unknown)
}

const isOfGateway = (kind: RefusalKind): kind is GatewayKind => Object.hasOwn(KINDS, kind)

const KINDS: Readonly<Record<GatewayKind, KindMeaning>> = {
  'clock-skew': {
    code: 'CLOCK_SKEW',
    message: 'The clock of the device is more than five minutes wrong.',
  },
  'clock-skew-of-service': {
    code: 'CLOCK_SKEW',
    message: 'The clock of the device is more than fifteen minutes wrong.',
  },
  'signature-mismatch': {
    code: 'SIGNATURE_MISMATCH',
    message:
      'The gateway computed another signature: something on the way changed the host, the path, a signed header or the body, or the secret access key is wrong.',
  },
  'session-expired': {
    code: 'TOKEN_EXPIRED',
    message: 'The session has expired. Get new credentials.',
  },
  'login-expired': {
    code: 'TOKEN_EXPIRED',
    message: 'The token of the sign-in has expired.',
  },
  'credentials-unknown': {
    code: 'TOKEN_INVALID',
    message:
      'AWS does not know this session token or access key. Get new credentials, and check that they are complete and of this partition.',
  },
  'login-invalid': {
    code: 'TOKEN_INVALID',
    message: 'The token of the sign-in is not valid for this identity pool or role.',
  },
  'url-expired': {
    code: 'URL_EXPIRED',
    message: 'The presigned URL has expired.',
  },
  'wrong-scope': {
    code: 'WRONG_SCOPE',
    message:
      'The signature is for another region or service than those of the API. Set "region", and "service" to the one that the response names.',
  },
  'wrong-region': {
    code: 'WRONG_SCOPE',
    message: 'The signature is for another region than that of the bucket or service.',
  },
  'wrong-day': {
    code: 'WRONG_SCOPE',
    message: 'The signature names another day in its scope than the request in X-Amz-Date.',
  },
  'auth-missing': {
    code: 'AUTH_MISSING',
    message:
      'There is no such path, method or stage, or something on the way removed the Authorization header. Check the stage in "baseUrl" and whether the API is deployed.',
  },
  'appsync-auth-missing': {
    code: 'AUTH_MISSING',
    message: 'AppSync found no authorization in the request that the API accepts.',
  },
  'signed-url-missing': {
    code: 'AUTH_MISSING',
    message: 'CloudFront serves this path only with a signed URL or signed cookies.',
  },
  'auth-malformed': {
    code: 'AUTH_MALFORMED',
    message:
      'The Authorization header is not an AWS signature. A JWT that is sent to an IAM route gets this response.',
  },
  'signed-header-missing': {
    code: 'AUTH_MALFORMED',
    message:
      'The request, or its signature, lacks a header that AWS requires; the response names it.',
  },
  'auth-method-mismatch': {
    code: 'AUTH_MALFORMED',
    message: 'The agent accepts either signatures or OAuth tokens, and the request had the other.',
  },
  'access-denied': {
    code: 'ACCESS_DENIED',
    message: 'The signature is valid, but the policy of the role does not allow this call.',
  },
  'access-denied-unsaid': {
    code: 'ACCESS_DENIED',
    message: 'AWS denied the access and does not say which action or policy.',
  },
  'access-denied-encoded': {
    code: 'ACCESS_DENIED',
    message: 'AWS denied the access and put the reason into an encoded message.',
  },
  'graphql-field-denied': {
    code: 'ACCESS_DENIED',
    message:
      'AppSync denied a field: the authorization rules of the schema do not include the caller.',
  },
  'opensearch-denied': {
    code: 'ACCESS_DENIED',
    message:
      'OpenSearch accepted the signature, but its own roles do not give the caller this permission.',
  },
  'model-access-denied': {
    code: 'ACCESS_DENIED',
    message: 'The account has no access to this Bedrock model in this region.',
  },
  'key-denied': {
    code: 'ACCESS_DENIED',
    message: 'The KMS key cannot be used by the caller, or is not in this region.',
  },
  'authorizer-denied': {
    code: 'AUTHORIZER_DENIED',
    message:
      'The Lambda authorizer of the API refused the token, or its cached policy did. No signature was checked.',
  },
  'appsync-authorizer-denied': {
    code: 'AUTHORIZER_DENIED',
    message:
      'AppSync did not authorize the call: its Lambda authorizer refused, or the API key is not valid.',
  },
  forbidden: {
    code: 'FORBIDDEN',
    message:
      'The gateway refused and does not say why. An HTTP API gives this response if the role may not call the route, and if the signature, the session or the clock is wrong; a WAF or a missing API key gives it, too.',
  },
  'iot-forbidden': {
    code: 'FORBIDDEN',
    message: 'AWS IoT refused and does not say why.',
  },
  blocked: {
    code: 'BLOCKED',
    message: 'CloudFront, AWS WAF or a load balancer refused before the API saw the request.',
  },
  'bearer-refused': {
    code: 'UNAUTHORIZED',
    message:
      'The token was not accepted: it has expired, or it is from another issuer or for another audience than this API expects.',
  },
  'bearer-expired': {
    code: 'UNAUTHORIZED',
    message: 'The token was not accepted because it has expired.',
  },
  'bearer-revoked': {
    code: 'UNAUTHORIZED',
    message: 'The token was not accepted because it was revoked.',
  },
  'password-refused': {
    code: 'UNAUTHORIZED',
    message: 'Cognito did not accept the user name or the password.',
  },
  'scopes-missing': {
    code: 'SCOPES_MISSING',
    message: 'The token was accepted, but it has none of the scopes that this call needs.',
  },
  'guest-not-allowed': {
    code: 'GUEST_NOT_ALLOWED',
    message: 'The identity pool does not give credentials to guests, and no sign-in was sent.',
  },
  'role-trust': {
    code: 'ROLE_TRUST_INVALID',
    message: 'The trust policy of the role does not let the identity pool or the caller assume it.',
  },
  'role-ambiguous': {
    code: 'ROLE_AMBIGUOUS',
    message: 'Several roles fit the user, and the identity pool denies ambiguous choices.',
  },
  'provider-not-trusted': {
    code: 'LOGIN_PROVIDER_NOT_TRUSTED',
    message: 'IAM or the identity pool does not trust the issuer or the audience of the token.',
  },
  unknown: {
    code: 'UNKNOWN',
    message: 'No gateway is known to send this response; the application behind it refused.',
  },
}

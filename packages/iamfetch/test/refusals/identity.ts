import { ISSUES, message, query, rowsOf, type, typed, type RefusalRow } from './row.ts'

const session = { code: 'UNAUTHORIZED', responsible: 'session' } as const

const USER_POOL = rowsOf({ service: 'Cognito user pool', status: 400 }, [
  {
    ...type('NotAuthorizedException'),
    body: typed('NotAuthorizedException', 'Access Token does not have required scopes'),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/1906`,
    code: 'SCOPES_MISSING',
    responsible: 'session',
    remedy: /aws\.cognito\.signin\.user\.admin/,
  },
  {
    ...type('NotAuthorizedException'),
    body: typed('NotAuthorizedException', 'Access Token does not have required scopes'),
    source: `${ISSUES}/aws-amplify/amplify-android/issues/1592`,
    code: 'SCOPES_MISSING',
    responsible: 'session',
    remedy: /Request a token/,
  },
  {
    ...session,
    body: typed('NotAuthorizedException', 'Access Token has been revoked'),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/2205`,
    remedy: /Sign the user in again/,
  },
  {
    ...session,
    body: typed('NotAuthorizedException', 'Incorrect username or password.'),
    source: `${ISSUES}/qqaatw/JciHitachiHA/issues/41`,
    remedy: /password again/,
  },
])

const IDENTITY_POOL = rowsOf({ service: 'Cognito identity pool', status: 400 }, [
  {
    ...type('NotAuthorizedException'),
    body: typed(
      'NotAuthorizedException',
      "Logins don't match. Please include at least one valid login for this identity or identity pool.",
    ),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/2443`,
    code: 'TOKEN_INVALID',
    responsible: 'session',
    remedy: /ID of the identity pool/,
  },
  {
    body: typed(
      'NotAuthorizedException',
      'Unauthenticated access is not supported for this identity pool.',
    ),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/1089`,
    code: 'GUEST_NOT_ALLOWED',
    responsible: 'session',
    remedy: /enable guest access/,
  },
  {
    body: typed(
      'InvalidIdentityPoolConfigurationException',
      'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
    ),
    source: `${ISSUES}/amazon-archives/amazon-cognito-auth-js/issues/196`,
    code: 'ROLE_TRUST_INVALID',
    responsible: 'policy',
    remedy: /cognito-identity\.amazonaws\.com:aud/,
  },
  {
    body: typed(
      'InvalidIdentityPoolConfigurationException',
      'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
    ),
    source: `${ISSUES}/aws-amplify/amplify-cli/issues/3198`,
    code: 'ROLE_TRUST_INVALID',
    responsible: 'policy',
    remedy: /trust policy/,
  },
  {
    body: typed(
      'NotAuthorizedException',
      'The ambiguous role mapping rules for: cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf123:x denied this request',
    ),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/8644`,
    code: 'ROLE_AMBIGUOUS',
    responsible: 'policy',
    remedy: /precedence/,
  },
  {
    body: typed('NotAuthorizedException', 'Invalid login token. Not a Cognito token.'),
    source: `${ISSUES}/aws-amplify/aws-sdk-android/issues/1431`,
    code: 'TOKEN_INVALID',
    responsible: 'session',
    remedy: /ID token/,
  },
  {
    body: typed('NotAuthorizedException', "Invalid login token. Couldn't verify signed token."),
    source: `${ISSUES}/amazon-archives/amazon-cognito-identity-js/issues/91`,
    code: 'TOKEN_INVALID',
    responsible: 'session',
    remedy: /app client/,
  },
  {
    body: typed(
      'NotAuthorizedException',
      'Invalid login token. Token expired: 1667365798 >= 1667235770',
    ),
    source: `${ISSUES}/qqaatw/JciHitachiHA/issues/33`,
    code: 'TOKEN_EXPIRED',
    responsible: 'session',
    remedy: /function that renews it/,
  },
])

const STS = rowsOf({ service: 'STS', status: 400 }, [
  {
    body: query(
      'InvalidIdentityToken',
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    ),
    source: `${ISSUES}/awslabs/aws-sdk-rust/issues/827`,
    code: 'LOGIN_PROVIDER_NOT_TRUSTED',
    responsible: 'policy',
    remedy: /jwks_uri in it are public/,
    never: /Create the OIDC provider/,
  },
  {
    body: query(
      'InvalidIdentityToken',
      'No OpenIDConnect provider found in your account for https://auth.example.com/',
    ),
    source: `${ISSUES}/mozilla-iam/mozilla-aws-cli/issues/127`,
    code: 'LOGIN_PROVIDER_NOT_TRUSTED',
    responsible: 'policy',
    remedy: /OIDC provider/,
  },
  {
    body: query(
      'InvalidIdentityToken',
      'No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com',
    ),
    source: `${ISSUES}/aws-actions/configure-aws-credentials/issues/280`,
    code: 'LOGIN_PROVIDER_NOT_TRUSTED',
    responsible: 'policy',
    remedy: /issuer URL/,
  },
  {
    body: query('InvalidIdentityToken', 'Incorrect token audience'),
    source: `${ISSUES}/awslabs/amazon-eks-irsa-cfn/pull/18`,
    code: 'LOGIN_PROVIDER_NOT_TRUSTED',
    responsible: 'policy',
    remedy: /audience/,
  },
  {
    status: 403,
    body: query('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'),
    source: `${ISSUES}/aws/aws-sdk-js-v3/issues/6225`,
    code: 'ROLE_TRUST_INVALID',
    responsible: 'policy',
    remedy: /sts:AssumeRoleWithWebIdentity/,
  },
  {
    status: 403,
    body: query(
      'SignatureDoesNotMatch',
      'Signature expired: 20151221T200419Z is now earlier than 20151221T201450Z (20151221T201950Z - 5 min.)',
    ),
    source: `${ISSUES}/convox/rack/issues/235`,
    code: 'CLOCK_SKEW',
    responsible: 'device',
    remedy: /Set the clock/,
  },
  {
    status: 403,
    body: query(
      'IncompleteSignature',
      "'x/20200122/us-east-1/sts/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential= x/20200122/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=x'.",
    ),
    source: `${ISSUES}/boto/boto3/issues/2280`,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /signature/,
  },
])

const url = 'https://abc.appsync-api.us-east-1.amazonaws.com/graphql'
const errors = (errorType: string, text: string): string =>
  JSON.stringify({ errors: [{ errorType, message: text }] })

const APPSYNC = rowsOf({ service: 'AppSync', status: 401, url }, [
  {
    body: errors('UnauthorizedException', 'Valid authorization header not provided.'),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/4373`,
    code: 'AUTH_MISSING',
    responsible: 'caller',
    remedy: /createTokenFetch for Cognito/,
  },
  {
    body: errors('UnauthorizedException', 'You are not authorized to make this call.'),
    source: `${ISSUES}/aws/aws-appsync-community/issues/372`,
    code: 'AUTHORIZER_DENIED',
    responsible: 'api',
    remedy: /isAuthorized: false/,
  },
  {
    status: 200,
    body: JSON.stringify({
      data: { syncReviews: null },
      errors: [
        {
          path: ['syncReviews'],
          data: null,
          errorType: 'Unauthorized',
          errorInfo: null,
          locations: [{ line: 2, column: 3, sourceName: null }],
          message: 'Not Authorized to access syncReviews on type ModelReviewConnection',
        },
      ],
    }),
    source: `${ISSUES}/aws-amplify/amplify-android/issues/2124`,
    code: 'ACCESS_DENIED',
    responsible: 'policy',
    remedy: /appsync:GraphQL/,
  },
  {
    status: 403,
    ...type('InvalidSignatureException'),
    body: errors(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/2422`,
    code: 'SIGNATURE_MISMATCH',
    responsible: 'unknown',
    remedy: /without proxy and CDN/,
  },
])

const PARTNERS = rowsOf({ service: 'API of a partner behind API Gateway' }, [
  {
    body: '{"errors":[{"message":"\'AWS4-HMAC-SHA256\' not a valid key=value pair (missing equal-sign) in Authorization header: \'Authorization: AWS4-HMAC-SHA256 Credential=x\'.","code":"InvalidInput"}]}',
    source: `${ISSUES}/amzn/selling-partner-api-models/issues/1432`,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /AWS signature/,
  },
  {
    body: message(
      "'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'x'.",
    ),
    source: `${ISSUES}/HumanCellAtlas/data-store/issues/328`,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /deployed API/,
  },
])

export const IDENTITY: readonly RefusalRow[] = [
  ...USER_POOL,
  ...IDENTITY_POOL,
  ...STS,
  ...APPSYNC,
  ...PARTNERS,
]

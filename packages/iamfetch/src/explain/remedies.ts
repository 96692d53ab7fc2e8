import type { RefusalKind } from '../refusal/kinds.ts'
import type { Explanation } from './explanation.ts'

/** Who is responsible for a refusal that says what it is, and what to do. */
export type Advice = Pick<Explanation, 'responsible' | 'remedy'>

export const adviceFor = (kind: RefusalKind): Advice => ADVICE[kind]

const RENEW_TOKEN = 'Get a new token: pass "token" or "idToken" as a function that renews it.'

const ADVICE: Record<RefusalKind, Advice> = {
  'clock-skew': {
    responsible: 'device',
    remedy: [
      'Set the clock of the device, or pass credentials that have a clock, such as cognitoCredentials: createIamFetch then corrects it once per call.',
    ],
  },
  'signature-mismatch': { responsible: 'proxy', remedy: [] },
  'session-expired': {
    responsible: 'session',
    remedy: [
      'Pass "credentials" as a function that renews them: cognitoCredentials(…) itself, not its result.',
    ],
  },
  'credentials-unknown': {
    responsible: 'session',
    remedy: [
      'Send the session token with the keys of the same response, and check that they are of the partition of the API.',
    ],
  },
  'wrong-scope': {
    responsible: 'caller',
    remedy: [
      'Set "region" to the region of the API, also for a custom domain.',
      'Remove "service" for API Gateway, whose service is execute-api; for another service set it to the one that its host belongs to.',
    ],
  },
  'wrong-day': {
    responsible: 'caller',
    remedy: [
      'Sign each request when it is sent: the signer in use keeps a signing key or a signature beyond midnight UTC.',
    ],
  },
  'auth-missing': {
    responsible: 'caller',
    remedy: [
      'Check stage, path and method against the deployed API: a REST API gives this response for a route that does not exist.',
      'Call with the fetch that createIamFetch returned, not with the plain one, and check that no proxy removes the Authorization header.',
    ],
  },
  'auth-malformed': {
    responsible: 'caller',
    remedy: [
      'Send an AWS signature to this route: use createIamFetch, not a bearer token.',
      'Check the path against the deployed API: a REST API gives this response to a bearer token also for a route that does not exist.',
      'Remove spaces and line breaks around the access key: they break the header in two.',
    ],
  },
  'access-denied': { responsible: 'policy', remedy: [] },
  forbidden: { responsible: 'unknown', remedy: [] },
  'bearer-refused': {
    responsible: 'session',
    remedy: [
      'Get a new token, and compare its iss and aud or client_id, and its scopes, with the authorizer of the route.',
      'Call a route that has a JWT or Cognito authorizer with createTokenFetch: it gives the same response to a signature.',
    ],
  },
  'clock-skew-of-service': {
    responsible: 'device',
    remedy: [
      'Set the clock of the device. The response tells the time of the service in ServerTime or in its Date header.',
    ],
  },
  'login-expired': { responsible: 'session', remedy: [RENEW_TOKEN] },
  'login-invalid': {
    responsible: 'session',
    remedy: [
      'Send the ID token of the user pool or provider that the identity pool is configured with, unchanged and of the right app client.',
      RENEW_TOKEN,
    ],
  },
  'url-expired': {
    responsible: 'caller',
    remedy: [
      'Presign the URL just before it is used, or raise "expiresInSeconds". The URL ends with the credentials that signed it, if these expire earlier.',
    ],
  },
  'wrong-region': {
    responsible: 'caller',
    remedy: ['Sign for the region that the message expects, and call its regional host.'],
  },
  'appsync-auth-missing': {
    responsible: 'caller',
    remedy: [
      'Send what the API expects: a signature with createIamFetch for AWS_IAM, or a token with createTokenFetch for Cognito, OIDC and Lambda. AppSync takes the Authorization header of the default mode unless another mode is allowed.',
    ],
  },
  'signed-url-missing': {
    responsible: 'caller',
    remedy: [
      'Call with a CloudFront signed URL or with its signed cookies. A signature of Signature Version 4 does not replace them.',
    ],
  },
  'signed-header-missing': {
    responsible: 'caller',
    remedy: [
      'Send and sign the header that the response names. createIamFetch sends X-Amz-Date and signs it with the host, so check that nothing on the way removes it.',
    ],
  },
  'auth-method-mismatch': {
    responsible: 'caller',
    remedy: [
      'Call an agent with a JWT authorizer with createTokenFetch, and one with IAM authorization with createIamFetch.',
    ],
  },
  'access-denied-unsaid': {
    responsible: 'policy',
    remedy: [
      'Allow the action for the caller in a policy of its role or user, and in the resource-based policy if the resource belongs to another account.',
      'Find the denied action in CloudTrail: the event has errorCode AccessDenied and, for most services, the whole message.',
      'Check the session: some services give this response also for a caller of another account or region.',
    ],
  },
  'access-denied-encoded': {
    responsible: 'policy',
    remedy: [
      'Decode the message: aws sts decode-authorization-message --encoded-message <text>. It needs the permission sts:DecodeAuthorizationMessage, and names the action, the resource and the statement.',
    ],
  },
  'graphql-field-denied': {
    responsible: 'policy',
    remedy: [
      'Allow the caller in the authorization rules of the schema (@auth, @aws_iam, @aws_cognito_user_pools, or a.allow in Amplify Gen 2).',
      'For a call that IAM authorizes, let the role call the field: {"Effect":"Allow","Action":"appsync:GraphQL","Resource":"arn:aws:appsync:<region>:<account>:apis/<API ID>/types/<type>/fields/<field>"}.',
    ],
  },
  'opensearch-denied': {
    responsible: 'policy',
    remedy: [
      'Map the ARN of the IAM role as a backend role to an OpenSearch role that has this permission (Security, Roles, Mapped users). An IAM policy alone does not give it.',
    ],
  },
  'model-access-denied': {
    responsible: 'policy',
    remedy: [
      'Enable the model for the account in this region, in the Bedrock console or by an AWS Marketplace subscription, and check the region of the call.',
      'Let the role call bedrock:InvokeModel on the model and, for an inference profile, on the profile and the model in each of its regions.',
    ],
  },
  'key-denied': {
    responsible: 'policy',
    remedy: [
      'Let the key policy and a policy of the caller allow kms:Decrypt. A key that AWS manages cannot be used from another account.',
      'Check that the key exists and is enabled in the region of the call.',
    ],
  },
  'authorizer-denied': {
    responsible: 'api',
    remedy: [
      'Read the logs of the Lambda authorizer: it decides by the token or header that it is configured with. No IAM policy of the caller changes its decision.',
      'If it allowed another route before, let it return a policy for all routes, or set its cache to 0 seconds: the cached policy covers the first route only.',
    ],
  },
  'appsync-authorizer-denied': {
    responsible: 'api',
    remedy: [
      'Read the logs of the Lambda authorizer, which returned isAuthorized: false, or send a valid API key in x-api-key.',
    ],
  },
  'iot-forbidden': {
    responsible: 'policy',
    remedy: [
      'Let a policy of the role allow the action, for example iot:Publish or iot:GetThingShadow on the ARN of the topic or thing.',
      'For a signed-in user of an identity pool, attach an AWS IoT policy to the identity as well: aws iot attach-policy --target <identity ID>.',
      'Call the data endpoint of the account, of aws iot describe-endpoint --endpoint-type iot:Data-ATS.',
    ],
  },
  blocked: {
    responsible: 'proxy',
    remedy: [
      'Look the request up in the logs of the web ACL (AWS WAF), and correct the rule that blocks it.',
      'If there is no web ACL, check the geographic restriction of the distribution, its alternate domain names, and the listener rules of the load balancer.',
    ],
  },
  'bearer-expired': { responsible: 'session', remedy: [RENEW_TOKEN] },
  'bearer-revoked': {
    responsible: 'session',
    remedy: [
      'Sign the user in again: a sign-out on another device or an administrator revoked the token.',
    ],
  },
  'password-refused': {
    responsible: 'session',
    remedy: ['Ask for the user name and the password again.'],
  },
  'scopes-missing': {
    responsible: 'session',
    remedy: [
      'Request a token with one of the scopes that the route or the call names, and let the app client have that scope.',
      "For Cognito's own user operations, include the scope aws.cognito.signin.user.admin.",
    ],
  },
  'guest-not-allowed': {
    responsible: 'session',
    remedy: ['Sign the user in and pass "idToken", or enable guest access in the identity pool.'],
  },
  'role-trust': {
    responsible: 'policy',
    remedy: [
      'Let the trust policy of the role allow sts:AssumeRoleWithWebIdentity for the provider, with the right audience (for an identity pool cognito-identity.amazonaws.com:aud) and, if there is one, the right subject or amr condition.',
      'Check that the identity pool has a role for this kind of user.',
    ],
  },
  'role-ambiguous': {
    responsible: 'policy',
    remedy: [
      'Give the groups of the user different precedence numbers, or choose a role: cognitoCredentials({ role }) or withRole(arn).',
    ],
  },
  'provider-not-trusted': {
    responsible: 'policy',
    remedy: [
      'Create the OIDC provider in this account with the very issuer URL of the token, and add the audience of the token to it.',
      'For an identity pool, add the provider or the app client to its authentication providers.',
    ],
  },
  'provider-unreachable': {
    responsible: 'policy',
    remedy: [
      'Check that <issuer>/.well-known/openid-configuration and the jwks_uri in it are public and respond within seconds.',
      'If the certificate of the issuer is not of a public authority, add its thumbprint to the OIDC provider in IAM.',
    ],
  },
  'login-mismatch': {
    responsible: 'session',
    remedy: [
      'Check the ID of the identity pool, and that the issuer of the token is one of its authentication providers.',
      'If another user signed in, request a new identity: call clear() of cognitoCredentials at each sign-out.',
    ],
  },
  'payload-hash-mismatch': {
    responsible: 'proxy',
    remedy: [
      'Send the very bytes that were hashed: createIamFetch and withContentHash read the body once for that.',
      'Check that nothing on the way changes the body, for example by compression.',
    ],
  },
  'post-policy-expired': {
    responsible: 'caller',
    remedy: ['Request the policy just before the upload, or sign it for a longer time.'],
  },
  'post-policy-refused': {
    responsible: 'caller',
    remedy: [
      'Send the fields and the file as the conditions of the policy say, or sign a policy whose conditions fit them.',
    ],
  },
  'collection-denied': {
    responsible: 'policy',
    remedy: [
      'Add the ARN of the IAM role to a data access policy of the collection, with the permissions for its indexes.',
      'Let a policy of the role allow aoss:APIAccessAll on the collection.',
      'Check that the network policy of the collection lets the caller in, and that the signature is for the service aoss.',
    ],
  },
  'operation-unknown': {
    responsible: 'caller',
    remedy: [
      'Check the method, the path and the API version in it against the API reference of the service, and that the service has this operation in the region.',
      'For an integration of API Gateway with a service, check its method and path: a Lambda function is invoked with POST.',
    ],
  },
  'service-refused': {
    responsible: 'caller',
    remedy: ['Read the message of the response, and correct the request that it describes.'],
  },
  unknown: {
    responsible: 'api',
    remedy: ['Read the logs of the application: a gateway does not send this response.'],
  },
}

/** What users see after a typical mistake, and the page that explains it. */
export interface Mistake {
  mistake: string
  seen: string
  page: string
}

const error = (code: string): string => `errors/${code}/`
const FORBIDDEN = 'tasks/when-it-says-403'

/** Mistakes that were made by people who tried iamfetch, with the texts that they saw. */
export const MISTAKES: readonly Mistake[] = [
  {
    mistake: 'a user pool ID as identityPoolId',
    seen: '"identityPoolId" must look like eu-central-1:00000000-0000-0000-0000-000000000000',
    page: error('INVALID_OPTION'),
  },
  {
    mistake: 'an unknown identity pool, or another region',
    seen: "ResourceNotFoundException: IdentityPool 'eu-central-1:",
    page: error('POOL_NOT_FOUND'),
  },
  {
    mistake: 'no region for a custom domain',
    seen: 'does not contain an AWS region.',
    page: error('REGION_UNKNOWN'),
  },
  {
    mistake: 'a region that is not that of the host',
    seen: '"region" is "{region}", but {host} is in',
    page: error('INVALID_OPTION'),
  },
  {
    mistake: 'the wrong service for a Lambda function URL',
    seen: '"service" is "{service}", but {host} accepts signatures for',
    page: error('INVALID_OPTION'),
  },
  {
    mistake: 'an access token in place of the ID token',
    seen: 'The token is an access token, not an ID token.',
    page: error('NOT_AN_ID_TOKEN'),
  },
  {
    mistake: 'a text as idToken',
    seen: '"idToken" must be a function that returns the ID token',
    page: error('INVALID_OPTION'),
  },
  {
    mistake: 'amplifyIdToken without parentheses',
    seen: 'The ID token is not a JSON Web Token with "iss" and "sub", but a function.',
    page: error('ID_TOKEN_INVALID'),
  },
  {
    mistake: 'Amplify without a configuration',
    seen: 'pass the user pool to Amplify.configure',
    page: error('LOGIN_REQUIRED'),
  },
  {
    mistake: 'the sign-in service cannot be reached',
    seen: '"idToken" failed: TypeError.',
    page: error('NETWORK_OR_CORS'),
  },
  {
    mistake: 'a user in no group, or groups of the same precedence',
    seen: 'NotAuthorizedException: The ambiguous role mapping rules for',
    page: error('ROLE_AMBIGUOUS'),
  },
  {
    mistake: 'a role that does not trust the pool',
    seen: 'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
    page: error('ROLE_TRUST_INVALID'),
  },
  {
    mistake: 'a policy that does not allow the call',
    seen: 'is not authorized to perform: execute-api:Invoke on resource',
    page: FORBIDDEN,
  },
  {
    mistake: 'a REST API without its stage',
    seen: 'Missing Authentication Token',
    page: FORBIDDEN,
  },
  { mistake: 'the wrong stage or path', seen: '{"message":"Not Found"}', page: FORBIDDEN },
  {
    mistake: 'a body with GET',
    seen: 'GET and HEAD requests cannot have a body.',
    page: error('BODY_NOT_ALLOWED'),
  },
  {
    mistake: 'an object as body',
    seen: 'A body of the type "{body}" cannot be sent.',
    page: error('BODY_UNREADABLE'),
  },
  {
    mistake: 'a call to another origin',
    seen: 'Requests to {origin} are not allowed.',
    page: error('ORIGIN_NOT_ALLOWED'),
  },
  {
    mistake: 'a base URL that is not absolute',
    seen: '"baseUrl" must be an absolute https: URL',
    page: error('INVALID_OPTION'),
  },
  {
    mistake: 'no options',
    seen: 'the options must be an object',
    page: error('INVALID_OPTION'),
  },
  {
    mistake: 'a bearer token on an IAM route',
    seen: "Authorization header requires 'Credential' parameter.",
    page: FORBIDDEN,
  },
  { mistake: 'a wrong clock', seen: 'Signature expired:', page: FORBIDDEN },
  {
    mistake: 'a session that has expired',
    seen: 'The security token included in the request is expired',
    page: FORBIDDEN,
  },
  { mistake: 'a wrong client secret', seen: 'invalid_client', page: error('INVALID_CLIENT') },
  { mistake: 'an unknown scope', seen: 'invalid_scope', page: error('INVALID_SCOPE') },
  {
    mistake: 'a client without the grant',
    seen: 'unauthorized_client',
    page: error('UNAUTHORIZED_CLIENT'),
  },
  {
    mistake: 'a token without the scope of the route',
    seen: 'insufficient_scope',
    page: error('SCOPES_MISSING'),
  },
  {
    mistake: 'an API without CORS',
    seen: 'has been blocked by CORS policy',
    page: error('NETWORK_OR_CORS'),
  },
  {
    mistake: 'a host that does not exist',
    seen: 'TypeError: Failed to fetch',
    page: error('NETWORK_OR_CORS'),
  },
  { mistake: 'no network', seen: 'the device is offline.', page: error('OFFLINE') },
  {
    mistake: 'an app client that the identity pool does not know',
    seen: 'Token is not from a supported provider of this identity pool.',
    page: error('LOGIN_PROVIDER_NOT_TRUSTED'),
  },
]

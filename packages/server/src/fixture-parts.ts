/** The names in the fixtures. They belong to no account. */
export const fixtureIds = {
  userPoolId: 'eu-central-1_Examp1e00',
  /** The app client of the web app. */
  clientId: '1example0web0client23456789',
  /** The app client of a machine. */
  machineClientId: '2example0machine0client3456',
  identityId: 'eu-central-1:11111111-2222-4333-8444-555555555555',
  identityPoolId: 'eu-central-1:66666666-7777-4888-9999-000000000000',
  albArn:
    'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/example/0123456789abcdef',
} as const

const { userPoolId, clientId, machineClientId, identityId, identityPoolId } = fixtureIds
const provider = `cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`

/** Claims of a user's ID token, as they are in the token. It was valid on 1 January 2026, 00:00–01:00 UTC. */
export const aliceClaims: Readonly<Record<string, unknown>> = {
  sub: 'a11ce000-1111-4222-8333-444444444444',
  email: 'alice@example.com',
  email_verified: true,
  'cognito:username': 'alice',
  'cognito:groups': ['FullAccess', 'Editors'],
  'cognito:roles': ['arn:aws:iam::123456789012:role/FullAccessRole'],
  iss: `https://${provider}`,
  aud: clientId,
  token_use: 'id',
  auth_time: 1_767_225_600,
  iat: 1_767_225_600,
  exp: 1_767_229_200,
  jti: '0fedcba9-8765-4321-8fed-cba987654321',
}

/** Claims of a machine's access token, as Cognito's client credentials grant issues them. */
export const machineClaims: Readonly<Record<string, unknown>> = {
  sub: machineClientId,
  client_id: machineClientId,
  token_use: 'access',
  scope: 'premium/read premium/write',
  iss: `https://${provider}`,
  auth_time: 1_767_225_600,
  iat: 1_767_225_600,
  exp: 1_767_229_200,
  version: 2,
  jti: '12345678-9abc-4def-8123-456789abcdef',
}

/** An HTTP API's text: lists as `[a b]`, without those that are `null`. */
export const httpText = (claims: Readonly<Record<string, unknown>>): Record<string, string> =>
  textOf(claims, (list) => `[${list.join(' ')}]`)

/** A REST API's text: lists as `a,b`, `exp` and `iat` as dates in words. */
export const restText = (claims: Readonly<Record<string, unknown>>): Record<string, string> =>
  textOf({ ...claims, exp: inWords(claims['exp']), iat: inWords(claims['iat']) }, String)

/** A Lambda authorizer's context at a REST API, which takes no lists: they are JSON here. */
export const contextText = (claims: Readonly<Record<string, unknown>>): Record<string, string> =>
  textOf(claims, JSON.stringify)

/** The logins of an identity pool's identity that is a user pool's user. */
export const loginsOf = (claims: Readonly<Record<string, unknown>> = aliceClaims): string[] => {
  const { iss, sub } = claims
  const pool = typeof iss === 'string' ? iss.replace('https://', '') : provider
  return [pool, `${pool}:CognitoSignIn:${typeof sub === 'string' ? sub : ''}`]
}

const ROLE_ID = 'AROAEXAMPLE0ROLE00000'
const SESSION_ARN = 'arn:aws:sts::123456789012:assumed-role'

/** `requestContext.authorizer.iam`. @param amr `null` for a caller who has nothing to do with Cognito. */
export function iam(amr: readonly string[] | null): Record<string, unknown> {
  const session = amr ? 'CognitoIdentityCredentials' : 'deploy'
  return {
    accessKey: 'ASIAEXAMPLE000000000',
    accountId: '123456789012',
    callerId: `${ROLE_ID}:${session}`,
    cognitoIdentity: amr && { amr, identityId, identityPoolId },
    principalOrgId: null,
    userArn: `${SESSION_ARN}/${amr ? 'FullAccessRole' : 'DeployRole'}/${session}`,
    userId: `${ROLE_ID}:${session}`,
  }
}

/** `requestContext.identity` of a signed call. @param type `null` for a caller without Cognito. */
export function identity(type: string | null, logins: string | null): Record<string, unknown> {
  const { accessKey, accountId, callerId, userArn } = iam(type === null ? null : [type])
  return {
    ...restContext.identity,
    accessKey,
    accountId,
    caller: callerId,
    cognitoAuthenticationProvider: logins,
    cognitoAuthenticationType: type,
    cognitoIdentityId: type && identityId,
    cognitoIdentityPoolId: type && identityPoolId,
    user: callerId,
    userArn,
  }
}

/** `requestContext` of an HTTP API without an authorizer. */
export const httpContext: Readonly<Record<string, unknown>> = {
  accountId: '123456789012',
  apiId: 'example0api',
  domainName: 'example0api.execute-api.eu-central-1.amazonaws.com',
  domainPrefix: 'example0api',
  http: {
    method: 'GET',
    path: '/test',
    protocol: 'HTTP/1.1',
    sourceIp: '192.0.2.1',
    userAgent: 'example',
  },
  requestId: 'JKJaXmPLvHcESHA=',
  routeKey: 'GET /test',
  stage: '$default',
  time: '01/Jan/2026:00:00:00 +0000',
  timeEpoch: 1_767_225_600_000,
}

/** `requestContext` of a REST API without an authorizer. */
export const restContext = {
  accountId: '123456789012',
  apiId: 'example0api',
  domainName: 'example0api.execute-api.eu-central-1.amazonaws.com',
  domainPrefix: 'example0api',
  extendedRequestId: 'JKJaXmPLvHcESHA=',
  httpMethod: 'GET',
  identity: {
    accessKey: null,
    accountId: null,
    caller: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: '192.0.2.1',
    user: null,
    userAgent: 'example',
    userArn: null,
  },
  path: '/prod/test',
  protocol: 'HTTP/1.1',
  requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
  requestTime: '01/Jan/2026:00:00:00 +0000',
  requestTimeEpoch: 1_767_225_600_000,
  resourcePath: '/test',
  stage: 'prod',
}

function textOf(
  claims: Readonly<Record<string, unknown>>,
  listText: (list: readonly unknown[]) => string,
): Record<string, string> {
  const present = Object.entries(claims).filter(
    ([, value]) => value !== null && value !== undefined,
  )
  return Object.fromEntries(
    present.map(([name, value]) => {
      if (Array.isArray(value)) return [name, listText(value)]
      return [name, typeof value === 'string' ? value : JSON.stringify(value)]
    }),
  )
}

/** `Fri Jul 29 18:52:53 UTC 2016`; a value that is not a number of seconds is kept. */
function inWords(seconds: unknown): unknown {
  if (typeof seconds !== 'number') return seconds
  const [weekday = '', day, month, year, time] = new Date(seconds * 1_000).toUTCString().split(' ')
  return `${weekday.replace(',', '')} ${month} ${day} ${time} UTC ${year}`
}

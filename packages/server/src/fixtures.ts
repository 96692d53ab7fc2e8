import { checkOptions, type OptionNames } from '@iamfetch/core'
import { alb, http2, rest1, type EventChange } from './fixture-events.ts'
import {
  aliceClaims,
  contextText,
  httpText,
  iam,
  identity,
  loginsOf,
  restText,
} from './fixture-parts.ts'

export type { EventChange } from './fixture-events.ts'
export { aliceClaims, fixtureIds, machineClaims } from './fixture-parts.ts'

/** One shape of event, and the source that it is known from. */
export interface EventFixture {
  /** The place where the shape is described or was captured. */
  source: string
  /** Whether such an event was published as captured from AWS, and not only described. */
  seenOnAws: boolean
  /** What of it is assumed. */
  unverified?: string
  /**
   * Creates a new event.
   *
   * @throws {@link TypeError} with the code `INVALID_OPTION` for an unknown property of the change.
   */
  event(change?: EventChange): Record<string, unknown>
}

/** The ways in which an event names its caller, and two in which it does not name one. */
export type FixtureName =
  | 'rest-cognito'
  | 'http-jwt'
  | 'http-jwt-1.0'
  | 'http-iam'
  | 'http-iam-guest'
  | 'http-iam-role'
  | 'function-url-iam'
  | 'http-iam-1.0'
  | 'rest-iam'
  | 'rest-iam-guest'
  | 'rest-iam-role'
  | 'rest-lambda'
  | 'http-lambda'
  | 'alb-oidc'
  | 'alb-jwt'
  | 'http-open'
  | 'rest-open'

const FORMATS =
  'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html'
const CONTEXT =
  'https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html'
const ALB = 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application'
const GUIDE = 'github.com/anomalyco/guide/pull/706'

const FIXTURES: Readonly<Record<FixtureName, EventFixture>> = {
  'rest-cognito': {
    source: 'github.com/amazon-archives/amazon-cognito-identity-js/issues/92',
    seenOnAws: true,
    unverified: 'the comma between groups: what AWS samples split at, captured with one group only',
    event: ({ claims = aliceClaims, ...rest } = {}) =>
      rest1(rest, { authorizer: { claims: restText(claims) } }),
  },
  'http-jwt': {
    source: 'github.com/floci-io/floci/issues/2011',
    seenOnAws: true,
    event: ({ claims = aliceClaims, ...rest } = {}) =>
      http2(rest, { authorizer: { jwt: { claims: httpText(claims), scopes: null } } }),
  },
  'http-jwt-1.0': {
    source: FORMATS,
    seenOnAws: false,
    unverified: 'described for payload format 1.0, not captured',
    event: ({ claims = aliceClaims, ...rest } = {}) => ({
      version: '1.0',
      ...rest1(rest, { authorizer: { claims: httpText(claims), scopes: null } }),
    }),
  },
  'http-iam': {
    source: GUIDE,
    seenOnAws: true,
    event: ({ claims, ...rest } = {}) =>
      http2(rest, { authorizer: { iam: iam(['authenticated', ...loginsOf(claims)]) } }),
  },
  'http-iam-guest': {
    source: GUIDE,
    seenOnAws: false,
    unverified:
      'the shape of a signed-in identity, with the one amr that GetCredentialsForIdentity documents',
    event: (change) => http2(change, { authorizer: { iam: iam(['unauthenticated']) } }),
  },
  'http-iam-role': {
    source: GUIDE,
    seenOnAws: false,
    unverified: 'cognitoIdentity: null, as the types of @types/aws-lambda have it',
    event: (change) => http2(change, { authorizer: { iam: iam(null) } }),
  },
  'function-url-iam': {
    source: 'github.com/aws/serverless-java-container/issues/780',
    seenOnAws: true,
    unverified: 'cognitoIdentity of a signed-in identity: captured for a role, where it is null',
    event: ({ claims, ...rest } = {}) =>
      http2(rest, {
        authorizer: { iam: iam(['authenticated', ...loginsOf(claims)]) },
        domainName: 'example0url.lambda-url.eu-central-1.on.aws',
      }),
  },
  'http-iam-1.0': {
    source: 'github.com/aws/aws-lambda-java-libs/issues/444',
    seenOnAws: false,
    unverified:
      'that AWS fills cognitoAmr for a signed call: captured without a signature, where it is null',
    event: ({ claims, ...rest } = {}) => {
      const signed = identity('authenticated', null)
      const cognitoAmr = ['authenticated', ...loginsOf(claims)]
      const identityOf1 = { ...signed, cognitoAmr, cognitoAuthenticationType: null }
      return { version: '1.0', ...rest1(rest, { identity: identityOf1 }) }
    },
  },
  'rest-iam': {
    source: 'github.com/anomalyco/guide/issues/213',
    seenOnAws: true,
    event: ({ claims, ...rest } = {}) =>
      rest1(rest, { identity: identity('authenticated', loginsOf(claims).join(',')) }),
  },
  'rest-iam-guest': {
    source: CONTEXT,
    seenOnAws: false,
    unverified: 'the provider of a guest is null',
    event: (change) => rest1(change, { identity: identity('unauthenticated', null) }),
  },
  'rest-iam-role': {
    source: CONTEXT,
    seenOnAws: false,
    event: (change) => rest1(change, { identity: identity(null, null) }),
  },
  'rest-lambda': {
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html',
    seenOnAws: true,
    event: ({ claims = aliceClaims, ...rest } = {}) =>
      rest1(rest, {
        authorizer: {
          principalId: claims['sub'] ?? 'user',
          integrationLatency: 41,
          ...contextText(claims),
        },
      }),
  },
  'http-lambda': {
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html',
    seenOnAws: true,
    event: ({ claims = aliceClaims, ...rest } = {}) =>
      http2(rest, { authorizer: { lambda: structuredClone(claims) } }),
  },
  'alb-oidc': {
    source: 'github.com/awslabs/aws-jwt-verify/issues/109',
    seenOnAws: true,
    event: ({ token = '', headers } = {}) =>
      alb({
        ...headers,
        'x-amzn-oidc-data': token,
        'x-amzn-oidc-identity': 'not proven by itself',
      }),
  },
  'alb-jwt': {
    source: `${ALB}/listener-verify-jwt.html`,
    seenOnAws: false,
    unverified: 'that the token stays in Authorization is all that is documented',
    event: ({ token, headers } = {}) =>
      alb({ ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers }),
  },
  'http-open': { source: FORMATS, seenOnAws: true, event: (change) => http2(change, {}) },
  'rest-open': { source: FORMATS, seenOnAws: true, event: (change) => rest1(change, {}) },
}

function checkedFixtures(): Record<FixtureName, EventFixture> {
  const fixtures: Record<FixtureName, EventFixture> = { ...FIXTURES }
  for (const name of FIXTURE_NAMES) {
    const fixture = FIXTURES[name]
    const event: EventFixture['event'] = (change) => {
      if (change) checkOptions(`eventFixtures["${name}"]`, change, CHANGES)
      return fixture.event(change)
    }
    fixtures[name] = { ...fixture, event }
  }
  return fixtures
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the record above
const FIXTURE_NAMES = Object.keys(FIXTURES) as FixtureName[]
const CHANGES: OptionNames<EventChange> = { claims: true, token: true, headers: true }

/**
 * Events of every shape that `resolveCaller` reads, for tests of code that uses it.
 *
 * @example
 * ```ts
 * const event = eventFixtures['http-jwt'].event({ claims: { ...aliceClaims, 'cognito:groups': ['Admins'] } })
 * ```
 */
export const eventFixtures: Readonly<Record<FixtureName, EventFixture>> = checkedFixtures()

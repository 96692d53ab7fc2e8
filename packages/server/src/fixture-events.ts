import { httpContext, restContext } from './fixture-parts.ts'

/** What a test changes in an event. */
export interface EventChange {
  /**
   * The token's claims, as they are in the token; the event gets them in the gateway's text. An event of a
   * signed call takes `sub` alone of them, a Lambda authorizer's all of them as its context.
   *
   * @default `aliceClaims`
   */
  claims?: Readonly<Record<string, unknown>>
  /** A token for `Authorization`, or for `x-amzn-oidc-data` where the load balancer signs users in. */
  token?: string
  /** More headers, in lower case. */
  headers?: Readonly<Record<string, string>>
}

/** An event of payload format 2.0. @param context Put over `requestContext`. */
export function http2(change: EventChange | undefined, context: object): Record<string, unknown> {
  return {
    version: '2.0',
    routeKey: 'GET /test',
    rawPath: '/test',
    rawQueryString: '',
    headers: headersOf(change),
    requestContext: { ...httpContext, ...context },
    isBase64Encoded: false,
  }
}

/** An event of payload format 1.0. @param context Put over `requestContext`. */
export function rest1(change: EventChange | undefined, context: object): Record<string, unknown> {
  const headers = headersOf(change)
  return {
    resource: '/test',
    path: '/test',
    httpMethod: 'GET',
    headers,
    multiValueHeaders: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value]]),
    ),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    requestContext: { ...restContext, ...context },
    body: null,
    isBase64Encoded: false,
  }
}

/** An event of an Application Load Balancer. */
export const alb = (headers: Record<string, string>): Record<string, unknown> => ({
  requestContext: {
    elb: {
      targetGroupArn:
        'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/example/0123456789abcdef',
    },
  },
  httpMethod: 'GET',
  path: '/test',
  queryStringParameters: {},
  headers: { host: 'app.example.com', ...headers },
  body: '',
  isBase64Encoded: false,
})

const headersOf = ({ token, headers }: EventChange = {}): Record<string, string> => ({
  host: String(httpContext.domainName),
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
  ...headers,
})

import type { PolicyDocument } from '@iamfetch/policy'
import type {
  HandlerFile,
  HandlerSource,
  HttpProxy,
  LambdaEndpoint,
  StreamedHandler,
} from './backend.ts'

/** How an API responds to other origins. */
export interface CorsDefinition {
  /** Exact origins, or `*`. */
  allowOrigins: readonly string[]
  /** @default the methods of the routes */
  allowMethods?: readonly string[]
  /** @default what a signed request needs, and content-type */
  allowHeaders?: readonly string[]
  /** @default [] */
  exposeHeaders?: readonly string[]
  /** @default false */
  allowCredentials?: boolean
  /** Seconds for which a browser may remember the preflight. */
  maxAgeSeconds?: number
  /**
   * Whether responses of the gateway itself (401, 403, 5xx) have CORS headers. A REST API has them
   * only if `DEFAULT_4XX` and `DEFAULT_5XX` are configured; an HTTP API is reported to have them (aws/aws-sam-cli#9087).
   *
   * @default true for `http`, false for `rest`
   */
  onErrors?: boolean
}

/** One route or method of an API. */
export interface RouteDefinition {
  /**
   * `iam`: SigV4 and the role's policy decide. `jwt`: a user pool token does. `lambda`: an authorizer function of the API does.
   * `none`: every caller may.
   */
  auth: 'iam' | 'jwt' | 'lambda' | 'none'
  /** For `jwt`: one of these is enough. */
  scopes?: readonly string[]
  /** For `lambda`: the name of one of the API's `authorizers`. Defaults to the only one. */
  authorizer?: string
  /** REST APIs: whether a call needs an API key of a usage plan, in addition to `auth`. @default false */
  apiKeyRequired?: boolean
  /**
   * For `jwt`: the IDs of the app clients whose tokens are accepted.
   *
   * @default those of the definition, for `rest` those of the user pool
   */
  audience?: readonly string[]
  /**
   * The Lambda function behind it: `(event, context) => result`, run in this process, or the file and export that it is loaded
   * from, for example `./src/notes.ts#handler`. A route has one of `handler`, `lambda` and `proxy`.
   */
  handler?: HandlerSource
  /** The address of a Lambda function that something else runs, such as the runtime interface emulator. */
  lambda?: string | LambdaEndpoint
  /** Whether the response is sent at once, or while it is written: see {@link StreamedRouteDefinition}. @default 'buffered' */
  responseTransferMode?: 'buffered'
  /** An HTTP server behind it, for example `http://127.0.0.1:3001`. */
  proxy?: string | HttpProxy
}

/**
 * One method of a REST API whose response is sent while the handler writes it, for up to 15 minutes.
 *
 * @see [AWS: response transfer mode](https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html)
 */
export interface StreamedRouteDefinition extends Pick<
  RouteDefinition,
  'auth' | 'scopes' | 'authorizer' | 'apiKeyRequired'
> {
  responseTransferMode: 'stream'
  /** A handler that `awslambda.streamifyResponse` returned, run in this process or loaded from a file. */
  handler: StreamedHandler | string | HandlerFile
  lambda?: undefined
  proxy?: undefined
  audience?: undefined
}

/** What is behind a method and a path. */
export type AnyRouteDefinition = RouteDefinition | StreamedRouteDefinition

/**
 * A Lambda authorizer of an API: a function that decides about calls of routes with `auth: 'lambda'`.
 *
 * REST APIs: the function returns `principalId`, `policyDocument` and optionally `context` (strings, numbers and booleans) and
 * `usageIdentifierKey`. It is called with `authorizationToken` (`token`) or with the request (`request`). HTTP APIs: it returns
 * the same, or `{ isAuthorized, context }` with `simpleResponses`. An error with the message `Unauthorized` is a 401, any other
 * error and any other result a 500.
 *
 * @see [AWS: Lambda authorizers of REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html),
 *   [of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html)
 */
export interface LambdaAuthorizerDefinition {
  /** What the function receives: a token from one header, or the request. HTTP APIs have `request` only. Defaults to `token` for REST APIs. */
  type?: 'token' | 'request'
  /** The Lambda function: `(event, context) => result`, or where it is. */
  handler: HandlerSource
  /**
   * What identifies a caller, in AWS's words: `method.request.header.Authorization`, `method.request.querystring.key`,
   * `context.path` (REST); `$request.header.Authorization`, `$request.querystring.key`, `$context.routeKey` (HTTP). A request
   * without one of them is a 401, and the function is not called. The values together are the key of the cache.
   *
   * Defaults to `method.request.header.Authorization` for `token`, and to none for `request`.
   */
  identitySources?: readonly string[]
  /** `token`: a regular expression that the whole token has to match, or the call is a 401. Defaults to any token. */
  tokenPattern?: string
  /** For how many seconds a result is used again for the same identity sources: 0 to 3600. Defaults to 300 for REST APIs and to 0 for HTTP APIs. */
  resultTtlSeconds?: number
  /** HTTP APIs: the format of the event. @default '2.0' */
  payloadVersion?: '1.0' | '2.0'
  /** HTTP APIs with format 2.0: whether the function returns `{ isAuthorized, context }` instead of a policy. @default false */
  simpleResponses?: boolean
}

/** One API Gateway API. */
export interface ApiDefinition {
  /** `http`: payload 2.0 and terse refusals. `rest`: payload 1.0 and telling ones. */
  type: 'http' | 'rest'
  /** The stage in the path, as `prod`. @default `$default` at the root for `http`, `prod` for `rest` */
  stage?: string
  /** Which other origins may call; a page in a browser needs it. Defaults to none. */
  cors?: CorsDefinition
  /** By name: the authorizer functions of routes with `auth: 'lambda'`. @default none */
  authorizers?: Record<string, LambdaAuthorizerDefinition>
  /**
   * REST APIs: who may call. A route with `auth: 'none'` or `'jwt'` needs an allow here; on an `iam` or `lambda` route an allow
   * here or in the caller's policy is enough. A deny always counts. `execute-api:/*` stands for this API. @default none
   *
   * @see [AWS: resource policies and the authorization flow](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html)
   */
  resourcePolicy?: PolicyDocument
  /** REST APIs: where the API key of a call is, in the header `x-api-key` or in `usageIdentifierKey` of the authorizer's result. @default 'header' */
  apiKeySource?: 'header' | 'authorizer'
  /**
   * REST APIs: the media types that are bytes, such as `image/png`, `image/*` or `*\/*`. A body of one of them reaches the
   * function as base64, and a base64 result is sent as bytes if the first type of `Accept` is one of them. @default none
   */
  binaryMediaTypes?: readonly string[]
  /** `METHOD /path/{name}`, `ANY /path/{proxy+}` or `$default`. */
  routes: Record<string, AnyRouteDefinition>
}

/** How many calls an API key may make. */
export interface UsagePlanDefinition {
  /** The REST APIs that keys of the plan may call, by their names. */
  apis: readonly string[]
  /** Calls in a day, a week or a month, from midnight UTC. More are a 429 `Limit Exceeded`. Defaults to no limit. */
  quota?: { limit: number; period: 'DAY' | 'WEEK' | 'MONTH' }
  /** Calls in a second and the size of bursts. More are a 429 `Too Many Requests`. Defaults to no limit. */
  throttle?: { rateLimit: number; burstLimit: number }
}

/** An API key of REST APIs. It identifies a customer; it does not authorize a caller. */
export interface ApiKeyDefinition {
  /** The usage plan that it belongs to. */
  usagePlan: string
  /** 20 to 128 characters. Defaults to a value that is drawn at each start, which `stack.apiKeys` has. */
  value?: string
}

/** One route of a WebSocket API. */
export interface SocketRouteDefinition {
  /** On `$connect`: `iam` requires a signed URL and a permission of the role. Messages need nothing more. @default 'none' */
  auth?: 'iam' | 'none'
  /** `$connect`: a `statusCode` that is no 2xx refuses. Messages: a `body` in its result is sent back. */
  handler: HandlerSource
}

/** One WebSocket API of API Gateway. The route of a message is the `action` in its JSON. */
export interface SocketApiDefinition {
  type: 'websocket'
  /** The stage in the path. @default 'prod' */
  stage?: string
  /** `$connect`, `$disconnect`, `$default` or a value of `action` in the message. */
  routes: Record<string, SocketRouteDefinition>
}

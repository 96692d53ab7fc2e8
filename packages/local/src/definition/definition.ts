import type { PolicyDocument } from '@iamfetch/policy'
import type {
  HandlerFile,
  HandlerSource,
  HttpProxy,
  LambdaEndpoint,
  LocalHandler,
  StreamedHandler,
} from './backend.ts'
import type { CheckedDefinition } from './checked-definition.ts'
import type { FunctionUrlDefinition } from './function-url.ts'

/** A role that an identity pool may give out. */
export interface RoleDefinition {
  /** What the role may do. */
  policy: PolicyDocument
  /**
   * Who may assume it. Left out: what AWS asks for, the identity pool's ID as `aud` and
   * `authenticated` (`unauthenticated` for guests) in `amr`.
   */
  trust?: PolicyDocument
  /** @default `<name of the group>Role` */
  roleName?: string
}

/** A user pool group with its role. */
export interface GroupDefinition extends RoleDefinition {
  /** The lowest number wins when a user is in several groups. Without one the group never wins. */
  precedence?: number
}

/** Someone who can sign in. */
export interface UserDefinition {
  /** @default [] */
  groups?: readonly string[]
  /** Counts as verified. Defaults to no e-mail address. */
  email?: string
  /** Defaults to a new one at each start, which `stack.users` returns. */
  password?: string
  /** More user attributes; they become claims of the ID token. */
  attributes?: Record<string, string>
}

/** How an API answers other origins. */
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
   * Whether answers that the gateway makes itself (401, 403, 5xx) carry CORS headers. A REST API has them
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
   * `none`: everybody may.
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
   * function as base64, and a base64 result goes out as bytes if the first type of `Accept` is one of them. @default none
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

/** An API key of REST APIs. It identifies a customer; it does not authorize anybody. */
export interface ApiKeyDefinition {
  /** The usage plan that it belongs to. */
  usagePlan: string
  /** 20 to 128 characters. Defaults to a value that is drawn at each start, which `stack.apiKeys` has. */
  value?: string
}

/** One route of a WebSocket API. */
export interface SocketRouteDefinition {
  /** On `$connect`: `iam` asks for a signed URL and the role's policy. Messages need nothing more. @default 'none' */
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

/**
 * One rule of an identity pool: which role a claim of the ID token gives.
 *
 * @see [AWS: rules](https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html#using-rules-to-assign-roles-to-users)
 */
export interface RoleMappingRule {
  /** The name of the claim, such as `custom:department`. */
  claim: string
  /** How the claim is compared. A claim that is a list is compared as its JSON (unverified). */
  match: 'Equals' | 'NotEqual' | 'StartsWith' | 'Contains'
  value: string
  role: RoleDefinition
}

/** How the identity pool chooses a role. */
export interface IdentityPoolDefinition {
  /**
   * `token`: from the claims `cognito:roles` and `cognito:preferred_role`. `rules`: by the first of `rules` that matches.
   * `none`: always the default role.
   *
   * @default 'token'
   */
  roleMapping?: 'token' | 'rules' | 'none'
  /** With `roleMapping: 'rules'`: up to 25, in their order. If none matches, `ambiguousRoleResolution` decides. */
  rules?: readonly RoleMappingRule[]
  /** The IDs of the app clients whose ID tokens are accepted. Defaults to every client that people sign in with. */
  clientIds?: readonly string[]
  /** What happens when the claims do not decide. @default 'Deny' */
  ambiguousRoleResolution?: 'AuthenticatedRole' | 'Deny'
  /** The default role for signed-in users. Left out: a role without permissions. */
  authenticatedRole?: RoleDefinition
  /** The role for guests. Left out: guests are refused. */
  unauthenticatedRole?: RoleDefinition
  /** How long session credentials last, in seconds. @default 3600 */
  sessionSeconds?: number
  /**
   * Attributes for access control: principal tags of a session by the claim of the ID token that has their value, such as
   * `{ tenant: 'custom:tenant' }`, for `${aws:PrincipalTag/tenant}` in policies. A claim that the token does not have sets no
   * tag. A role with its own `trust` has to allow `sts:TagSession` as well. `default` is `{ username: 'sub', client: 'aud' }`.
   *
   * @default none
   * @see [AWS: attributes for access control](https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html)
   */
  principalTags?: Record<string, string> | 'default'
}

/** A role that a service of yours runs with, as the execution role of a Lambda function. */
export interface ServiceRoleDefinition {
  /** What it may do: call an API, read a secret, rotate that of an app client. */
  policy: PolicyDocument
  /** @default `<name of the role>Role` */
  roleName?: string
}

/**
 * An OAuth 2.0 client of the user pool, for machines.
 *
 * Secrets Manager has a secret for each, which goes by the app client's name and holds
 * `{ "clientId": …, "clientSecret": … }`.
 */
export interface AppClientDefinition {
  /** Defaults to one that is drawn at each start. */
  clientId?: string
  /** `resource server/scope` */
  scopes: readonly string[]
  /** Seconds. @default 3600 */
  accessTokenSeconds?: number
}

/**
 * Sign-in by redirect at the user pool's domain, as `oidc-client-ts`, `react-oidc-context` and mobile apps do it:
 * authorization code with PKCE for the app client that people sign in with.
 */
export interface HostedUiDefinition {
  /** Where a code may be sent. Compared as it stands, as on AWS. */
  callbackUrls: readonly string[]
  /** Where `/logout` may lead. @default [] */
  logoutUrls?: readonly string[]
  /** @default openid, email, phone, profile and aws.cognito.signin.user.admin */
  scopes?: readonly string[]
}

/** How refresh tokens rotate: every refresh returns a new refresh token, and the previous one ends. */
export interface RefreshTokenRotationDefinition {
  /** How long the previous refresh token still works, in seconds: 0 to 60. @default 0 */
  graceSeconds?: number
}

/**
 * An app client that people sign in with, in addition to the one without a secret (`config.userPoolClientId`). Server-side
 * web apps have one with a secret.
 *
 * @see [AWS: app clients](https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html)
 */
export interface SignInClientDefinition {
  /** Defaults to one that is drawn at each start. */
  clientId?: string
  /**
   * Whether it has a secret. The token endpoint then needs it as Basic or in the form, and the user pool's operations need
   * `SECRET_HASH`. `stack.signInClients` has it.
   *
   * @default true
   */
  secret?: boolean
  /** Where a code may be sent. Defaults to none: the client signs in with the user pool's operations alone. */
  callbackUrls?: readonly string[]
  /** Where `/logout` may lead. @default [] */
  logoutUrls?: readonly string[]
  /** @default openid, email, phone, profile and aws.cognito.signin.user.admin */
  scopes?: readonly string[]
  /** Defaults to off, as on AWS: refresh tokens stay the same for 30 days. */
  refreshTokenRotation?: RefreshTokenRotationDefinition
}

/** A pre-token-generation trigger: a Lambda function that may change claims, scopes and groups of a token. */
export interface PreTokenGenerationDefinition {
  /** The version of the event: 1 changes ID tokens, 2 access tokens as well. */
  version: 1 | 2
  /** Returns the event with its `response` filled in. */
  handler: HandlerSource
}

/** The settings of the user pool. */
export interface UserPoolDefinition {
  /** What users may sign in with instead of their user name. E-mail addresses are compared without case. @default [] */
  signInAliases?: readonly 'email'[]
  /** Whether people may sign up by themselves. Defaults to true, as a user pool that is created with AWS's API. */
  selfSignUp?: boolean
  /** Of the app client `config.userPoolClientId`. Defaults to off. */
  refreshTokenRotation?: RefreshTokenRotationDefinition
  /** A function alone receives events of version 2. */
  preTokenGeneration?: LocalHandler | PreTokenGenerationDefinition
}

/** IDs that stay the same, where something outside of the stack knows them. Each that is left out is drawn at each start. */
export interface StackIds {
  /** Such as `eu-central-1_AbCdEf123`, with the region of the stack. */
  userPoolId?: string
  /** The client that people sign in with, without a secret. */
  userPoolClientId?: string
  /** Such as `eu-central-1:11111111-2222-4333-8444-555555555555`, with the region of the stack. */
  identityPoolId?: string
  /** The ID of each API by its name: lower-case letters and digits. */
  apis?: Readonly<Record<string, string>>
}

/** Everything that a local stack is. Made with {@link defineStack}. */
export interface StackDefinition {
  /** @default 'eu-central-1' */
  region?: string
  /** @default '123456789012' */
  accountId?: string
  /** IDs that stay the same. @default none */
  ids?: StackIds
  /** By name: groups of the user pool, each with its role. @default none */
  groups?: Record<string, GroupDefinition>
  /** Names of groups that have no role: they are in `cognito:groups` and choose no role. @default none */
  groupsWithoutRole?: readonly string[]
  /** By username: who can sign in. @default none */
  users?: Record<string, UserDefinition>
  /** Without it, the role comes from the token, and a token that does not determine one is denied. */
  identityPool?: IdentityPoolDefinition
  /**
   * What the user pool names itself in tokens and in its OpenID configuration. `aws`: the issuer that a real pool has.
   * `local`: the address at which the configuration is (`config.issuer`), as OpenID Connect clients demand that discover it.
   *
   * @default 'aws'
   */
  issuer?: 'aws' | 'local'
  userPool?: UserPoolDefinition
  /** Sign-in by redirect for the app client `config.userPoolClientId`. */
  hostedUi?: HostedUiDefinition
  /** By name: more app clients that people sign in with, by default with a secret. @default none */
  signInClients?: Record<string, SignInClientDefinition>
  /** Resource servers and their scopes: `{ premium: ['read', 'write'] }`. */
  resourceServers?: Record<string, readonly string[]>
  /** By name: machines that get tokens with a client ID and a secret. @default none */
  appClients?: Record<string, AppClientDefinition>
  /** By name: usage plans of REST APIs. @default none */
  usagePlans?: Record<string, UsagePlanDefinition>
  /** By name: API keys; `stack.apiKeys` has their values. @default none */
  apiKeys?: Record<string, ApiKeyDefinition>
  /**
   * What services of yours may do with APIs, Secrets Manager and the user pool; `stack.roles` has their credentials.
   */
  roles?: Record<string, ServiceRoleDefinition>
  /** By name, which is also the key in `config.apis`. @default none */
  apis?: Record<string, ApiDefinition | SocketApiDefinition>
  /** By name, which is also the key in `config.functionUrls`: Lambda function URLs. @default none */
  functionUrls?: Record<string, FunctionUrlDefinition>
}

/**
 * Returns a definition with its names and literals as types, so that the compiler knows `stack.config.apis.notes.url` and
 * refuses a group, a scope or an API that does not exist. Its values are checked when the stack starts.
 *
 * A definition may be composed: `defineStack({ ...definition, apis: { ...definition.apis, more } })`.
 *
 * @example
 * ```ts
 * const definition = defineStack({
 *   groups: { Editors: { policy: editorsPolicy } },
 *   users: { alice: { groups: ['Editors'] } },
 *   apis: { notes: { type: 'http', routes: { 'GET /notes': { auth: 'iam', handler: listNotes } } } },
 * })
 * ```
 */
export const defineStack = <const Definition extends StackDefinition>(
  definition: Definition & CheckedDefinition<Definition>,
): Definition => definition

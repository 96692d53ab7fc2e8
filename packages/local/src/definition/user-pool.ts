import type { HandlerSource, LocalHandler } from './backend.ts'

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

/**
 * An OAuth 2.0 client of the user pool, for machines.
 *
 * Secrets Manager has a secret for each, which has the app client's name and contains
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
  /** Where a code may be sent. Compared character by character, as on AWS. */
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

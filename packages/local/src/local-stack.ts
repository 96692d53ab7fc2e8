import type { GivenApiKey } from './api-gateway/usage-plans.ts'
import type { GivenClient } from './cognito-user-pool/app-clients.ts'
import type { TokensMinted } from './cognito-user-pool/machine-tokens.ts'
import type { GivenSignInClient } from './cognito-user-pool/sign-in-clients.ts'
import type { UserTokens } from './cognito-user-pool/user-tokens.ts'
import type { SignIn } from './cognito-user-pool/users.ts'
import type { StackDefinition } from './definition/definition.ts'
import type { PartOf, UserName } from './definition/names.ts'
import type { Faults } from './faults/faults.ts'
import type { FunctionUrlConfig } from './function-url/serve.ts'
import type { SessionCredentials } from './iam/sessions.ts'
import type { Memory } from './memory.ts'

/** What a client needs to know about a stack: the content of `config.json`. No secrets. */
export interface StackConfig<Definition = StackDefinition> {
  mode: 'local'
  region: string
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
  /** The `iss` of tokens. With `issuer: 'local'` in the definition, OpenID Connect clients discover the user pool with it. */
  issuer: string
  /** `url` has the stage where there is one in the path. */
  apis: { readonly [Name in keyof PartOf<Definition, 'apis'>]: { readonly url: string } }
  /** What `createIamFetch` needs for a function URL: its address, and the service and the region that calls are signed for. */
  functionUrls: {
    readonly [Name in keyof PartOf<Definition, 'functionUrls'>]: FunctionUrlConfig
  }
  /** Instead of AWS's own hosts. `oauth` takes the place of the user pool's domain, with `/oauth2/token`. */
  endpoints: {
    cognitoIdp: string
    cognitoIdentity: string
    oauth: string
    secretsManager: string
    /** `GetCallerIdentity`. */
    sts: string
  }
}

/**
 * A stack that runs. It knows the names of its definition: `stack.config.apis.notes.url`, `stack.users.alice`.
 *
 * `await using stack = await startLocalStack(definition)` stops it at the end of the block.
 */
export interface LocalStack<Definition = StackDefinition> {
  readonly config: StackConfig<Definition>
  /** All users who can sign in. */
  readonly users: { readonly [Name in keyof PartOf<Definition, 'users'>]: SignIn }
  /**
   * Signs a user in, for tests of what comes after it: `idToken: async () => (await stack.signIn('alice')).idToken`.
   *
   * The tokens are those that Cognito's API returns, for the present groups. No password is needed and no
   * operation counted: a client's own sign-in goes to `config.endpoints.cognitoIdp`.
   *
   * @throws TypeError for a name that no user has.
   */
  // Any text as well, because users sign up while the stack runs.
  // oxlint-disable-next-line typescript/no-empty-object-type -- `string` alone would take the completion of names away
  signIn(username: UserName<Definition> | (string & {})): Promise<UserTokens>
  /** By the names of the definition, with the secret that each began with. */
  readonly appClients: { readonly [Name in keyof PartOf<Definition, 'appClients'>]: GivenClient }
  /** App clients that people sign in with, by the names of the definition's `signInClients`. */
  readonly signInClients: {
    readonly [Name in keyof PartOf<Definition, 'signInClients'>]: GivenSignInClient
  }
  /** Credentials of the definition's `roles`, to sign calls of `iam` routes, Secrets Manager, the user pool and STS with. */
  readonly roles: { readonly [Name in keyof PartOf<Definition, 'roles'>]: SessionCredentials }
  /** Credentials that may do everything there, such as `AddUserPoolClientSecret`. */
  readonly admin: SessionCredentials
  /** The API keys of the definition, by name. */
  readonly apiKeys: { readonly [Name in keyof PartOf<Definition, 'apiKeys'>]: GivenApiKey }
  /** How many tokens an app client was given so far. */
  tokensMinted(appClient: string): number
  /** The same for every app client and set of scopes that had one, in alphabetical order. */
  tokensMinted(): readonly TokensMinted[]
  /** Injects failures, moves the stack's clock, counts calls. */
  readonly faults: Faults<Definition>
  /** The state that a stack in place of this one needs: keys, passwords, sessions. */
  remember(): Promise<Memory>
  /** Ends it and every open connection. */
  stop(): Promise<void>
  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

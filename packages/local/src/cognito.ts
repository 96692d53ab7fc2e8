import type { Hono } from 'hono'
import type { JSONWebKeySet } from 'jose'
import type { UsagePlans } from './api-gateway/usage-plans.ts'
import type { NodeBindings } from './aws-json/aws-json.ts'
import type { CognitoOptions } from './cognito-options.ts'
import { serveServices } from './cognito-services.ts'
import { createCognitoState } from './cognito-state.ts'
import type { AppClients } from './cognito-user-pool/app-clients.ts'
import type { TokensMinted } from './cognito-user-pool/machine-tokens.ts'
import type { GivenSignInClient } from './cognito-user-pool/sign-in-clients.ts'
import type { UserTokens } from './cognito-user-pool/user-tokens.ts'
import type { SignIn } from './cognito-user-pool/users.ts'
import type { ServiceKeys } from './iam/service-keys.ts'
import type { Sessions } from './iam/sessions.ts'
import type { Ids } from './ids.ts'
import { invalidOption, show } from './invalid-option.ts'
import type { Memory } from './memory.ts'

/** The user pool and the identity pool of a stack. */
export interface Cognito {
  /**
   * Serves the JSON APIs of the user pool, the identity pool and Secrets Manager at `POST /`, the OAuth endpoints and
   * pages of the user pool's domain, and the pool's key set and OpenID configuration. One endpoint serves as `userPoolEndpoint` and as
   * `identityPoolEndpoint` of Amplify.
   */
  readonly app: Hono<NodeBindings>
  readonly ids: Ids
  /** All users who can sign in, with the password of the definition or the generated one. */
  readonly users: Readonly<Record<string, SignIn>>
  readonly sessions: Sessions
  readonly appClients: AppClients
  /** The API keys and usage plans of REST APIs. */
  readonly usagePlans: UsagePlans
  /** The app clients of `signInClients`, by name. */
  readonly signInClients: Readonly<Record<string, GivenSignInClient>>
  /** Reports where the user pool listens, which is its issuer if the definition says so. */
  listensAt: (origin: string) => void
  /** What app clients were given so far. */
  readonly tokensMinted: () => readonly TokensMinted[]
  readonly serviceKeys: ServiceKeys
  /** Signs a user in without asking for the password. */
  signIn(username: string): Promise<UserTokens>
  /** The key set, for a JWT authorizer in the same process. */
  jwks: () => Promise<JSONWebKeySet>
  /** The state that a stack in place of this one needs. */
  remember(): Promise<Memory>
}

/**
 * Creates the user pool and the identity pool of a stack. It is quick: what takes time (the RSA key) is created on another
 * thread, and only its first use waits for it.
 *
 * @throws TypeError for an unknown group or API name.
 */
export function createCognito(options: CognitoOptions): Cognito {
  const state = createCognitoState(options)
  const { faults } = options
  const { ids, key, directory, signIns, sessions, identities, appClients, serviceKeys } = state
  faults.bind({
    setGroups: (username, groups) => directory.move(username, groups),
    setIdentity: (id, target) => identities.remove(id, target),
    setSession: (accessKeyId, target) => sessions.end(accessKeyId, target),
  })
  return {
    app: serveServices(state, options),
    ids,
    users: directory.signIns,
    sessions: state.credentials,
    appClients,
    usagePlans: state.usagePlans,
    signInClients: state.signInClients,
    listensAt(origin) {
      if (options.definition.issuer === 'local') ids.issuer = `${origin}/${ids.userPoolId}`
    },
    tokensMinted: () => state.machineTokens.minted(),
    serviceKeys,
    async signIn(username) {
      const user = directory.find(username)
      if (user) {
        const signedIn = signIns.open(user, ids.userPoolClientId)
        return state.userTokens(signedIn, { source: 'Authentication' })
      }
      const names = Object.keys(directory.signIns).join(', ') || '(no user is defined)'
      throw invalidOption('signIn', `"username" must be one of ${names}, got ${show(username)}`)
    },
    jwks: () => key.jwks(),
    remember: async () => ({
      ids,
      apiIds: options.apiIds ?? {},
      key: await key.pair(),
      users: directory.signIns,
      signIns: signIns.all(),
      identities: identities.all(),
      sessions: sessions.all().map(({ role, ...session }) => ({ ...session, roleArn: role.arn })),
      appClients: appClients.given,
      signInClients: state.signInClients,
      roles: serviceKeys.given,
      admin: serviceKeys.admin,
      apiKeys: state.usagePlans.given,
    }),
  }
}

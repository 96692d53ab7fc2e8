import type { PolicyDocument } from '@iamfetch/policy'
import type { Hono } from 'hono'
import type { JSONWebKeySet } from 'jose'
import { awsJson, type NodeBindings, type Operation } from './aws-json/aws-json.ts'
import { createUsagePlans, type UsagePlans } from './api-gateway/usage-plans.ts'
import { createIdentities } from './cognito-identity-pool/identities.ts'
import type { ChosenByRule } from './cognito-identity-pool/role-choice.ts'
import { identityPoolOperations } from './cognito-identity-pool/identity-pool.ts'
import { administratorOperations } from './cognito-user-pool/administrator.ts'
import { createAppClients, type AppClients } from './cognito-user-pool/app-clients.ts'
import { clientOperations } from './cognito-user-pool/client-operations.ts'
import { groupOperations } from './cognito-user-pool/group-operations.ts'
import { createMachineTokens, type TokensMinted } from './cognito-user-pool/machine-tokens.ts'
import { poolDocuments } from './cognito-user-pool/pool-documents.ts'
import { preTokenGeneration } from './cognito-user-pool/pre-token-generation.ts'
import { addSignInClients, type GivenSignInClient } from './cognito-user-pool/sign-in-clients.ts'
import { createSignIns } from './cognito-user-pool/sign-ins.ts'
import { createTokenKey } from './cognito-user-pool/token-key.ts'
import { selfServiceOperations } from './cognito-user-pool/self-service.ts'
import { userAdministration } from './cognito-user-pool/user-administration.ts'
import {
  createVerificationCodes,
  printCode,
  type OnCode,
} from './cognito-user-pool/verification-codes.ts'
import { userPoolOperations } from './cognito-user-pool/user-pool.ts'
import { createUserTokens, type UserTokens } from './cognito-user-pool/user-tokens.ts'
import { createDirectory, type SignIn } from './cognito-user-pool/users.ts'
import type { StackDefinition } from './definition/definition.ts'
import type { Faults } from './faults/faults.ts'
import { poolRoleNames } from './iam/pool-role-names.ts'
import { createRoles, type Roles } from './iam/roles.ts'
import { createServiceKeys, type ServiceKeys } from './iam/service-keys.ts'
import { createSessions, type Role, type Sessions } from './iam/sessions.ts'
import { signedOperations } from './iam/signed-operation.ts'
import { drawIds, type Ids } from './ids.ts'
import { invalidOption, show } from './invalid-option.ts'
import type { Memory } from './memory.ts'
import { createCodes } from './oauth/codes.ts'
import type { FindHostedClient } from './oauth/hosted-client.ts'
import { serveHostedUi } from './oauth/hosted-ui.ts'
import { serveTokenEndpoint } from './oauth/token-endpoint.ts'
import { serveUserInfo } from './oauth/user-info.ts'
import { systemRandom, type Random } from './random.ts'
import { secretOperations } from './secrets-manager/operations.ts'
import { createSecrets } from './secrets-manager/secrets.ts'
import { serveSts } from './sts/sts.ts'

/** What the user pool and the identity pool of a stack are made from. */
export interface CognitoOptions {
  definition: Omit<StackDefinition, 'apis'>
  /** The ID of each API by its name, for `API_ID` in policies. @default {} */
  apiIds?: Readonly<Record<string, string>>
  /** Also brings the clock. */
  faults: Faults
  /** @default the operating system's */
  random?: Random
  /** Receives the codes that AWS would send by mail. Defaults to {@link printCode}. */
  onCode?: OnCode | undefined
  /** What an earlier stack of this region and account knew. */
  memory?: Memory | undefined
}

/** The user pool and the identity pool of a stack. */
export interface Cognito {
  /**
   * Serves the JSON APIs of the user pool, the identity pool and Secrets Manager at `POST /`, the OAuth endpoints and
   * pages of the user pool's domain, and the pool's key set and OpenID configuration. One endpoint serves as `userPoolEndpoint` and as
   * `identityPoolEndpoint` of Amplify.
   */
  readonly app: Hono<NodeBindings>
  readonly ids: Ids
  /** Everybody who can sign in, with the password that was given or made. */
  readonly users: Readonly<Record<string, SignIn>>
  readonly sessions: Sessions
  readonly appClients: AppClients
  /** The API keys and usage plans of REST APIs. */
  readonly usagePlans: UsagePlans
  /** The app clients of `signInClients`, by name. */
  readonly signInClients: Readonly<Record<string, GivenSignInClient>>
  /** Reports where the user pool listens, which is its issuer if the definition asks for it. */
  listensAt: (origin: string) => void
  /** What app clients were given so far. */
  readonly tokensMinted: () => readonly TokensMinted[]
  readonly serviceKeys: ServiceKeys
  /** Signs a user in without asking for the password. */
  signIn(username: string): Promise<UserTokens>
  /** The key set, for a JWT authorizer in the same process. */
  jwks: () => Promise<JSONWebKeySet>
  /** What a stack that takes this one's place has to know. */
  remember(): Promise<Memory>
}

/**
 * Creates the user pool and the identity pool of a stack. Quick: what takes time (the RSA key) is created on another
 * thread and waited for when it is needed.
 *
 * @throws TypeError for an unknown group or API name.
 */
export function createCognito(options: CognitoOptions): Cognito {
  const state = createState(options)
  const { faults } = options
  const { ids, key, directory, signIns, sessions, identities, appClients, serviceKeys } = state
  faults.bind({
    setGroups: (username, groups) => directory.move(username, groups),
    setIdentity: (id, target) => identities.remove(id, target),
    setSession: (accessKeyId, target) => sessions.end(accessKeyId, target),
  })
  return {
    app: serve(state, options),
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

type State = ReturnType<typeof createState>

/** Creates everything that the operations share: users, roles, sessions, clients, secrets. */
function createState(options: CognitoOptions) {
  const { definition, apiIds = {}, faults, random = systemRandom, memory } = options
  const { clock } = faults
  const { region = 'eu-central-1', accountId = '123456789012' } = definition
  const key = createTokenKey(random, memory?.key)
  const fixed = { ...memory?.ids, ...definition.ids }
  const ids = drawIds(region, accountId, random, fixed)
  const hasTags = definition.identityPool?.principalTags !== undefined
  const roles = createRoles(ids, apiIds, random, hasTags)
  const directory = createDirectory(definition, {
    ids,
    roles,
    random,
    clock,
    known: memory?.users ?? {},
  })
  // The issuer is never that of an earlier stack: the definition or the port may be another.
  ids.issuer = `https://${ids.provider}`
  const signIns = createSignIns(directory, { clock, random, known: memory?.signIns ?? [] })
  const identities = createIdentities(region, random, memory?.identities)
  const poolRoles = identityPoolRoles(roles, definition)
  const serviceKeys = createServiceKeys(definition.roles ?? {}, {
    ids,
    roles,
    random,
    clock,
    known: memory,
  })
  // All roles are there now. A session whose role is gone has ended.
  const known = (memory?.sessions ?? []).flatMap(({ roleArn, ...session }) => {
    const role = roles.find(roleArn)
    return role ? [{ ...session, role }] : []
  })
  const { sessionSeconds = 3_600 } = definition.identityPool ?? {}
  const sessions = createSessions(clock, sessionSeconds, random, known)
  const appClients = createAppClients(definition.appClients ?? {}, {
    clock,
    random,
    known: memory?.appClients,
  })
  const signInClients = addSignInClients(appClients, definition, {
    ids,
    random,
    known: memory?.signInClients,
  })
  const trigger = preTokenGeneration(ids, definition.userPool?.preTokenGeneration)
  const secrets = createSecrets({ ids, clock, random })
  for (const [name, client] of Object.entries(appClients.given)) {
    secrets.add(name, JSON.stringify(client))
  }
  /** All credentials of the stack: those of people and those of services. */
  const credentials: Sessions = {
    find: (accessKeyId) => serviceKeys.find(accessKeyId) ?? sessions.find(accessKeyId),
  }
  return {
    clock,
    random,
    credentials,
    key,
    ids,
    roles,
    directory,
    signIns,
    identities,
    poolRoles,
    serviceKeys,
    sessions,
    appClients,
    signInClients,
    secrets,
    usagePlans: createUsagePlans(definition, clock, random, memory?.apiKeys),
    machineTokens: createMachineTokens({ ids, key, clock, random }),
    userTokens: createUserTokens({
      ids,
      directory,
      clients: appClients,
      key,
      clock,
      random,
      trigger,
    }),
  }
}

/** The default roles of the identity pool. */
function identityPoolRoles(
  roles: Roles,
  definition: StackDefinition,
): {
  authenticated: Role
  unauthenticated: Role | undefined
  rules: ChosenByRule[]
} {
  const { authenticatedRole, unauthenticatedRole, rules = [] } = definition.identityPool ?? {}
  const names = poolRoleNames(definition)
  return {
    authenticated: roles.add(names.authenticated, authenticatedRole ?? { policy: NOTHING }),
    unauthenticated:
      unauthenticatedRole && roles.add(names.unauthenticated, unauthenticatedRole, true),
    rules: rules.map(({ role, ...rule }, i) => ({
      ...rule,
      roleArn: roles.add(names.rules[i] ?? '', role).arn,
    })),
  }
}

/** Serves the services and the pages at one port. */
function serve(state: State, options: CognitoOptions): Hono<NodeBindings> {
  const { ids, key, clock, random, directory, signIns, appClients, machineTokens } = state
  const { faults } = options
  const isServed = (): boolean => appClients.all().some(({ code }) => code)
  const documents = poolDocuments({ ids, key, hasPages: isServed })
  const app = awsJson(servicesOf(state, options), documents, { faults, random })
  const codes = createCodes(clock, random)
  const client: FindHostedClient = (id) => {
    const found = appClients.find(id)
    return found?.code ? found : undefined
  }
  serveSts(app, {
    region: ids.region,
    accountId: ids.accountId,
    clock,
    sessions: state.credentials,
    faults,
    random,
  })
  serveHostedUi(app, { client, isServed, codes, directory, clock, random })
  serveUserInfo(app, { clients: appClients, directory, signIns, key, clock })
  serveTokenEndpoint(app, {
    clients: appClients,
    tokens: machineTokens,
    userPoolClientId: ids.userPoolClientId,
    people: { clients: appClients, codes, signIns, tokens: state.userTokens },
    faults,
  })
  return app
}

/** The operations of the JSON services, by the prefix of `x-amz-target`. */
function servicesOf(
  state: State,
  {
    definition: { identityPool = {}, resourceServers = {}, userPool = {} },
    onCode = printCode,
  }: CognitoOptions,
): Record<string, Record<string, Operation>> {
  const { ids, key, clock, random, directory, signIns, appClients, poolRoles } = state
  const { region, accountId } = ids
  const signed = signedOperations(state.credentials, { region, accountId, clock })
  const administrator = administratorOperations(ids, signed)
  const scopes = Object.entries(resourceServers).flatMap(([server, names]) =>
    names.map((name) => `${server}/${name}`),
  )
  const pool = {
    ids,
    clients: appClients,
    directory,
    signIns,
    codes: createVerificationCodes(clock, random, onCode),
    settings: userPool,
    key,
    tokens: state.userTokens,
    administrator,
    clock,
    random,
  }
  return {
    AWSCognitoIdentityProviderService: {
      ...userPoolOperations(pool),
      ...selfServiceOperations(pool),
      ...userAdministration({ ...pool, madeAt: clock.now() }),
      ...groupOperations({ ids, directory, administrator, madeAt: clock.now() }),
      ...clientOperations({
        ids,
        clients: appClients,
        tokens: state.machineTokens,
        administrator,
        scopes,
        random,
      }),
    },
    secretsmanager: secretOperations(state.secrets, signed),
    AWSCognitoIdentityService: identityPoolOperations({
      ids,
      key,
      signIns,
      clock,
      clientIds: identityPool.clientIds ?? [
        ids.userPoolClientId,
        ...Object.values(state.signInClients).map(({ clientId }) => clientId),
      ],
      identities: state.identities,
      sessions: state.sessions,
      roles: state.roles,
      definition: identityPool,
      rules: poolRoles.rules,
      authenticatedRole: poolRoles.authenticated,
      unauthenticatedRole: poolRoles.unauthenticated,
    }),
  }
}

/** IAM wants a statement. This one allows what needs no permission. */
const NOTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' }],
}

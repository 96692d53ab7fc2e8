import type { Hono } from 'hono'
import type { JSONWebKeySet } from 'jose'
import type { PolicyDocument } from '@iamfetch/policy'
import type { StackDefinition } from './definition/definition.ts'
import type { Faults } from './faults/faults.ts'
import { invalidOption, show } from './invalid-option.ts'
import { createAppClients, type AppClients } from './cognito-user-pool/app-clients.ts'
import { clientOperations } from './cognito-user-pool/client-operations.ts'
import { createCodes } from './oauth/codes.ts'
import { STANDARD_SCOPES } from './oauth/hosted-client.ts'
import { serveHostedUi } from './oauth/hosted-ui.ts'
import { createMachineTokens, type TokensMinted } from './cognito-user-pool/machine-tokens.ts'
import { serveTokenEndpoint } from './oauth/token-endpoint.ts'
import { serveUserInfo } from './oauth/user-info.ts'
import { secretOperations } from './secrets-manager/operations.ts'
import { createSecrets } from './secrets-manager/secrets.ts'
import { administratorOperations } from './cognito-user-pool/administrator.ts'
import { awsJson, type NodeBindings } from './aws-json/aws-json.ts'
import { groupOperations } from './cognito-user-pool/group-operations.ts'
import { createIdentities } from './cognito-identity-pool/identities.ts'
import { identityPoolOperations } from './cognito-identity-pool/identity-pool.ts'
import { drawIds, type Ids } from './ids.ts'
import type { Memory } from './memory.ts'
import { poolDocuments } from './cognito-user-pool/pool-documents.ts'
import { systemRandom, type Random } from './random.ts'
import { createRoles } from './iam/roles.ts'
import { createServiceKeys, type ServiceKeys } from './iam/service-keys.ts'
import { createSessions, type Sessions } from './iam/sessions.ts'
import { signedOperations } from './iam/signed-operation.ts'
import { createSignIns } from './cognito-user-pool/sign-ins.ts'
import { createTokenKey } from './cognito-user-pool/token-key.ts'
import { userPoolOperations } from './cognito-user-pool/user-pool.ts'
import { createUserTokens, type UserTokens } from './cognito-user-pool/user-tokens.ts'
import { createDirectory, type SignIn } from './cognito-user-pool/users.ts'

/** What the user pool and the identity pool of a stack are made from. */
export interface CognitoOptions {
  definition: Omit<StackDefinition, 'apis'>
  /** The ID of each API by its name, for `API_ID` in policies. @default {} */
  apiIds?: Readonly<Record<string, string>>
  /** Also brings the clock. */
  faults: Faults
  /** @default the operating system's */
  random?: Random
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
  /** What app clients were given so far. */
  readonly tokensMinted: () => readonly TokensMinted[]
  readonly serviceKeys: ServiceKeys
  /** Signs somebody in without asking for the password. */
  signIn(username: string): Promise<UserTokens>
  /** The key set, for a JWT authorizer in the same process. */
  jwks(): Promise<JSONWebKeySet>
  /** What a stack that takes this one's place has to know. */
  remember(): Promise<Memory>
}

/**
 * Makes the user pool and the identity pool of a stack. Quick: what takes time (the RSA key) is made on another
 * thread and waited for when it is needed.
 *
 * @throws TypeError for an unknown group or API name.
 */
export function createCognito(options: CognitoOptions): Cognito {
  const { definition, apiIds = {}, faults, random = systemRandom, memory } = options
  const { clock } = faults
  const { region = 'eu-central-1', accountId = '123456789012', identityPool = {} } = definition

  const key = createTokenKey(random, memory?.key)
  const ids = memory?.ids ?? drawIds(region, accountId, random)
  const roles = createRoles(ids, apiIds, random)
  const directory = createDirectory(definition, { ids, roles, random, known: memory?.users ?? {} })
  const signIns = createSignIns(directory, { clock, random, known: memory?.signIns ?? [] })
  const identities = createIdentities(region, random, memory?.identities)
  const { authenticatedRole, unauthenticatedRole } = identityPool
  const authenticated = roles.add(
    authenticatedRole?.roleName ?? 'AuthenticatedRole',
    authenticatedRole ?? { policy: NOTHING },
  )
  const unauthenticated =
    unauthenticatedRole &&
    roles.add(unauthenticatedRole.roleName ?? 'UnauthenticatedRole', unauthenticatedRole, true)
  const serviceKeys = createServiceKeys(definition.roles ?? {}, {
    ids,
    roles,
    random,
    known: memory,
  })
  // All roles are there now. A session whose role is gone is over.
  const known = (memory?.sessions ?? []).flatMap(({ roleArn, ...session }) => {
    const role = roles.find(roleArn)
    return role ? [{ ...session, role }] : []
  })
  const sessions = createSessions(clock, identityPool.sessionSeconds ?? 3_600, random, known)
  faults.bind({
    setGroups: (username, groups) => directory.move(username, groups),
    setIdentity: (id, state) => identities.remove(id, state),
    setSession: (accessKeyId, state) => sessions.end(accessKeyId, state),
  })

  const signed = signedOperations(serviceKeys, { region, clock })
  const administrator = administratorOperations(ids, signed)
  const appClients = createAppClients(definition.appClients ?? {}, {
    clock,
    random,
    known: memory?.appClients,
  })
  const scopes = Object.entries(definition.resourceServers ?? {}).flatMap(([server, names]) =>
    names.map((name) => `${server}/${name}`),
  )
  const tokens = createMachineTokens({ ids, key, clock, random })
  const userTokens = createUserTokens({ ids, directory, key, clock, random })
  const secrets = createSecrets({ ids, clock, random })
  for (const [name, client] of Object.entries(appClients.given)) {
    secrets.add(name, JSON.stringify(client))
  }

  const services = {
    AWSCognitoIdentityProviderService: {
      ...userPoolOperations({
        ids,
        directory,
        signIns,
        key,
        tokens: userTokens,
        clock,
        random,
      }),
      ...groupOperations({ ids, directory, administrator, madeAt: clock.now() }),
      ...clientOperations({ ids, clients: appClients, tokens, administrator, scopes, random }),
    },
    secretsmanager: secretOperations(secrets, signed),
    AWSCognitoIdentityService: identityPoolOperations({
      ids,
      key,
      signIns,
      clock,
      identities,
      sessions,
      roles,
      definition: identityPool,
      authenticatedRole: authenticated,
      unauthenticatedRole: unauthenticated,
    }),
  }

  const { hostedUi } = definition
  const app = awsJson(services, poolDocuments({ ids, key, hostedUi }), { faults, random })
  const { userPoolClientId: clientId } = ids
  const codes = createCodes(clock, random)
  if (hostedUi) {
    const client = { logoutUrls: [], scopes: STANDARD_SCOPES, ...hostedUi, clientId }
    serveHostedUi(app, { client, codes, directory, clock, random })
    serveUserInfo(app, { clientId, signIns, key, clock })
  }
  serveTokenEndpoint(app, {
    clients: appClients,
    tokens,
    userPoolClientId: clientId,
    people: hostedUi && { clientId, codes, signIns, tokens: userTokens },
    faults,
  })
  return {
    app,
    ids,
    users: directory.signIns,
    sessions,
    appClients,
    tokensMinted: () => tokens.minted(),
    serviceKeys,
    async signIn(username) {
      const user = directory.find(username)
      if (user) return userTokens(signIns.open(user))
      const names = Object.keys(directory.signIns).join(', ') || '(no user is defined)'
      throw invalidOption('signIn', `"username" must be one of ${names}, got ${show(username)}`)
    },
    jwks: () => key.jwks(),
    remember: async () => ({
      ids,
      apiIds,
      key: await key.pair(),
      users: directory.signIns,
      signIns: signIns.all(),
      identities: identities.all(),
      sessions: sessions.all().map(({ role, ...session }) => ({ ...session, roleArn: role.arn })),
      appClients: appClients.given,
      roles: serviceKeys.given,
      admin: serviceKeys.admin,
    }),
  }
}

/** IAM wants a statement. This one allows what nobody needs a permission for. */
const NOTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' }],
}

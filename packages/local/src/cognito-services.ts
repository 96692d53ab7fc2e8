import type { Hono } from 'hono'
import { awsJson, type NodeBindings, type Operation } from './aws-json/aws-json.ts'
import { identityPoolOperations } from './cognito-identity-pool/identity-pool.ts'
import type { CognitoOptions } from './cognito-options.ts'
import type { CognitoState } from './cognito-state.ts'
import { administratorOperations } from './cognito-user-pool/administrator.ts'
import { clientOperations } from './cognito-user-pool/client-operations.ts'
import { groupOperations } from './cognito-user-pool/group-operations.ts'
import { poolDocuments } from './cognito-user-pool/pool-documents.ts'
import { selfServiceOperations } from './cognito-user-pool/self-service.ts'
import { userAdministration } from './cognito-user-pool/user-administration.ts'
import { userPoolOperations } from './cognito-user-pool/user-pool.ts'
import { createVerificationCodes, printCode } from './cognito-user-pool/verification-codes.ts'
import { signedOperations } from './iam/signed-operation.ts'
import { createCodes } from './oauth/codes.ts'
import type { FindHostedClient } from './oauth/hosted-client.ts'
import { serveHostedUi } from './oauth/hosted-ui.ts'
import { serveTokenEndpoint } from './oauth/token-endpoint.ts'
import { serveUserInfo } from './oauth/user-info.ts'
import { secretOperations } from './secrets-manager/operations.ts'
import { serveSts } from './sts/sts.ts'

/** Serves the services and the pages at one port. */
export function serveServices(state: CognitoState, options: CognitoOptions): Hono<NodeBindings> {
  const { ids, key, clock, random, directory, signIns, appClients, machineTokens } = state
  const { faults } = options
  const isServed = (): boolean => appClients.all().some(({ code }) => code)
  const documents = poolDocuments({ ids, key, hasPages: isServed })
  const app = awsJson(servicesOf(state, options), documents, { faults, random })
  const codes = createCodes(clock, random)
  const client: FindHostedClient = (id) => {
    const appClient = appClients.find(id)
    return appClient?.code ? appClient : undefined
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
    people: { clients: appClients, directory, codes, signIns, tokens: state.userTokens },
    faults,
  })
  return app
}

/** The operations of the JSON services, by the prefix of `x-amz-target`. */
// oxlint-disable-next-line max-lines-per-function -- one entry for each service, which lists its parts
function servicesOf(
  state: CognitoState,
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

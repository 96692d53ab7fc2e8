import { createUsagePlans } from './api-gateway/usage-plans.ts'
import { identityPoolRoles } from './cognito-identity-pool/default-roles.ts'
import { createIdentities } from './cognito-identity-pool/identities.ts'
import type { CognitoOptions } from './cognito-options.ts'
import { createAppClients } from './cognito-user-pool/app-clients.ts'
import { createMachineTokens } from './cognito-user-pool/machine-tokens.ts'
import { preTokenGeneration } from './cognito-user-pool/pre-token-generation.ts'
import { addSignInClients } from './cognito-user-pool/sign-in-clients.ts'
import { createSignIns } from './cognito-user-pool/sign-ins.ts'
import { createTokenKey } from './cognito-user-pool/token-key.ts'
import { createUserTokens } from './cognito-user-pool/user-tokens.ts'
import { createDirectory } from './cognito-user-pool/users.ts'
import type { Clock } from './faults/faults.ts'
import { createRoles } from './iam/roles.ts'
import { createServiceKeys } from './iam/service-keys.ts'
import { createSessions, type Sessions } from './iam/sessions.ts'
import { drawIds } from './ids.ts'
import { systemRandom, type Random } from './random.ts'
import { createSecrets } from './secrets-manager/secrets.ts'

/** Everything that the operations of a stack share. */
export interface CognitoState {
  readonly clock: Clock
  readonly random: Random
  /** All credentials of the stack: those of people and those of services. */
  readonly credentials: Sessions
  readonly key: ReturnType<typeof createTokenKey>
  readonly ids: ReturnType<typeof drawIds>
  readonly roles: ReturnType<typeof createRoles>
  readonly directory: ReturnType<typeof createDirectory>
  readonly signIns: ReturnType<typeof createSignIns>
  readonly identities: ReturnType<typeof createIdentities>
  readonly poolRoles: ReturnType<typeof identityPoolRoles>
  readonly serviceKeys: ReturnType<typeof createServiceKeys>
  readonly sessions: ReturnType<typeof createSessions>
  readonly appClients: ReturnType<typeof createAppClients>
  readonly signInClients: ReturnType<typeof addSignInClients>
  readonly secrets: ReturnType<typeof createSecrets>
  readonly usagePlans: ReturnType<typeof createUsagePlans>
  readonly machineTokens: ReturnType<typeof createMachineTokens>
  readonly userTokens: ReturnType<typeof createUserTokens>
}

/** Creates everything that the operations share: users, roles, sessions, clients, secrets. */
// oxlint-disable-next-line max-lines-per-function -- creates one part after the other, in the order in which they need each other
export function createCognitoState(options: CognitoOptions): CognitoState {
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
  // All roles exist now. A session whose role no longer exists has ended.
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

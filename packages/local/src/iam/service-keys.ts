import type { PolicyDocument } from '@iamfetch/policy'
import type { ServiceRoleDefinition } from '../definition/role.ts'
import type { Clock } from '../faults/faults.ts'
import type { Ids } from '../ids.ts'
import type { Memory } from '../memory.ts'
import { DIGITS, drawText, UPPER, type Random } from '../random.ts'
import type { Roles } from './roles.ts'
import {
  drawCredentials,
  type Role,
  type Session,
  type SessionCredentials,
  type Sessions,
} from './sessions.ts'

/** The credentials of services, and of the administrator. They last as long as the stack. */
export interface ServiceKeys extends Sessions {
  /** May do everything. */
  readonly admin: SessionCredentials
  /** By the name of the role in the definition. */
  readonly given: Readonly<Record<string, SessionCredentials>>
}

/** What service keys are created from, in addition to their definitions. */
interface ServiceKeysOptions {
  ids: Ids
  roles: Roles
  random: Random
  clock: Clock
  /** The credentials of an earlier stack. */
  known?: Pick<Memory, 'roles' | 'admin'> | undefined
}

/**
 * Creates the credentials of a definition's service roles, and an administrator's. Each is created at start and is
 * temporary in form: an `ASIA…` key with a session token, as a Lambda function has. They sign calls of `iam` routes, of Secrets
 * Manager, of the user pool and of STS.
 */
export function createServiceKeys(
  definitions: Readonly<Record<string, ServiceRoleDefinition>>,
  { ids, roles, random, clock, known }: ServiceKeysOptions,
): ServiceKeys {
  const keys = new Map<string, Session>()
  const issuedAt = clock.now()
  const open = (
    name: string,
    role: Role,
    before: SessionCredentials | undefined,
  ): SessionCredentials => {
    const credentials = before ?? drawCredentials(random)
    keys.set(credentials.accessKeyId, { ...credentials, expiresAt: Infinity, issuedAt, role, name })
    return credentials
  }
  const given = Object.entries(definitions).map(([name, { policy, roleName }]) => {
    const role = roles.add(roleName ?? `${name}Role`, { policy, trust: SERVICE_TRUST })
    return [name, open(name, role, known?.roles[name])] as const
  })
  const admin: Role = {
    arn: `arn:aws:iam::${ids.accountId}:role/Administrator`,
    name: 'Administrator',
    id: `AROA${drawText(random, UPPER + DIGITS, 17)}`,
    policy: EVERYTHING,
    trust: SERVICE_TRUST,
  }
  return {
    find: (accessKeyId) => keys.get(accessKeyId),
    admin: open('admin', admin, known?.admin),
    given: Object.fromEntries(given),
  }
}

/** The service that runs the function has the role; no identity pool issues its credentials. */
const SERVICE_TRUST: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    },
  ],
}

const EVERYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

import type { PolicyDocument, RoleDefinition } from '../definition.ts'
import type { Ids } from './ids.ts'
import { DIGITS, drawText, UPPER, type Random } from './random.ts'
import type { Role } from './sessions.ts'

/** Makes the roles of one stack: asked twice for the same name with the same policies, it gives the same role. */
export interface Roles {
  add(name: string, definition: RoleDefinition, guest?: boolean): Role
  find(arn: string): Role | undefined
}

/**
 * Makes the roles that an identity pool gives out, with every placeholder filled in.
 *
 * @param apiIds  The ID of each API by its name, for `API_ID` and `API_ID_name`.
 * @throws TypeError for a placeholder that nothing fills, and for one role name with two contents.
 */
export function createRoles(
  ids: Ids,
  apiIds: Readonly<Record<string, string>>,
  random: Random,
): Roles {
  const roles = new Map<string, Role>()
  return {
    find: (arn) => roles.get(arn),
    add(name, definition, guest = false) {
      const arn = `arn:aws:iam::${ids.accountId}:role/${name}`
      const where = `role ${name}`
      const policy = filled(definition.policy, ids, apiIds, where)
      const trust = filled(definition.trust ?? awsTrust(guest), ids, apiIds, where)
      const known = roles.get(arn)
      if (
        known &&
        JSON.stringify([known.policy, known.trust]) !== JSON.stringify([policy, trust])
      ) {
        throw new TypeError(`${where}: two definitions give this one name different policies`)
      }
      const role = known ?? {
        arn,
        name,
        id: `AROA${drawText(random, UPPER + DIGITS, 17)}`,
        policy,
        trust,
      }
      roles.set(arn, role)
      return role
    },
  }
}

/**
 * What AWS asks of a role for an identity pool.
 *
 * @see [AWS: role trust and permissions](https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html)
 */
const awsTrust = (guest: boolean): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'cognito-identity.amazonaws.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { 'cognito-identity.amazonaws.com:aud': 'IDENTITY_POOL_ID' },
        'ForAnyValue:StringLike': {
          'cognito-identity.amazonaws.com:amr': guest ? 'unauthenticated' : 'authenticated',
        },
      },
    },
  ],
})

/** A copy of the document in which `REGION`, `ACCOUNT_ID`, `API_ID`, `API_ID_name` and `IDENTITY_POOL_ID` are filled in. */
function filled(
  document: PolicyDocument,
  ids: Ids,
  apiIds: Readonly<Record<string, string>>,
  where: string,
): PolicyDocument {
  const fill = (text: string): string => {
    if (text === 'IDENTITY_POOL_ID') return ids.identityPoolId
    // arn:partition:service:region:account:resource; only the resource may hold more colons.
    const arn = /^(arn:[^:]*:[^:]*):([^:]*):([^:]*):([^/]*)(.*)$/s.exec(text)
    if (!arn) return text
    const [, head, region, account, resource = '', rest] = arn
    return [
      head,
      region === 'REGION' ? ids.region : region,
      account === 'ACCOUNT_ID' ? ids.accountId : account,
      apiId(resource, apiIds, where) + rest,
    ].join(':')
  }
  const copy: PolicyDocument = JSON.parse(JSON.stringify(document), (_, value: unknown) =>
    typeof value === 'string' ? fill(value) : value,
  )
  return copy
}

function apiId(word: string, apiIds: Readonly<Record<string, string>>, where: string): string {
  const names = Object.keys(apiIds)
  if (word === 'API_ID') {
    const [only] = names
    if (only !== undefined && names.length === 1) return apiIds[only]!
    throw new TypeError(
      names.length
        ? `${where}: API_ID is ambiguous; write one of ${names.map((name) => `API_ID_${name}`).join(', ')}`
        : `${where}: API_ID stands in a policy, but there is no API`,
    )
  }
  if (!word.startsWith('API_ID_')) return word
  const id = apiIds[word.slice('API_ID_'.length)]
  if (id !== undefined) return id
  throw new TypeError(
    `${where}: ${word} names no API; there ${names.length ? `are ${names.join(', ')}` : 'is none'}`,
  )
}

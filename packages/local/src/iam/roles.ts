import type { RoleDefinition } from '../definition/role.ts'
import { fillPlaceholders, identityPoolTrust } from '../definition/placeholders.ts'
import { invalidOption, show } from '../invalid-option.ts'
import type { Ids } from '../ids.ts'
import { DIGITS, drawText, UPPER, type Random } from '../random.ts'
import type { Role } from './sessions.ts'

/** Creates the roles of one stack. The same name with the same policies returns the same role. */
export interface Roles {
  add(name: string, definition: RoleDefinition, guest?: boolean): Role
  find(arn: string): Role | undefined
}

/**
 * Creates the roles whose credentials an identity pool issues, with every placeholder filled in.
 *
 * @param apiIds   The ID of each API by its name, for `API_ID` and `API_ID_name`.
 * @param hasTags  Whether the identity pool sets principal tags, which its default trust policies then allow.
 * @throws TypeError for a placeholder that nothing fills, and for one role name with two contents.
 */
export function createRoles(
  ids: Ids,
  apiIds: Readonly<Record<string, string>>,
  random: Random,
  hasTags = false,
): Roles {
  const roles = new Map<string, Role>()
  return {
    find: (arn) => roles.get(arn),
    add(name, definition, guest = false) {
      const arn = `arn:aws:iam::${ids.accountId}:role/${name}`
      const where = `role ${name}`
      const values = { ...ids, apiIds }
      const policy = fillPlaceholders(definition.policy, values, where)
      const trust = fillPlaceholders(
        definition.trust ?? identityPoolTrust(guest, hasTags),
        values,
        where,
      )
      const known = roles.get(arn)
      if (
        known &&
        JSON.stringify([known.policy, known.trust]) !== JSON.stringify([policy, trust])
      ) {
        throw invalidOption(
          'defineStack',
          `"roleName" ${show(name)} belongs to two roles with different policies`,
        )
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

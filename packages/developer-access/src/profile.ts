import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import type { FindProfile, Profile } from './owner.ts'
import type { StoredUser } from './store.ts'

const OWNER = 'users.profile'
const NAMES: OptionNames<Profile> = { email: true, groups: true, scopes: true, tenant: true }

/**
 * Looks a user up, and checks the names of the result: with a misspelt `scopes` a key would keep scopes that its user has lost.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for a wrong or an unknown member.
 */
export async function profileOf(find: FindProfile, user: StoredUser): Promise<Profile | undefined> {
  const profile = await find(user)
  if (!profile) return undefined
  checkOptions(OWNER, profile, NAMES)
  const { scopes, groups } = profile
  for (const [name, list] of Object.entries({ scopes, groups })) {
    if (list === undefined || Array.isArray(list)) continue
    throw invalidOption(OWNER, `"${name}" must be an array`, list)
  }
  return profile
}

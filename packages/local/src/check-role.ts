import { fail, isText, objectAt, onlyKeys, show } from './at-path.ts'
import { checkPolicy } from './gateway/check-policy.ts'

/**
 * Checks one role of a definition: its name, its policies, and that their placeholders stand for APIs that are there.
 *
 * @param apiNames     Those of the definition.
 * @param more         Members that this kind of role has beside those of every role.
 * @param defaultName  What it is called where nothing is said.
 * @throws TypeError that names the place and what to do.
 */
export function checkRole(
  value: unknown,
  path: string,
  apiNames: readonly string[],
  more: readonly string[],
  defaultName: string,
): void {
  const role = objectAt(value, path, 'a role: { policy }')
  onlyKeys(role, path, ['policy', 'trust', 'roleName', ...more])
  const { policy, trust, roleName = defaultName } = role
  if (!isText(roleName, /^[\w+=,.@-]{1,64}$/)) {
    fail(
      `${path}.roleName`,
      `is ${show(roleName)}`,
      'IAM takes up to 64 letters, digits and + = , . @ - _; left out, it is the name of the group with Role.',
    )
  }
  checkPolicy(policy, `${path}.policy`, 'identity')
  checkPlaceholders(policy, `${path}.policy`, apiNames)
  if (trust === undefined) return
  checkPolicy(trust, `${path}.trust`, 'trust')
  checkPlaceholders(trust, `${path}.trust`, apiNames)
}

/** `API_ID` needs exactly one API, `API_ID_name` one of that name. */
function checkPlaceholders(value: unknown, path: string, apiNames: readonly string[]): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      checkPlaceholders(one, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, apiNames)
    }
    return
  }
  const [, word, name] =
    /^arn:(?:[^:]*:){4}(API_ID(?:_([^/*?]*))?)(?=[/*?]|$)/.exec(String(value)) ?? []
  if (word === undefined) return
  const known = apiNames.map((one) => `API_ID_${one}`).join(', ') || 'none, for there is no API'
  if (name === undefined ? apiNames.length !== 1 : !apiNames.includes(name)) {
    fail(path, `has ${word}, which stands for no API`, `Here there are: ${known}.`)
  }
}

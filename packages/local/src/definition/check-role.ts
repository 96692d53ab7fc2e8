import { fail, isText, objectAt, onlyKeys, OWNER } from './place.ts'
import { show } from '../invalid-option.ts'
import { checkPolicy, type PolicyDocument } from '@iamfetch/policy'

/**
 * Checks one role of a definition: its name, its policies, and that their placeholders name existing APIs.
 *
 * @param apiNames     Those of the definition.
 * @param more         Members that this kind of role has in addition to those of every role.
 * @param defaultName  Its name without a `roleName`.
 * @throws `TypeError` that names the place and what it must be.
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
      `must have up to 64 letters, digits and + = , . @ - _ only, got ${show(roleName)}; without it the name is that of the group and "Role"`,
    )
  }
  checkPolicy(policy, { owner: OWNER, path: `${path}.policy` })
  checkPlaceholders(policy, `${path}.policy`, apiNames)
  checkSetPrefixes(policy, `${path}.policy`)
  if (trust === undefined) return
  checkPolicy(trust, { owner: OWNER, path: `${path}.trust`, kind: 'trust' })
  checkPlaceholders(trust, `${path}.trust`, apiNames)
  checkSetPrefixes(trust, `${path}.trust`)
}

/** The condition keys of the stack that have several values. */
const LIST_KEYS = ['cognito-identity.amazonaws.com:amr']

/**
 * Refuses a condition on a key with several values that has no set prefix. IAM stores it and it is never met, so that on
 * AWS the role cannot be assumed, a mistake that is hard to find there.
 *
 * @see [AWS: multivalued context keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)
 */
export function checkSetPrefixes({ Statement }: PolicyDocument, path: string): void {
  const statements = [Statement].flat()
  for (const [i, { Condition = {} }] of statements.entries()) {
    const at = Array.isArray(Statement) ? `${path}.Statement[${i}]` : `${path}.Statement`
    for (const [operator, keys] of Object.entries(Condition)) {
      if (/^(ForAnyValue:|ForAllValues:|Null$)/.test(operator)) continue
      const key = Object.keys(keys).find((name) => LIST_KEYS.includes(name.toLowerCase()))
      if (key === undefined) continue
      const why = 'needs a set prefix, because the key has several values'
      fail(`${at}.Condition.${operator}['${key}']`, `${why}; write "ForAnyValue:${operator}"`)
    }
  }
}

/** Checks that `API_ID` names exactly one API and `API_ID_name` one of that name. */
export function checkPlaceholders(value: unknown, path: string, apiNames: readonly string[]): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, text] of Object.entries(value)) {
      checkPlaceholders(text, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, apiNames)
    }
    return
  }
  const [, word, name] =
    /^arn:(?:[^:]*:){4}(API_ID(?:_([^/*?]*))?)(?=[/*?]|$)/.exec(String(value)) ?? []
  if (word === undefined) return
  const known = apiNames.map((apiName) => `API_ID_${apiName}`).join(', ') || '(none is defined)'
  if (name === undefined ? apiNames.length !== 1 : !apiNames.includes(name)) {
    fail(path, `has ${word}, which is not one of the APIs ${known}`)
  }
}

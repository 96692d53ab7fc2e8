import type { PolicyStatement } from './document.ts'
import type { PolicyPrincipal } from './request.ts'

/**
 * How a statement's `Principal` has a caller: `account` if it names the caller's account alone, which in an Allow of a
 * resource policy leaves the decision to the caller's own policies.
 *
 * @see [AWS: principal element, accounts](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts)
 */
export function principalMatch(
  principal: PolicyStatement['Principal'],
  caller: PolicyPrincipal,
): 'named' | 'account' | undefined {
  if (principal === undefined) return undefined
  // `*` and `{ AWS: '*' }` mean every principal; anything else is compared as it is written.
  if (principal === '*' || namesOf(principal, 'AWS').includes('*')) return 'named'
  if (caller === 'anonymous') return undefined
  const names = [caller.name].flat()
  const listed = namesOf(principal, caller.type)
  if (listed.some((name) => names.includes(name))) return 'named'
  if (caller.type !== 'AWS') return undefined
  const accounts = new Set(names.map((name) => name.split(':')[4]))
  return listed.some((name) => accounts.has(accountOf(name))) ? 'account' : undefined
}

/** The account that a principal names, written as its ID or as its root. */
const accountOf = (principal: string): string | undefined =>
  /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(principal)?.[1]

const namesOf = (principal: Record<string, string | readonly string[]>, type: string): string[] =>
  [principal[type] ?? []].flat()

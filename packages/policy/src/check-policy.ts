import { conditionOperators, conditionValueFault, isConditionOperator } from './condition.ts'
import { fail, memberOf, objectAt, onlyMembers, show, textsAt, type Place } from './invalid.ts'
import { FIELDS_OF_AN_ARN, variableFault, withoutVariables } from './pattern.ts'
import type { PolicyDocument } from './document.ts'
import { SHORT_FORM } from './short-form.ts'

/** `identity`: what a role may do. `trust`: who may assume it. `resource`: who may do what with the resource, such as a REST API. */
export type PolicyKind = 'identity' | 'trust' | 'resource'

/** How {@link checkPolicy} checks and what its messages name. */
export interface CheckPolicyOptions {
  /** Defaults to `identity`. */
  kind?: PolicyKind
  /** Where the document is, such as `groups.FullAccess.policy`. Defaults to `policy`. */
  path?: string
  /** The function that messages begin with. Defaults to `checkPolicy`. */
  owner?: string
}

/**
 * Checks a policy document as IAM does when it is saved, so that {@link evaluate} never skips anything in it.
 *
 * The short form `execute-api:/stage/…` is for resource policies. `NotPrincipal` is refused; AWS advises against it. The case of
 * an operator counts, as IAM's own refusal of `stringEquals` shows (ministryofjustice/modernisation-platform-environments#8893).
 *
 * @param document  The document, as parsed JSON.
 * @throws `TypeError` with the code `INVALID_OPTION`: `checkPolicy: "policy.Statement[0].Effect" must be "Allow" or "Deny", got "allow"`.
 * @see [AWS: policy grammar](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html),
 *   [NotPrincipal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html)
 * @example
 * ```ts
 * checkPolicy(policy, { kind: 'trust' })
 * ```
 */
export function checkPolicy(
  document: unknown,
  options: CheckPolicyOptions = {},
): asserts document is PolicyDocument {
  const { kind = 'identity', path = 'policy', owner = 'checkPolicy' } = options
  onlyMembers(options, { owner, path: 'options' }, ['kind', 'path', 'owner'])
  if (!KINDS.includes(kind)) {
    fail({ owner, path: 'options.kind' }, `must be one of ${KINDS.join(', ')}, got ${show(kind)}`)
  }
  const place = { owner, path }
  const policy = objectAt(document, place, 'a policy document: { Version, Statement }')
  onlyMembers(policy, place, ['Version', 'Id', 'Statement'])
  const { Version, Id, Statement } = policy
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    fail(memberOf(place, 'Version'), `must be "2012-10-17", got ${show(Version)}`)
  }
  if (Id !== undefined && typeof Id !== 'string') {
    fail(memberOf(place, 'Id'), `must be a string, got ${show(Id)}`)
  }
  const at = memberOf(place, 'Statement')
  if (Statement === undefined) fail(at, 'is missing; a policy needs a statement')
  const variables = Version === '2012-10-17'
  if (!Array.isArray(Statement)) return checkStatement(Statement, at, kind, variables)
  if (Statement.length === 0) fail(at, 'must not be an empty list')
  const sids = new Set<unknown>()
  Statement.forEach((statement: unknown, i) => {
    checkStatement(statement, memberOf(at, i), kind, variables)
    const { Sid } = objectAt(statement, memberOf(at, i), 'a statement')
    if (Sid && sids.has(Sid)) {
      fail(
        memberOf(memberOf(at, i), 'Sid'),
        `must differ from every other Sid, got ${show(Sid)} again`,
      )
    }
    sids.add(Sid)
  })
}

const KINDS: readonly PolicyKind[] = ['identity', 'trust', 'resource']

const ELEMENTS: Record<PolicyKind, { principal: boolean; resource: boolean }> = {
  identity: { principal: false, resource: true },
  trust: { principal: true, resource: false },
  resource: { principal: true, resource: true },
}

const NOT_PRINCIPAL =
  'is not supported, and AWS advises against it; write Principal "*" with a condition on aws:PrincipalArn'
const OF_RESOURCE_POLICIES =
  'is for trust policies and resource policies; a policy that a role has is for that role alone'

function checkStatement(value: unknown, place: Place, kind: PolicyKind, variables: boolean): void {
  const statement = objectAt(value, place, 'a statement: { Effect, Action, Resource }')
  const { principal: hasPrincipal, resource: hasResource } = ELEMENTS[kind]
  if (hasPrincipal && statement['NotPrincipal'] !== undefined) {
    fail(memberOf(place, 'NotPrincipal'), NOT_PRINCIPAL)
  }
  if (!hasPrincipal && statement['Principal'] !== undefined) {
    fail(memberOf(place, 'Principal'), OF_RESOURCE_POLICIES)
  }
  const targets = [
    ...(hasPrincipal ? ['Principal'] : []),
    ...(hasResource ? ['Resource', 'NotResource'] : []),
  ]
  onlyMembers(statement, place, ['Sid', 'Effect', 'Action', 'NotAction', ...targets, 'Condition'])
  const { Sid, Effect, Condition, Principal } = statement
  if (Sid !== undefined && !(typeof Sid === 'string' && /^[A-Za-z0-9]*$/.test(Sid))) {
    fail(memberOf(place, 'Sid'), `must have letters and digits only, got ${show(Sid)}`)
  }
  if (Effect !== 'Allow' && Effect !== 'Deny') {
    fail(memberOf(place, 'Effect'), `must be "Allow" or "Deny", got ${show(Effect)}`)
  }
  for (const [at, action] of eitherOf(statement, place, 'Action')) checkAction(action, at)
  if (hasPrincipal) checkPrincipal(Principal, memberOf(place, 'Principal'), kind)
  if (hasResource) {
    for (const [at, arn] of eitherOf(statement, place, 'Resource')) {
      const isShort = kind === 'resource' && arn.startsWith(SHORT_FORM)
      const fault = isShort && variables ? variableFault(arn) : undefined
      if (fault) fail(at, `${fault}, in ${show(arn)}`)
      if (!isShort) checkResource(arn, at, variables)
    }
  }
  if (Condition !== undefined) checkCondition(Condition, memberOf(place, 'Condition'), variables)
}

function eitherOf(
  statement: Record<string, unknown>,
  place: Place,
  name: 'Action' | 'Resource',
): [place: Place, text: string][] {
  const given = [name, `Not${name}`].filter((key) => statement[key] !== undefined)
  const [key = name] = given
  if (given.length === 0) fail(memberOf(place, name), `is missing; write ${name} or Not${name}`)
  if (given.length > 1) {
    fail(memberOf(place, `Not${name}`), `must not be given together with ${name}`)
  }
  return textsAt(statement[key], memberOf(place, key))
}

/** The service is without wildcards, unless it is `*` alone. */
const ACTION = /^(?:\*|[A-Za-z0-9.-]+):[A-Za-z0-9*?-]+$/

function checkAction(action: string, place: Place): void {
  if (action === '*' || ACTION.test(action)) return
  fail(place, `must be "*" or service:Action such as "execute-api:Invoke", got ${show(action)}`)
}

function checkResource(arn: string, place: Place, variables: boolean): void {
  if (arn === '*') return
  // A pseudo parameter that CloudFormation's Fn::Sub would have replaced; to IAM it is a variable without a value.
  const [pseudo] = /\$\{AWS::\w+\}/.exec(arn) ?? []
  if (pseudo) fail(place, `has ${pseudo}, which CloudFormation replaces and IAM does not`)
  const fault = variables ? variableFault(arn) : undefined
  if (fault) fail(place, `${fault}, in ${show(arn)}`)
  const [start, partition = '', service = '', ...rest] = fieldsOf(arn, variables)
  if (start !== 'arn' || !isPartition(partition) || /\s$/.test(arn)) {
    fail(place, `must be "*" or an ARN such as "${EXAMPLE_ARN}", got ${show(arn)}`)
  }
  if (!/^[a-z0-9-]+$/.test(service)) {
    fail(place, `must name its service in lower case and without wildcards, got ${show(arn)}`)
  }
  if (rest.slice(0, 2).some((field) => /\s/.test(field))) {
    fail(place, `must not have white space in its region or account, got ${show(arn)}`)
  }
}

const EXAMPLE_ARN = 'arn:aws:execute-api:eu-central-1:123456789012:abc123/*/GET/test'

/** The fields of an ARN; a variable is one text, whatever it contains. */
const fieldsOf = (arn: string, variables: boolean): string[] =>
  (variables ? withoutVariables(arn, '$') : arn).split(':', FIELDS_OF_AN_ARN)

/** `aws`, `aws-cn` and the like, or a pattern for them. IAM refuses others as not valid. */
function isPartition(text: string): boolean {
  if (!/^[a-z0-9*?-]+$/.test(text)) return false
  const [literal = ''] = text.split(/[*?]/)
  if (literal === text) return /^aws(-[a-z0-9-]+)?$/.test(text)
  return 'aws'.startsWith(literal) || /^aws(-|$)/.test(literal)
}

const PRINCIPALS = ['AWS', 'Federated', 'Service', 'CanonicalUser']

function checkPrincipal(principal: unknown, place: Place, kind: PolicyKind): void {
  if (principal === undefined) {
    const who =
      kind === 'trust'
        ? 'a trust policy names who may assume the role'
        : 'a resource policy names its callers; write "*" for every caller'
    fail(place, `is missing; ${who}`)
  }
  if (principal === '*') return
  const named = objectAt(principal, place, '"*" or { Federated: "cognito-identity.amazonaws.com" }')
  onlyMembers(named, place, PRINCIPALS)
  for (const [type, names] of Object.entries(named)) {
    for (const [at, name] of textsAt(names, memberOf(place, type))) {
      if (type === 'AWS' && !AWS_PRINCIPAL.test(name)) {
        const what =
          'must be "*", the ID of an account, or the ARN of a principal without wildcards'
        fail(at, `${what}, got ${show(name)}`)
      }
      // AWS documents `*` for the type AWS only.
      if (type !== 'AWS' && /[*?\s]|\$\{/.test(name)) {
        fail(at, `must be a name without wildcards, got ${show(name)}`)
      }
    }
  }
}

/**
 * An account, its principals, or the unique ID of one, which IAM writes in place of an ARN whose principal was deleted. A wildcard stands for
 * every principal or is an error: "you cannot use a wildcard to match part of a principal name or ARN".
 *
 * @see [AWS: Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
 */
const AWS_PRINCIPAL = /^(?:\*|\d{12}|A[A-Z0-9]{15,}|arn:aws[\w-]*:(?:iam|sts)::\w+:[^\s*?$]+)$/

function checkCondition(value: unknown, place: Place, variables: boolean): void {
  const block = objectAt(value, place, 'an object: { StringEquals: { key: value } }')
  for (const [operator, keys] of Object.entries(block)) {
    const at = memberOf(place, operator)
    if (!isConditionOperator(operator)) {
      fail(at, `must be a condition operator of IAM; ${similarOperators(operator)}`)
    }
    for (const [key, wanted] of Object.entries(objectAt(keys, at, 'an object: { key: value }'))) {
      const values: unknown[] = Array.isArray(wanted) ? wanted : [wanted]
      // AWS's pages do not say whether it is met by every value or by none.
      if (values.length === 0) {
        fail({ ...at, path: `${at.path}['${key}']` }, 'must not be an empty list')
      }
      values.forEach((entry, i) => {
        const item = Array.isArray(wanted) ? `[${i}]` : ''
        const where = { ...at, path: `${at.path}['${key}']${item}` }
        if (!['string', 'number', 'boolean'].includes(typeof entry)) {
          fail(where, `must be a string, a number, true or false, got ${show(entry)}`)
        }
        const fault = conditionValueFault(operator, String(entry), variables)
        if (fault) fail(where, fault)
      })
    }
  }
}

function similarOperators(operator: string): string {
  const base = operator.replace(/^.*:|IfExists$/g, '')
  const near = conditionOperators().filter(
    (name) => name.slice(0, 4).toLowerCase() === base.slice(0, 4).toLowerCase(),
  )
  return near.length > 0
    ? `did you mean ${near.join(', ')}?`
    : `the operators are ${conditionOperators().join(', ')}`
}

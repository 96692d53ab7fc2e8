import { conditionOperators, conditionValueFault, isConditionOperator } from './condition.ts'
import { fail, objectAt, onlyKeys, show, textsAt } from '../at-path.ts'
import { FIELDS_OF_AN_ARN, variableFault } from './pattern.ts'

/** `identity`: what a role may do. `trust`: who may assume it. */
export type PolicyKind = 'identity' | 'trust'

/**
 * Checks a policy document as IAM does when it is saved, so that nothing in it is ever skipped.
 *
 * @param document  The document.
 * @param path      Where it stands in the definition, for the message.
 * `NotPrincipal` and the short form `execute-api:/stage/…` are for resource policies alone, which there are none of here.
 * The case of an operator counts, as IAM's own refusal of `stringEquals` has it
 * (ministryofjustice/modernisation-platform-environments#8893).
 *
 * @throws TypeError that names the place, what is wrong there and what to do.
 * @see [AWS: policy grammar](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html),
 *   [NotPrincipal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html),
 *   [where policy variables may stand](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-wheretouse)
 */
export function checkPolicy(document: unknown, path: string, kind: PolicyKind): void {
  const policy = objectAt(document, path, 'a policy document: { Version, Statement }')
  onlyKeys(policy, path, ['Version', 'Id', 'Statement'])
  const { Version, Id, Statement } = policy
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    fail(`${path}.Version`, `is ${show(Version)}`, `Write '2012-10-17'.`)
  }
  if (Id !== undefined && typeof Id !== 'string')
    fail(`${path}.Id`, 'is no text', 'Write a string.')
  if (Statement === undefined) fail(`${path}.Statement`, 'is missing', 'A policy needs one.')
  const variables = Version === '2012-10-17'
  if (!Array.isArray(Statement)) {
    return checkStatement(Statement, `${path}.Statement`, kind, variables)
  }
  if (Statement.length === 0) fail(`${path}.Statement`, 'is empty', 'A policy needs a statement.')
  const sids = new Set<unknown>()
  Statement.forEach((statement: unknown, i) => {
    const at = `${path}.Statement[${i}]`
    checkStatement(statement, at, kind, variables)
    const { Sid } = objectAt(statement, at, 'a statement')
    if (Sid && sids.has(Sid)) fail(`${at}.Sid`, `is ${show(Sid)} again`, 'Each Sid stands once.')
    sids.add(Sid)
  })
}

function checkStatement(value: unknown, path: string, kind: PolicyKind, variables: boolean): void {
  const statement = objectAt(value, path, 'a statement: { Effect, Action, Resource }')
  onlyKeys(statement, path, [
    'Sid',
    'Effect',
    'Action',
    'NotAction',
    ...(kind === 'trust' ? ['Principal'] : ['Resource', 'NotResource']),
    'Condition',
  ])
  const { Sid, Effect, Condition, Principal } = statement
  if (Sid !== undefined && !(typeof Sid === 'string' && /^[A-Za-z0-9]*$/.test(Sid))) {
    fail(`${path}.Sid`, `is ${show(Sid)}`, 'IAM takes letters and digits only.')
  }
  if (Effect !== 'Allow' && Effect !== 'Deny') {
    fail(`${path}.Effect`, `is ${show(Effect)}`, `Write 'Allow' or 'Deny'.`)
  }
  for (const [at, action] of eitherOf(statement, path, 'Action')) checkAction(action, at)
  if (kind === 'trust') checkPrincipal(Principal, `${path}.Principal`)
  else {
    for (const [at, arn] of eitherOf(statement, path, 'Resource')) checkResource(arn, at, variables)
  }
  if (Condition !== undefined) checkCondition(Condition, `${path}.Condition`, variables)
}

function eitherOf(
  statement: Record<string, unknown>,
  path: string,
  name: 'Action' | 'Resource',
): [path: string, value: string][] {
  const given = [name, `Not${name}`].filter((key) => statement[key] !== undefined)
  const [key = name] = given
  if (given.length === 0) fail(`${path}.${name}`, 'is missing', `Write ${name} or Not${name}.`)
  if (given.length > 1) fail(`${path}.Not${name}`, `stands beside ${name}`, 'Keep one of them.')
  return textsAt(statement[key], `${path}.${key}`)
}

function checkAction(action: string, path: string): void {
  if (action === '*' || action === '*:*' || /^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$/.test(action)) return
  fail(path, `is ${show(action)}`, `Write '*' or service:Action, as 'execute-api:Invoke'.`)
}

function checkResource(arn: string, path: string, variables: boolean): void {
  // A pseudo parameter that CloudFormation's Fn::Sub would have filled in; to IAM it is a variable without a value.
  const [pseudo] = /\$\{AWS::\w+\}/.exec(arn) ?? []
  if (pseudo) fail(path, `has ${pseudo}`, 'Write REGION, ACCOUNT_ID, API_ID: they are filled in.')
  const fault = variables ? variableFault(arn) : undefined
  if (fault) fail(path, fault, "Write ${key} or ${key, 'default'}.")
  const [start, , service = ''] = arn.split(':')
  if (arn !== '*' && (start !== 'arn' || /[*?]/.test(service))) {
    const why = start === 'arn' ? 'has a wildcard in its service' : `is ${show(arn)}`
    const example = 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/test'
    fail(path, why, `Write '*' or an ARN, as '${example}'.`)
  }
  const [before = '', ...filledIn] = variables ? arn.split('${') : [arn]
  if (filledIn.length > 0 && before.split(':').length < FIELDS_OF_AN_ARN) {
    const why = 'has a policy variable before its fifth colon, where AWS fills in none'
    fail(path, why, 'Write a wildcard there.')
  }
}

const PRINCIPALS = ['AWS', 'Federated', 'Service', 'CanonicalUser']

function checkPrincipal(principal: unknown, path: string): void {
  if (principal === undefined)
    fail(path, 'is missing', 'A trust policy says who may assume the role.')
  if (principal === '*') return
  const named = objectAt(principal, path, `'*' or { Federated: 'cognito-identity.amazonaws.com' }`)
  onlyKeys(named, path, PRINCIPALS)
  for (const [type, names] of Object.entries(named)) textsAt(names, `${path}.${type}`)
}

function checkCondition(value: unknown, path: string, variables: boolean): void {
  const block = objectAt(value, path, 'an object: { StringEquals: { key: value } }')
  for (const [operator, keys] of Object.entries(block)) {
    const at = `${path}.${operator}`
    if (!isConditionOperator(operator)) {
      fail(at, 'is not a condition operator of IAM', `${likely(operator)}.`)
    }
    for (const [key, wanted] of Object.entries(objectAt(keys, at, 'an object: { key: value }'))) {
      const all: unknown[] = Array.isArray(wanted) ? wanted : [wanted]
      all.forEach((one, i) => {
        const where = `${at}['${key}']${Array.isArray(wanted) ? `[${i}]` : ''}`
        if (!['string', 'number', 'boolean'].includes(typeof one)) {
          fail(where, `is ${show(one)}`, 'Write a string, a number, true or false.')
        }
        const fault = conditionValueFault(operator, String(one))
        const skipped = !variables && fault?.includes('${')
        if (fault && !skipped) fail(where, `is ${show(one)}, which ${fault}`, HOW_VALUES_LOOK)
      })
    }
  }
}

const HOW_VALUES_LOOK =
  'Policy variables are for the String and Arn operators; the others take plain values.'

function likely(operator: string): string {
  const base = operator.replace(/^.*:|IfExists$/g, '')
  const near = conditionOperators().filter(
    (name) => name.slice(0, 4).toLowerCase() === base.slice(0, 4).toLowerCase(),
  )
  return near.length > 0
    ? `Did you mean ${near.join(', ')}`
    : `IAM has ${conditionOperators().join(', ')}`
}

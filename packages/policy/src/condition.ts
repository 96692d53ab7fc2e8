import { TESTS, type ConditionTest } from './condition-operators.ts'
import { missingVariable, variableFault, withoutVariables, type Lookup } from './pattern.ts'

/**
 * What is known about a request: condition keys, whose case does not count, and their values. A list is a key that may have
 * several values, such as `cognito-identity.amazonaws.com:amr`, even if the list has one.
 */
export type ConditionContext = Readonly<Record<string, string | readonly string[] | undefined>>

/** The values of one key in a condition; one of them is enough. */
export type ConditionValues = ConditionValue | readonly ConditionValue[]
type ConditionValue = string | number | boolean

/** The element `Condition` of a statement: `{ StringEquals: { key: value } }`. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, ConditionValues>>>>

/** A condition that is not met. */
export interface UnmetCondition {
  operator: string
  key: string
  /** A part of a sentence: `the request has no value for the key "aws:PrincipalTag/team"`. */
  reason: string
}

/**
 * Returns the first condition of a statement that is not met; `undefined` if all are met.
 *
 * A key that the request does not have makes a positive operator false and a negated one true; `…IfExists` and
 * `ForAllValues:` are true then, `ForAnyValue:` is false, with `…IfExists` too. For `Null` and the set prefixes an empty text
 * is not a value.
 *
 * A key that may have several values needs a set prefix: without one no operator is met, negated or not ("Multivalued
 * context keys require a condition set operator").
 *
 * @param variables  Whether policy variables count, as they do from version 2012-10-17 on.
 * @throws TypeError for an operator that is not one of IAM's.
 * @see [AWS: condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html),
 *   [multivalued keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)
 * @see Observed on AWS: [`ForAnyValue:…IfExists`](https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w/foranyvalue-stringequalsifexists-behaving-unexpectedly)
 */
export function unmetCondition(
  block: ConditionBlock,
  context: ConditionContext,
  variables: boolean,
): UnmetCondition | undefined {
  return firstUnmet(readConditions(block), factsOf(context), variables)
}

/** One key of a condition, read. */
export interface ReadCondition {
  name: string
  key: string
  operator: Operator
  wanted: readonly string[]
}

/**
 * Reads a condition block.
 *
 * @throws TypeError for an operator that is not one of IAM's.
 */
export const readConditions = (block: ConditionBlock): ReadCondition[] =>
  Object.entries(block).flatMap(([name, keys]) => {
    const operator = parseOperator(name)
    if (!operator) throw new TypeError(`"${name}" is not a condition operator of IAM`)
    return Object.entries(keys).map(([key, values]) => ({
      name,
      key,
      operator,
      wanted: [values].flat().map(String),
    }))
  })

/** Returns the first of the conditions that is not met, as {@link unmetCondition} does. */
export function firstUnmet(
  conditions: readonly ReadCondition[],
  { find, lookup }: Facts,
  variables: boolean,
): UnmetCondition | undefined {
  for (const { name, key, operator, wanted } of conditions) {
    const variableLookup = variables && operator.test.variables ? lookup : undefined
    const actual = find(key)
    if (isMet(operator, wanted, actual, variableLookup)) continue
    return {
      operator: name,
      key,
      reason: reasonOf(name, key, operator, wanted, actual, variableLookup),
    }
  }
  return undefined
}

/** What is known about one request. */
export interface Facts {
  find: (key: string) => Actual
  /** Returns the values of condition keys to policy variables. A key with several values has none for them. */
  lookup: Lookup
}

/** Returns the values of condition keys to policy variables. A key with several values has none for them. */
export const lookupIn = (context: ConditionContext): Lookup => factsOf(context).lookup

/** Prepares the condition keys of a request when the first of them is read. */
export function factsOf(context: ConditionContext): Facts {
  let all: Map<string, string | readonly string[] | undefined> | undefined
  const find = (key: string): Actual => {
    all ??= new Map(Object.entries(context).map(([name, value]) => [name.toLowerCase(), value]))
    const value = all.get(key.toLowerCase()) ?? []
    return typeof value === 'string'
      ? { values: [value], isList: false }
      : { values: value, isList: value.length > 0 }
  }
  const lookup: Lookup = (key) => {
    const { values } = find(key)
    return values.length === 1 ? values[0] : undefined
  }
  return { find, lookup }
}

/** The values of a key in a request. */
interface Actual {
  values: readonly string[]
  /** Whether the key may have several. */
  isList: boolean
}

/**
 * Describes what is wrong with a value of a condition; `undefined` if nothing is.
 *
 * @param name       The operator, with prefix and suffix.
 * @param variables  Whether policy variables count.
 */
export function conditionValueFault(
  name: string,
  value: string,
  variables: boolean,
): string | undefined {
  const test = parseOperator(name)?.test
  if (!test) return 'belongs to an unknown operator'
  const takesVariables = variables && test.variables
  const isAllVariables = value !== '' && withoutVariables(value, '') === ''
  if (takesVariables && isAllVariables) return variableFault(value)
  if (!test.valid(value)) {
    const hint = value.includes('${')
      ? '; a policy variable is allowed for String, Arn and Bool operators only'
      : ''
    return `must be ${test.takes}, got ${JSON.stringify(value)}${hint}`
  }
  return takesVariables ? variableFault(value) : undefined
}

/** The operators' names without prefixes and suffixes. */
export const conditionOperators = (): string[] => [...TESTS.keys()]

/** Whether IAM has an operator of this name. */
export const isConditionOperator = (name: string): boolean => parseOperator(name) !== undefined

interface Operator {
  test: ConditionTest
  set: 'ForAnyValue' | 'ForAllValues' | undefined
  ifExists: boolean
}

function parseOperator(name: string): Operator | undefined {
  const [, set, base = '', ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/.exec(name) ?? []
  const test = TESTS.get(base)
  if (!test || (base === 'Null' && (set || ifExists))) return undefined
  return {
    test,
    set: set === 'ForAnyValue' || set === 'ForAllValues' ? set : undefined,
    ifExists: ifExists !== undefined,
  }
}

// It tests for the key itself and compares nothing.
const NULL = TESTS.get('Null')

function isMet(
  { test, set, ifExists }: Operator,
  wanted: readonly string[],
  { values, isList }: Actual,
  lookup: Lookup | undefined,
): boolean {
  const present = values.filter((value) => value !== '')
  if (test === NULL) {
    return wanted.some((text) => (text.toLowerCase() === 'true') === (present.length === 0))
  }
  const compares = (value: string): boolean =>
    wanted.some((want) => test.compare(want, value, lookup))
  const passes = (value: string): boolean => compares(value) !== test.negated
  if (set === 'ForAllValues') return present.every(passes)
  if (set === 'ForAnyValue') return present.some(passes)
  if (values.length === 0) return ifExists || test.negated
  return !isList && values.every(passes)
}

function reasonOf(
  name: string,
  key: string,
  { test, set }: Operator,
  wanted: readonly string[],
  { values, isList }: Actual,
  lookup: Lookup | undefined,
): string {
  if (values.length === 0) return `the request has no value for the key "${key}"`
  if (isList && !set && test !== NULL) {
    return `the key "${key}" may have several values, and ${name} has no ForAnyValue: or ForAllValues: before it`
  }
  const variable = lookup && wanted.map((text) => missingVariable(text, lookup)).find(Boolean)
  if (variable) return `the policy variable ${variable} has no value in the request`
  return `${name} ${listOf(wanted)} does not hold for ${listOf(values)}, the value of the key "${key}"`
}

/** Values in a sentence: the first three, each cut to 80 characters. */
function listOf(values: readonly string[]): string {
  const shown = values.slice(0, 3).map((value) => JSON.stringify(value.slice(0, 80)))
  return shown.join(', ') + (values.length > 3 ? ` and ${values.length - 3} more` : '')
}

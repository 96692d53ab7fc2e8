import { TESTS, type Test } from './condition-operators.ts'
import { variableFault, type Lookup } from './pattern.ts'

/** What is known about a request: condition keys (their case does not count) and their values. */
export type ConditionContext = Readonly<Record<string, string | readonly string[] | undefined>>

/** The element `Condition` of a statement. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, ConditionValues>>>>
type ConditionValue = string | number | boolean
type ConditionValues = ConditionValue | readonly ConditionValue[]

/**
 * Whether all conditions of a statement hold.
 *
 * A key that the request does not have makes a positive operator false and a negated one true; `…IfExists`
 * and `ForAllValues:` are true then, `ForAnyValue:` is false, with `…IfExists` too. For `Null` and the set prefixes an
 * empty text is no value. A key with several values under an operator without set prefix holds if it does for one of
 * them (unverified: AWS asks for a prefix).
 *
 * @param variables  Whether policy variables count, as they do from version 2012-10-17 on.
 * @throws Error for an operator that is not one of IAM's.
 * @see [AWS: condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html),
 *   [multivalued keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)
 * @see Observed on AWS: [`ForAnyValue:…IfExists`](https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w/foranyvalue-stringequalsifexists-behaving-unexpectedly)
 */
export function conditionsHold(
  block: ConditionBlock,
  context: ConditionContext,
  variables: boolean,
): boolean {
  const valuesOf = valuesIn(context)
  const lookup = lookupIn(context)
  return Object.entries(block).every(([name, keys]) => {
    const operator = parseOperator(name)
    if (!operator) throw new Error(`${name} is not a condition operator of IAM`)
    return Object.entries(keys).every(([key, wanted]) =>
      holds(
        operator,
        [wanted].flat().map(String),
        valuesOf(key),
        variables && operator.test.variables ? lookup : undefined,
      ),
    )
  })
}

/** Gives the values of condition keys to policy variables. A key with several values cannot stand in one. */
export function lookupIn(context: ConditionContext): Lookup {
  const valuesOf = valuesIn(context)
  return (key) => {
    const all = valuesOf(key)
    return all.length === 1 ? all[0] : undefined
  }
}

function valuesIn(context: ConditionContext): (key: string) => readonly string[] {
  const values = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]))
  return (key) => [values.get(key.toLowerCase()) ?? []].flat()
}

/**
 * Says what is wrong with a value of a condition; nothing when all is well.
 *
 * @param name  The operator, with prefix and suffix.
 */
export function conditionValueFault(name: string, value: string): string | undefined {
  const test = parseOperator(name)?.test
  if (!test) return 'belongs to an unknown operator'
  if (!test.valid(value)) return `is not ${test.takes}`
  return test.variables ? variableFault(value) : undefined
}

/** The operators' names without prefixes and suffixes. */
export const conditionOperators = (): string[] => [...TESTS.keys()]

/** Whether IAM knows an operator of this name. */
export const isConditionOperator = (name: string): boolean => parseOperator(name) !== undefined

interface Operator {
  test: Test
  /** `ForAnyValue` or `ForAllValues`. */
  set: string | undefined
  ifExists: boolean
}

function parseOperator(name: string): Operator | undefined {
  const [, set, base = '', ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/.exec(name) ?? []
  const test = TESTS.get(base)
  if (!test || (base === 'Null' && (set || ifExists))) return undefined
  return { test, set, ifExists: ifExists !== undefined }
}

// It tests for the key itself and compares nothing.
const NULL = TESTS.get('Null')

function holds(
  { test, set, ifExists }: Operator,
  wanted: readonly string[],
  actual: readonly string[],
  lookup: Lookup | undefined,
): boolean {
  const present = actual.filter((value) => value !== '')
  if (test === NULL)
    return wanted.some((one) => (one.toLowerCase() === 'true') === (present.length === 0))
  const one = (value: string): boolean => wanted.some((want) => test.compare(want, value, lookup))
  const each = (value: string): boolean => one(value) !== test.negated
  if (set === 'ForAllValues') return present.every(each)
  if (set === 'ForAnyValue') return present.some(each)
  if (actual.length === 0) return ifExists || test.negated
  return actual.some(one) !== test.negated
}

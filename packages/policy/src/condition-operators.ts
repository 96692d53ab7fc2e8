import { isInRange, isRange } from './ip-range.ts'
import { matches, type Lookup } from './pattern.ts'

/** How one condition operator of IAM compares. */
export interface ConditionTest {
  compare(want: string, actual: string, lookup?: Lookup): boolean
  /** Whether it is met if no value compares. */
  negated: boolean
  /** Whether its values may have policy variables: those of the String and the Arn family, and of Bool. */
  variables: boolean
  valid(want: string): boolean
  /** The values that `valid` accepts, in words. */
  takes: string
}

/** By the operator's name, without prefix and suffix. */
export const TESTS: Map<string, ConditionTest> = new Map()

const define = (names: string, test: Omit<ConditionTest, 'negated'>): void => {
  const [positive = '', negative] = names.split(' ')
  TESTS.set(positive, { ...test, negated: false })
  if (negative) TESTS.set(negative, { ...test, negated: true })
}

const onText = (names: string, compare: ConditionTest['compare']): void =>
  define(names, { compare, valid: () => true, takes: 'text', variables: true })

onText('StringEquals StringNotEquals', (want, actual, lookup) =>
  matches(want, actual, 'literal', lookup),
)
onText('StringEqualsIgnoreCase StringNotEqualsIgnoreCase', (want, actual, lookup) =>
  matches(want.toLowerCase(), actual.toLowerCase(), 'literal', lookup && lowered(lookup)),
)
onText('StringLike StringNotLike', (want, actual, lookup) => matches(want, actual, 'text', lookup))
const lowered =
  (lookup: Lookup): Lookup =>
  (key) =>
    lookup(key)?.toLowerCase()

const isArn = (want: string): boolean => want === '*' || /^(arn:([^:]*:){4}|\$\{)/.test(want)
for (const names of ['ArnEquals ArnNotEquals', 'ArnLike ArnNotLike']) {
  define(names, {
    compare: (want, actual, lookup) => matches(want, actual, 'arn', lookup),
    valid: isArn,
    takes: 'an ARN with six fields',
    variables: true,
  })
}

const inOrder = (
  family: string,
  parse: (text: string) => number,
  valid: (text: string) => boolean,
  takes: string,
): void => {
  const compared = (names: string, compare: (want: number, actual: number) => boolean): void =>
    define(names, {
      compare: (want, actual) => compare(parse(want), parse(actual)),
      valid,
      takes,
      variables: false,
    })
  compared(`${family}Equals ${family}NotEquals`, (want, actual) => actual === want)
  compared(`${family}LessThan`, (want, actual) => actual < want)
  compared(`${family}LessThanEquals`, (want, actual) => actual <= want)
  compared(`${family}GreaterThan`, (want, actual) => actual > want)
  compared(`${family}GreaterThanEquals`, (want, actual) => actual >= want)
}

const isNumber = (text: string): boolean => /^[+-]?\d+(\.\d+)?$/.test(text)
const toNumber = (text: string): number => (isNumber(text) ? Number(text) : NaN)
inOrder('Numeric', toNumber, isNumber, 'a number')

const DATE = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?$/
/** `Date.parse` reads 30 February as a day in March, and 24 o'clock as the next day. */
const isOnCalendar = (text: string): boolean => {
  const [date = '', hour = ''] = text.split('T')
  const parsed = new Date(`${date}${date.length === 10 ? 'T00:00:00Z' : ''}`)
  return (
    !Number.isNaN(parsed.getTime()) &&
    parsed.toISOString().startsWith(date) &&
    !hour.startsWith('24')
  )
}
const toTime = (text: string): number => {
  if (DATE.test(text)) return isOnCalendar(text) ? Date.parse(text) : NaN
  return /^-?\d+$/.test(text) ? Number(text) * 1_000 : NaN
}
const isTime = (text: string): boolean => !Number.isNaN(toTime(text))
inOrder('Date', toTime, isTime, 'an ISO 8601 date or seconds since the epoch')

const isBoolean = (text: string): boolean => /^(true|false)$/i.test(text)
// AWS's pages contradict each other about policy variables here: the page on variables rules them out for Boolean operators,
// the page on operators has "Policy variables – Supported". They are replaced, as the second page says (unverified).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-wheretouse
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean
define('Bool', {
  compare: (want, actual, lookup) =>
    isBoolean(actual) &&
    matches(want.toLowerCase(), actual.toLowerCase(), 'literal', lookup && lowered(lookup)),
  valid: isBoolean,
  takes: 'true or false',
  variables: true,
})

const isBase64 = (text: string): boolean =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
define('BinaryEquals', {
  compare: (want, actual) => isBase64(actual) && atob(want) === atob(actual),
  valid: isBase64,
  takes: 'base64',
  variables: false,
})

define('IpAddress NotIpAddress', {
  compare: isInRange,
  valid: isRange,
  takes: 'an IP address or a CIDR range',
  variables: false,
})

define('Null', {
  compare: () => false,
  valid: isBoolean,
  takes: 'true or false',
  variables: false,
})

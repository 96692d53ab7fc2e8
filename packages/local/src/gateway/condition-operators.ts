import { BlockList, isIP } from 'node:net'
import { matches, type Lookup } from './pattern.ts'

/** How one condition operator of IAM compares. */
export interface Test {
  compare(want: string, actual: string, lookup?: Lookup): boolean
  /** Holds when no value compares. */
  negated: boolean
  /** Whether policy variables may stand in its values: the String and the Arn family only. */
  variables: boolean
  valid(want: string): boolean
  /** What `valid` asks for, in words. */
  takes: string
}

/** By the operator's name, without prefix and suffix. */
export const TESTS: Map<string, Test> = new Map()

const define = (
  names: string,
  compare: Test['compare'],
  valid: Test['valid'],
  takes: string,
  variables = false,
): void => {
  const [positive = '', negative] = names.split(' ')
  const test = { compare, valid, takes, variables }
  TESTS.set(positive, { ...test, negated: false })
  if (negative) TESTS.set(negative, { ...test, negated: true })
}

const anyText = (): boolean => true
const onText = (names: string, compare: Test['compare']): void =>
  define(names, compare, anyText, 'text', true)

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
  const takes = 'an ARN with six fields'
  const like = (want: string, actual: string, lookup?: Lookup): boolean =>
    matches(want, actual, 'arn', lookup)
  define(names, like, isArn, takes, true)
}

const inOrder = (
  family: string,
  parse: (text: string) => number,
  valid: (text: string) => boolean,
  takes: string,
): void => {
  const compared = (names: string, compare: (want: number, actual: number) => boolean): void =>
    define(names, (want, actual) => compare(parse(want), parse(actual)), valid, takes)
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
const toTime = (text: string): number => {
  if (DATE.test(text)) return Date.parse(text)
  return /^-?\d+$/.test(text) ? Number(text) * 1_000 : NaN
}
const isTime = (text: string): boolean => !Number.isNaN(toTime(text))
inOrder('Date', toTime, isTime, 'an ISO 8601 date or seconds since the epoch')

const isTrue = (text: string): boolean => text.toLowerCase() === 'true'
const isBoolean = (text: string): boolean => /^(true|false)$/i.test(text)
const sameBoolean = (want: string, actual: string): boolean =>
  isBoolean(actual) && isTrue(want) === isTrue(actual)
define('Bool', sameBoolean, isBoolean, 'true or false')

const isBase64 = (text: string): boolean =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
const sameBytes = (want: string, actual: string): boolean =>
  isBase64(actual) && Buffer.from(want, 'base64').equals(Buffer.from(actual, 'base64'))
define('BinaryEquals', sameBytes, isBase64, 'base64')

const isRange = (text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (!family || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
const inRange = (want: string, actual: string): boolean => {
  const [address = '', bits] = want.split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  const length = Number(bits ?? (family === 'ipv4' ? 32 : 128))
  const asked = isIP(actual)
  if (!asked) return false
  const list = new BlockList()
  list.addSubnet(address, length, family)
  return list.check(actual, asked === 6 ? 'ipv6' : 'ipv4')
}
define('IpAddress NotIpAddress', inRange, isRange, 'an IP address or a CIDR range')

define('Null', () => false, isBoolean, 'true or false')

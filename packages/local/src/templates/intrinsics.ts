import {
  dictionaryIn,
  isDictionary,
  textIn,
  unresolvedIn,
  Unresolved,
  type Dictionary,
} from './values.ts'

/** What evaluating the functions of a template needs. */
export interface Scope {
  /** Parameters, pseudo parameters and resources. */
  ref(name: string): unknown
  attribute(logicalId: string, name: string): unknown
  /** Whether a condition of the template is met. It throws for one that is not known. */
  condition(name: string): boolean
  /** A value of the mappings. */
  mapped(map: string, first: string, second: string): unknown
  /** What another stack exports. */
  imported(name: string): unknown
  /** A part of the template that is in another file, as `AWS::Include` names it. */
  included(location: string): unknown
}

/** `AWS::NoValue`: the member that has it is removed. */
export const NO_VALUE: unique symbol = Symbol('AWS::NoValue')

/**
 * Returns a value with every intrinsic function replaced by its result. What is known on AWS only is {@link Unresolved}.
 *
 * @see [AWS: intrinsic functions](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html)
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((entry) => resolve(entry, scope)).filter((entry) => entry !== NO_VALUE)
  }
  if (!isDictionary(value)) return value
  const names = Object.keys(value)
  const [name = ''] = names
  if (names.length === 1 && Object.hasOwn(FUNCTIONS, name)) {
    return FUNCTIONS[name]?.(value[name], scope)
  }
  if (names.length === 1 && name.startsWith('Fn::')) {
    return new Unresolved(`${name} is not a function that can be evaluated here`)
  }
  const members = Object.entries(value)
    .map(([key, entry]) => [key, resolve(entry, scope)] as const)
    .filter(([, entry]) => entry !== NO_VALUE)
  return Object.fromEntries(members)
}

type Evaluate = (argument: unknown, scope: Scope) => unknown

const FUNCTIONS: Readonly<Record<string, Evaluate>> = {
  Ref: (name, scope) => scope.ref(String(name)),
  Condition: (name, scope) =>
    typeof name === 'string' ? scope.condition(name) : { Condition: resolve(name, scope) },
  'Fn::And': (list, scope) => all(conditions(list, scope), true),
  'Fn::Base64': (text, scope) =>
    withTexts([text], scope, ([plain = '']) => Buffer.from(plain).toString('base64')),
  'Fn::Equals': equals,
  'Fn::FindInMap': findInMap,
  'Fn::GetAtt': getAtt,
  'Fn::If': chooseIf,
  'Fn::ImportValue': (name, scope) =>
    withTexts([name], scope, ([exported = '']) => scope.imported(exported)),
  'Fn::Join': join,
  'Fn::Length': (list, scope) => {
    const items = resolve(list, scope)
    return Array.isArray(items) ? items.length : items
  },
  'Fn::Not': (list, scope) => {
    const [condition] = conditions(list, scope)
    return condition instanceof Unresolved ? condition : !condition
  },
  'Fn::Or': (list, scope) => all(conditions(list, scope), false),
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::Sub': substitute,
  'Fn::Transform': transform,
  'Fn::ToJsonString': (value, scope) => {
    const resolved = resolve(value, scope)
    return unresolvedIn(resolved) ?? JSON.stringify(resolved)
  },
}

/** `AWS::Include` with a file next to the template. Other macros are known on AWS only. */
function transform(argument: unknown, scope: Scope): unknown {
  const location = textIn(dictionaryIn(argument, 'Parameters'), 'Location')
  if (textIn(argument, 'Name') !== 'AWS::Include' || location === undefined) {
    return new Unresolved(`Fn::Transform ${textIn(argument, 'Name') ?? ''} is run on AWS only`)
  }
  return resolve(scope.included(location), scope)
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

/** Evaluates what takes texts: one that is not known makes the result unknown. */
function withTexts(
  values: readonly unknown[],
  scope: Scope,
  use: (texts: readonly string[]) => unknown,
): unknown {
  const resolved = values.map((entry) => resolve(entry, scope))
  return unresolvedIn(resolved) ?? use(resolved.map(String))
}

const conditions = (list: unknown, scope: Scope): (boolean | Unresolved)[] =>
  listOf(list).map((entry) => {
    const met = resolve(entry, scope)
    return met instanceof Unresolved ? met : met === true
  })

/** `wanted` if all are, its opposite if one is known to be, else the first that is not known. */
const all = (met: readonly (boolean | Unresolved)[], wanted: boolean): boolean | Unresolved =>
  met.includes(!wanted) ? !wanted : (met.find((result) => result instanceof Unresolved) ?? wanted)

function equals(argument: unknown, scope: Scope): unknown {
  const [left, right] = listOf(argument).map((entry) => resolve(entry, scope))
  return unresolvedIn([left, right]) ?? String(left) === String(right)
}

function findInMap(argument: unknown, scope: Scope): unknown {
  const [map, first, second, fallback] = listOf(argument)
  return withTexts([map, first, second], scope, ([name = '', firstKey = '', secondKey = '']) => {
    const value = scope.mapped(name, firstKey, secondKey)
    if (value !== undefined) return value
    if (isDictionary(fallback) && 'DefaultValue' in fallback) {
      return resolve(fallback['DefaultValue'], scope)
    }
    return new Unresolved(`Fn::FindInMap has no value ${name}.${firstKey}.${secondKey}`)
  })
}

function getAtt(argument: unknown, scope: Scope): unknown {
  const [logicalId, ...rest] = typeof argument === 'string' ? argument.split('.') : listOf(argument)
  return withTexts(rest, scope, (names) => scope.attribute(String(logicalId), names.join('.')))
}

function chooseIf(argument: unknown, scope: Scope): unknown {
  const [name, then, otherwise] = listOf(argument)
  return resolve(scope.condition(String(name)) ? then : otherwise, scope)
}

function join(argument: unknown, scope: Scope): unknown {
  const [separator, list] = listOf(argument)
  const items = resolve(list, scope)
  if (items instanceof Unresolved) return items
  return withTexts(listOf(items), scope, (texts) => texts.join(String(separator)))
}

function select(argument: unknown, scope: Scope): unknown {
  const [index, list] = listOf(argument).map((entry) => resolve(entry, scope))
  const unknown = unresolvedIn([index, list])
  if (unknown) return unknown
  const selected = listOf(list)[Number(index)]
  return selected === undefined
    ? new Unresolved(`Fn::Select has no item ${String(index)}`)
    : selected
}

function split(argument: unknown, scope: Scope): unknown {
  const [separator, text] = listOf(argument)
  return withTexts([text], scope, ([whole = '']) => whole.split(String(separator)))
}

/** `${Name}` and `${Name.Attribute}`; `${!Name}` stays as `${Name}`. */
function substitute(argument: unknown, scope: Scope): unknown {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}]
  const own: Dictionary = isDictionary(variables) ? variables : {}
  let unknown: Unresolved | undefined
  const result = String(text).replace(/\$\{([^}]*)\}/g, (_, raw: string) => {
    const name = raw.trim()
    if (name.startsWith('!')) return `\${${name.slice(1)}}`
    const value = Object.hasOwn(own, name) ? resolve(own[name], scope) : named(name, scope)
    unknown ??= unresolvedIn(value)
    return String(value)
  })
  return unknown ?? result
}

function named(name: string, scope: Scope): unknown {
  const dot = name.indexOf('.')
  return dot < 0 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1))
}

import { docsUrl } from './error.ts'

/** A `TypeError` about an option, with what a program can switch on. */
export interface InvalidOptionError extends TypeError {
  readonly code: 'INVALID_OPTION'
  /** The address of the documentation page. */
  readonly docs: string
}

/**
 * Creates the error for a wrong option: `createIamFetch: "baseUrl" must be an absolute URL, got "/api"`.
 *
 * @param owner    The function that was given the option.
 * @param problem  The option in quotes, and the rule that it broke.
 * @param got      The value, which becomes part of the message. Leave it out for a secret.
 */
export function invalidOption(
  owner: string,
  problem: string,
  ...got: [value?: unknown]
): InvalidOptionError {
  const suffix = got.length ? `, got ${describeValue(got[0])}` : ''
  const error = new TypeError(`${owner}: ${problem}${suffix}`)
  return Object.assign(error, { code: 'INVALID_OPTION' as const, docs: docsUrl('INVALID_OPTION') })
}

/** Describes a value for a message: short texts and numbers as they are, everything else by its kind. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value)
  }
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

/** What an option must be if it is given. `NaN` is not a number. A `clock` has a function `now`, as `Date` has. */
type Kind = 'function' | 'number' | 'string' | 'boolean' | 'object' | 'strings' | 'clock'

/** How a message describes the kinds whose names do not say it. */
const KINDS: Readonly<Partial<Record<Kind, string>>> = {
  object: 'an object',
  strings: 'an array of strings',
  clock: 'an object with a function "now"',
}

/**
 * The names that an options type has, and what each is checked for: its kind, or `true` for the name alone. As a record, so that the
 * compiler finds a missing or a superfluous name.
 */
export type OptionNames<Options> = Readonly<Record<keyof Options, true | Kind>>

/**
 * Checks the names and the kinds of options. A misspelt option is an error and never ignored: `group` instead of `groups` would let
 * every caller in.
 *
 * @param owner    The function that was given the options.
 * @param options  The options. If a function can be called without any, it passes `{}`.
 * @param names    Every name that the function reads.
 * @param path     The name of the option that holds these options, if they are a part of others.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```ts
 * const NAMES: OptionNames<StoreOptions> = { url: true, timeoutMs: 'number', onEvent: 'function' }
 * checkOptions('createStore', options, NAMES)
 * ```
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  names: OptionNames<Options>,
  path?: string,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    if (path) throw invalidOption(owner, `"${path}" must be an object`, options)
    throw invalidOption(owner, 'the options must be an object', options)
  }
  // With `in`, because an option that is inherited would be read, too.
  for (const name in options) {
    const option = (path ? `${path}.${name}` : name).slice(0, 100)
    if (!Object.hasOwn(names, name)) {
      const known = Object.keys(names).join(', ')
      throw invalidOption(owner, `"${option}" is not an option; the options are ${known}`)
    }
    const value = options[name]
    const kind: true | Kind = names[name]
    if (kind !== true && value !== undefined && !isOfKind(value, kind)) {
      throw invalidOption(owner, `"${option}" must be ${KINDS[kind] ?? `a ${kind}`}`, value)
    }
  }
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'strings') {
    return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
  }
  const { now }: { now?: unknown } = value ?? {}
  if (kind === 'clock') return typeof now === 'function'
  return typeof value === kind && value !== null && !Number.isNaN(value)
}

/**
 * Copies the properties of options and of their classes, getters and properties that are not enumerable included: a rule that
 * a copy by spreading leaves out would open a gate. What a polluted `Object.prototype` contains is not copied.
 *
 * @returns A copy without a prototype. Everything but an object is returned as it is, and so is an array.
 */
export function copyOptions<T>(options: T): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options
  const copy = Object.create(null)
  let holder: object = options
  for (;;) {
    for (const name of Object.getOwnPropertyNames(holder)) {
      const isClass = name === 'constructor' && holder !== options
      if (!isClass && !Object.hasOwn(copy, name)) copy[name] = Reflect.get(options, name)
    }
    const parent: object | null = Object.getPrototypeOf(holder)
    if (parent === null || Object.getPrototypeOf(parent) === null) return copy
    holder = parent
  }
}

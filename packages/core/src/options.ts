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

/** The names that an options type has. As a record, so that the compiler finds a missing or a superfluous one. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>

/**
 * Checks the names of options. A misspelt option is an error and never ignored: `group` instead of `groups` would let
 * every caller in.
 *
 * @param owner    The function that was given the options.
 * @param options  The options, or `undefined` if there are none.
 * @param names    Every name that the function reads.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```ts
 * const NAMES: OptionNames<StoreOptions> = { url: true, timeoutMs: true }
 * checkOptions('createStore', options, NAMES)
 * ```
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options | undefined,
  names: OptionNames<Options>,
): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidOption(owner, 'the options must be an object', options)
  }
  // With `in`, because an option that is inherited would be read, too.
  for (const name in options) {
    if (Object.hasOwn(names, name)) continue
    const known = Object.keys(names)
    const similar = known.find((candidate) => isSimilar(candidate, name))
    const hint = similar ? `did you mean "${similar}"?` : `the options are ${known.join(', ')}`
    throw invalidOption(owner, `"${name.slice(0, 100)}" is not an option; ${hint}`)
  }
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

/** Whether two names differ by case, or by one letter at the beginning, in the middle or at the end. */
function isSimilar(known: string, given: string): boolean {
  const [a, b] = [known.toLowerCase(), given.toLowerCase()]
  if (Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end))
    end++
  return Math.max(a.length, b.length) - start - end <= 1
}

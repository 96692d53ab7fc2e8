/** A `TypeError` about an option or a place of the definition, with what a program can switch on. */
export interface InvalidOptionError extends TypeError {
  readonly code: 'INVALID_OPTION'
  /** The address of the documentation page. */
  readonly docs: string
}

/**
 * Creates the error for a wrong option: `startLocalStack: "ports.cognito" must be a port from 0 to 65535, got 70000`.
 *
 * @param owner    The function that was given the option.
 * @param problem  The option in quotes, the rule that it broke, and the value unless it is a secret.
 */
export function invalidOption(owner: string, problem: string): InvalidOptionError {
  const error = new TypeError(`${owner}: ${problem}`)
  return Object.assign(error, { code: 'INVALID_OPTION' as const, docs: DOCS })
}

const DOCS = 'https://iamfetch.github.io/iamfetch/errors/INVALID_OPTION'

/** The names that an options type has. As a record, so that the compiler finds a missing or a superfluous one. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>

/**
 * Checks the names of options. A misspelt option is an error and never ignored.
 *
 * @param owner    The function that was given the options.
 * @param options  The options. If a function can be called without any, it passes `{}`.
 * @param names    Every name that the function reads.
 * @param path     Where the options are, if they are a member of others: `ports`.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  names: OptionNames<Options>,
  path?: string,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const what = path === undefined ? 'the options' : `"${path}"`
    throw invalidOption(owner, `${what} must be an object, got ${show(options)}`)
  }
  // With `in`, because an option that is inherited would be read, too.
  for (const name in options) {
    if (Object.hasOwn(names, name)) continue
    const full = path === undefined ? name : `${path}.${name}`
    const known = Object.keys(names).join(', ')
    throw invalidOption(owner, `"${full.slice(0, 100)}" is not an option; the options are ${known}`)
  }
}

/** A value for a message: short and on one line. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  return (JSON.stringify(value) ?? 'undefined').slice(0, 100)
}

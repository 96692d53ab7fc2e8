/** A `TypeError` about a policy or an option, with what a program can switch on. */
export interface InvalidPolicyError extends TypeError {
  readonly code: 'INVALID_OPTION'
  /** The address of the documentation page. */
  readonly docs: string
}

/** Where a value is: the function that was given it, and its path. */
export interface Place {
  /** The function that the message names. */
  owner: string
  /** Such as `policy.Statement[0].Effect`. */
  path: string
}

/** The place of a member. */
export const memberOf = ({ owner, path }: Place, name: string | number): Place => ({
  owner,
  path: typeof name === 'number' ? `${path}[${name}]` : `${path}.${name}`,
})

/** Throws the error for a wrong value: `evaluate: "policy.Statement[0].Effect" must be "Allow" or "Deny", got "allow"`. */
export function fail({ owner, path }: Place, problem: string): never {
  const error = new TypeError(`${owner}: "${path}" ${problem}`)
  throw Object.assign(error, { code: 'INVALID_OPTION' as const, docs: DOCS })
}

const DOCS = 'https://iamfetch.github.io/iamfetch/errors/INVALID_OPTION'

/** A value for a message: short and on one line. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  return (JSON.stringify(value) ?? 'undefined').slice(0, 100)
}

/** Checks the names of an object's members. A misspelt name is an error and never ignored. */
export function onlyMembers(value: object, place: Place, names: readonly string[]): void {
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue
    fail(memberOf(place, name.slice(0, 100)), `is not known; known here: ${names.join(', ')}`)
  }
}

/** Returns the value as an object. */
export function objectAt(value: unknown, place: Place, what: string): Record<string, unknown> {
  return isObject(value) ? value : fail(place, `must be ${what}, got ${show(value)}`)
}

/** Returns a string or a list of strings, each with its place. None of them may be empty. */
export function textsAt(value: unknown, place: Place): [place: Place, text: string][] {
  const all: unknown[] = Array.isArray(value) ? value : [value]
  if (all.length === 0) fail(place, 'must not be an empty list')
  return all.map((entry, i) => {
    const at = Array.isArray(value) ? memberOf(place, i) : place
    if (typeof entry !== 'string' || entry === '') fail(at, `must be a string, got ${show(entry)}`)
    return [at, entry]
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

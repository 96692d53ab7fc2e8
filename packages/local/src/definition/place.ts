// A definition is checked before anything starts. Each error names the place by its path in the definition, such as
// "groups.FullAccess.policy.Statement[0].Effect", and says what it must be.
import { invalidOption, show } from '../invalid-option.ts'

/** The function that errors in a definition name, the policies in it included. */
export const OWNER = 'defineStack'

/** Throws the error for a place: `defineStack: "users.bob.groups[0]" must be a group of the definition, got "Nope"`. */
export function fail(path: string, problem: string): never {
  throw invalidOption(OWNER, `"${path}" ${problem}`)
}

/** Checks the names of an object's members. */
export function onlyKeys(value: object, path: string, keys: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (keys.includes(key)) continue
    fail(`${path}.${key.slice(0, 100)}`, `is not known; known here: ${keys.join(', ')}`)
  }
}

/** Returns the value as an object. */
export function objectAt(value: unknown, path: string, what: string): Record<string, unknown> {
  return isObject(value) ? value : fail(path, `must be ${what}, got ${show(value)}`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns a string or a list of strings, each with its path. None of them may be empty. */
export function textsAt(value: unknown, path: string): [path: string, value: string][] {
  const all: unknown[] = Array.isArray(value) ? value : [value]
  if (all.length === 0) fail(path, 'must not be an empty list')
  return all.map((entry, i) => {
    const at = Array.isArray(value) ? `${path}[${i}]` : path
    if (typeof entry !== 'string' || entry === '') fail(at, `must be a string, got ${show(entry)}`)
    return [at, entry]
  })
}

/** Whether a value is a string of this form. */
export const isText = (value: unknown, form: RegExp): boolean =>
  typeof value === 'string' && form.test(value)

// A definition is checked before anything starts. Each complaint names the place by its path in the definition,
// as `groups.FullAccess.policy.Statement[0].Effect`, and says what to write there.

/** Checks the object of one place: no key but these. */
export function onlyKeys(value: object, path: string, keys: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) {
      fail(`${path}.${key}`, 'is not known', `Known here: ${keys.join(', ')}.`)
    }
  }
}

/** Gives the value as an object, or says that the place needs one. */
export function objectAt(value: unknown, path: string, what: string): Record<string, unknown> {
  return isObject(value) ? value : fail(path, `is ${show(value)}`, `It has to be ${what}.`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Says what is wrong, where, and what to do. */
export function fail(path: string, problem: string, remedy: string): never {
  throw new TypeError(`${path} ${problem}. ${remedy}`)
}

/** A value for a message: short, on one line. */
export const show = (value: unknown): string =>
  (typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? 'nothing')).slice(0, 80)

/** Gives a string or a list of strings with the path of each; none may be empty. */
export function textsAt(value: unknown, path: string): [path: string, value: string][] {
  const all: unknown[] = Array.isArray(value) ? value : [value]
  if (all.length === 0) fail(path, 'is empty', 'Write at least one.')
  return all.map((one, i) => {
    const at = Array.isArray(value) ? `${path}[${i}]` : path
    if (typeof one !== 'string' || one === '') fail(at, `is ${show(one)}`, 'Write a string.')
    return [at, one]
  })
}

/** Whether a value is a string of this form. */
export const isText = (value: unknown, form: RegExp): boolean =>
  typeof value === 'string' && form.test(value)

import { checkOptions, type OptionNames } from '@iamfetch/core'

/**
 * Copies options and checks their names. The copy has no prototype, so that nothing that a polluted `Object.prototype`
 * contains is an option.
 *
 * @param caller  The function that was given the options.
 * @throws {@link TypeError} with the code `INVALID_OPTION`.
 */
export function checkedOptions<Options extends object>(
  caller: string,
  options: Options,
  names: OptionNames<Options>,
): Options {
  const copy = copyWithoutRoot(options)
  checkOptions(caller, copy, names)
  return copy
}

/**
 * Copies the enumerable properties of an object and its classes, but not those of the root of the prototype chain: what a
 * polluted `Object.prototype` contains is not an option. The copy has no prototype. Everything but an object is returned as it is.
 */
export function copyWithoutRoot<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const copy = Object.create(null)
  let holder: object = value
  for (;;) {
    for (const name of Object.keys(holder)) {
      if (!Object.hasOwn(copy, name)) copy[name] = Reflect.get(value, name)
    }
    const parent: object | null = Object.getPrototypeOf(holder)
    if (parent === null || Object.getPrototypeOf(parent) === null) return copy
    holder = parent
  }
}

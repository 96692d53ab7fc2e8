import { checkOptions, copyOptions, type OptionNames } from '@iamfetch/core'

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
  const copy = copyOptions(options)
  checkOptions(caller, copy, names)
  return copy
}

/**
 * Reads what an object itself holds under a name: nothing inherited, so nothing that a polluted
 * `Object.prototype` could answer with, and no getter.
 */
export const own = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined

/** The same, where an object is expected that is no array. */
export const ownObject = (value: unknown, name: string): object | undefined => {
  const found = own(value, name)
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : undefined
}

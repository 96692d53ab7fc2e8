/**
 * Reads a property that an object itself holds: nothing inherited, so nothing that a polluted `Object.prototype` could
 * supply, and no getter.
 */
export const ownValue = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined

/** The same for a property that has to be an object and not an array. */
export function ownObject(value: unknown, name: string): object | undefined {
  const text = ownValue(value, name)
  return typeof text === 'object' && text !== null && !Array.isArray(text) ? text : undefined
}

/**
 * Reads a property of an object or of its class, getters included: Node's `IncomingMessage`, a web `Request` and the
 * requests of frameworks keep `headers` in their class. The root of the prototype chain (`Object.prototype`) does not count.
 */
export function classValue(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  let holder: object | null = value
  while (holder !== null) {
    const parent: object | null = Object.getPrototypeOf(holder)
    if (parent === null && holder !== value) return undefined
    if (Object.hasOwn(holder, name)) return Reflect.get(value, name)
    holder = parent
  }
  return undefined
}

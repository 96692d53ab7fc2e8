import { classValue, ownObject, ownValue } from './own-property.ts'

/** The different values of each requested header that exists, by its name in lower case. */
export type RequestHeaders = ReadonlyMap<string, readonly string[]>

/**
 * Reads some headers of an event or a request, regardless of the case of their names.
 *
 * It reads `headers` and `multiValueHeaders` of an event; `headers` of a web `Request`, of Node's `IncomingMessage` and of
 * what Express, Fastify, Koa and hono make of it; and a `Headers` object itself.
 *
 * @param names  In lower case.
 */
export function readHeaders(request: unknown, names: readonly string[]): RequestHeaders {
  const valuesByName = new Map<string, string[]>()
  const keep = (name: string, value: unknown): void => {
    if (typeof value !== 'string' || value === '') return
    const values = valuesByName.get(name)
    if (!values) valuesByName.set(name, [value])
    else if (!values.includes(value)) values.push(value)
  }
  for (const headers of sourcesOf(request)) {
    const get = classValue(headers, 'get')
    if (typeof get === 'function') {
      for (const name of names) keep(name, Reflect.apply(get, headers, [name]))
      continue
    }
    for (const name of Object.keys(headers)) {
      // Most headers differ in their length already.
      const known = names.find((one) => one.length === name.length && one === name.toLowerCase())
      if (known === undefined) continue
      const value = ownValue(headers, name)
      if (Array.isArray(value)) for (const entry of value) keep(known, entry)
      else keep(known, value)
    }
  }
  return valuesByName
}

/** The objects that contain headers. From objects of JSON only own properties are read. */
function sourcesOf(request: unknown): object[] {
  const own = ownObject(request, 'headers')
  const many = ownObject(request, 'multiValueHeaders')
  if (own || many) return [own, many].filter((source) => source !== undefined)
  const ofClass = classValue(request, 'headers')
  if (typeof ofClass === 'object' && ofClass !== null) return [ofClass]
  const isHeaders = typeof request === 'object' && typeof classValue(request, 'get') === 'function'
  return isHeaders && request !== null ? [request] : []
}

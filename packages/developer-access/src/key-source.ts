import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'

/** Where a request carries an opaque key: in a header, or in a query parameter, which a browser's WebSocket needs. */
export type KeySource =
  | { header: string; query?: undefined }
  | { query: string; header?: undefined }

/** `Authorization: Bearer <key>`, or `x-api-key: <key>`. */
export const DEFAULT_KEY_SOURCES: readonly KeySource[] = [
  { header: 'authorization' },
  { header: 'x-api-key' },
]

const NAMES: OptionNames<KeySource> = { header: true, query: true }

/** @throws `TypeError` with the code `INVALID_OPTION` for a list that names no place. */
export function checkKeySources(owner: string, sources: readonly KeySource[]): void {
  const rule = '"keyFrom" must be an array of { header: name } or { query: name }'
  if (!Array.isArray(sources) || sources.length === 0) throw invalidOption(owner, rule, sources)
  for (const source of sources) {
    checkOptions(`${owner}: "keyFrom"`, source, NAMES)
    const { header, query }: { header?: unknown; query?: unknown } = source
    const name = header ?? query
    const isOne = header === undefined || query === undefined
    if (!isOne || typeof name !== 'string' || !/^[\w-]{1,100}$/.test(name)) {
      throw invalidOption(owner, rule)
    }
  }
}

/**
 * Returns the texts that a request carries in these places, at most one of each place. Whether one is a key is for the issuer to
 * decide.
 *
 * @param event  An event of API Gateway, a load balancer or a function URL.
 */
export function presentedTexts(event: unknown, sources: readonly KeySource[]): string[] {
  return sources.flatMap(({ header, query }) => {
    const text =
      header === undefined
        ? entryOf(event, QUERY_MEMBERS, query, isSameText)
        : entryOf(event, HEADER_MEMBERS, header, isSameHeader)
    return text === undefined ? [] : [withoutScheme(text)]
  })
}

/**
 * Moves a key into the `Authorization` header of a copy of the event, where callers are resolved from. A request with an
 * `Authorization` header already stays as it is: that header names the caller.
 *
 * @param isKey  Whether a text is a key.
 */
export function withAuthorization<Event>(
  event: Event,
  sources: readonly KeySource[],
  isKey: (text: string) => boolean,
): Event {
  if (!isPlainObject(event)) return event
  if (entryOf(event, HEADER_MEMBERS, 'authorization', isSameHeader) !== undefined) return event
  const key = presentedTexts(event, sources).find(isKey)
  if (key === undefined) return event
  const value = `Bearer ${key}`
  const { headers, multiValueHeaders } = event
  const copy: Record<string, unknown> = {
    ...event,
    headers: { ...record(headers), authorization: value },
  }
  if (isPlainObject(multiValueHeaders)) {
    copy['multiValueHeaders'] = { ...multiValueHeaders, authorization: [value] }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy with one more header
  return copy as Event
}

const HEADER_MEMBERS = ['headers', 'multiValueHeaders']
const QUERY_MEMBERS = ['queryStringParameters', 'multiValueQueryStringParameters']

/** Finds a value by its name in the members of an event; `undefined` if there is none, or several. */
function entryOf(
  event: unknown,
  members: readonly string[],
  expected: string,
  isSame: (name: string, expected: string) => boolean,
): string | undefined {
  if (!isPlainObject(event)) return undefined
  for (const member of members) {
    const entries = Object.entries(record(event[member])).filter(([name]) => isSame(name, expected))
    const values = entries.flatMap(([, value]) => value)
    if (values.length === 1 && typeof values[0] === 'string') return values[0]
  }
  return undefined
}

const isSameText = (name: string, expected: string): boolean => name === expected
const isSameHeader = (name: string, expected: string): boolean =>
  name.toLowerCase() === expected.toLowerCase()

/** The key in the value of a header, with or without the scheme `Bearer`. */
export const withoutScheme = (text: string): string => text.trim().replace(/^Bearer +/i, '')

const record = (value: unknown): Record<string, unknown> => (isPlainObject(value) ? value : {})

const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * Claims of a token, each with the type that it had in the token. No prototype: a name that nobody put
 * there is `undefined`, also `constructor` and what a polluted `Object.prototype` carries.
 */
export type Claims = Readonly<Record<string, unknown>>

/**
 * Gives claims back the types that they had in the token.
 *
 * API Gateway hands claims on as text: lists as `[a b]` (HTTP API) or `a,b` (REST API), times as
 * seconds or as `Fri Jul 29 18:52:53 UTC 2016`, booleans as `"true"`, objects as JSON. Which claim is a
 * list, a time or a boolean is decided by its name, as Cognito's and OpenID Connect's documents define
 * it, never by how the text looks: a user's `nickname` of `[admin]` stays that text, and so does every
 * claim that is not known here, custom attributes included.
 *
 * Times become seconds since the epoch. A time that cannot be read is left out.
 *
 * @param raw       What stands in the event or in the token. Only its own properties count.
 * @param listText  How a list was written. See {@link readList}.
 * @see [Cognito: the ID token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html)
 */
export function readClaims(raw: object, listText: ListText): Claims {
  const claims: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(raw)) {
    if (value === null || value === undefined) continue
    const read = READ.get(name)
    const was = read ? read(value, listText) : value
    // Defined, not assigned: a claim called `__proto__` is a claim like any other.
    if (was !== undefined) Object.defineProperty(claims, name, { value: was, enumerable: true })
  }
  return Object.freeze(claims)
}

/**
 * How lists were written. `spaces`: an HTTP API's `[a b]`. `commas`: a REST API's `a,b`, where a comma in a
 * name is lost. `array`: not as text at all, as in a token.
 */
export type ListText = 'spaces' | 'commas' | 'array'

/**
 * Reads a list that may have been turned into text: an array, a JSON array, `[a b]` or `a,b`.
 *
 * Group names hold no white space, but commas and brackets are allowed in them. So only the outer pair of
 * brackets is taken off, and between brackets an HTTP API's list is split at spaces alone; a REST API's
 * text cannot tell the group `a,b` from the groups `a` and `b`.
 *
 * @returns The texts in it, without empty ones. What is not a text is left out.
 * @see [Cognito: CreateGroup, the pattern of a name](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html)
 * @see HTTP API, measured: floci-io/floci#2011. REST API: unverified, but what AWS's own samples split at.
 */
export function readList(value: unknown, listText: ListText): readonly string[] {
  if (Array.isArray(value)) return texts(value)
  if (typeof value !== 'string' || listText === 'array') return texts([])
  const text = value.trim()
  if (!text.startsWith('[') || !text.endsWith(']')) return texts(text.split(/,\s*/))
  const json = parseJson(text)
  if (Array.isArray(json) && json.every((one) => typeof one === 'string')) return texts(json)
  return texts(text.slice(1, -1).split(listText === 'spaces' ? / +/ : /[\s,]+/))
}

/** Reads a boolean that may have been turned into text. Only `true` and `"true"` are true. */
export const readBoolean = (value: unknown): boolean => value === true || value === 'true'

/**
 * Reads a moment: seconds since the epoch, as number or text, or a date in words.
 *
 * @returns Seconds since the epoch, `undefined` where it is none.
 */
export function readSeconds(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.length > 64) return undefined
  const text = value.trim()
  const seconds = /^\d+(\.\d+)?(E\d+)?$/i.test(text) ? Number(text) : Date.parse(text) / 1_000
  return Number.isFinite(seconds) ? seconds : undefined
}

/** A text that is really there: not empty, not endless, without control characters. */
export function readText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > 2_048) return undefined
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(value) ? undefined : value
}

const texts = (list: readonly unknown[]): readonly string[] =>
  Object.freeze(list.filter((one): one is string => readText(one) !== undefined))

const readJson = (value: unknown): unknown =>
  typeof value === 'string' && /^\s*[[{]/.test(value) ? (parseJson(value) ?? value) : value

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const READ = new Map<string, (value: unknown, listText: ListText) => unknown>([
  ...['cognito:groups', 'cognito:roles'].map((name) => [name, readList] as const),
  ...['exp', 'iat', 'nbf', 'auth_time', 'updated_at'].map((name) => [name, readSeconds] as const),
  ...['email_verified', 'phone_number_verified'].map((name) => [name, readBoolean] as const),
  ...['identities', 'address'].map((name) => [name, readJson] as const),
])

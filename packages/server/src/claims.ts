import { readList, readScopes, type ListText } from './lists.ts'

/**
 * Claims of a token, each with the type that it has in the token. The object has no prototype, so that a name that is
 * not in it is `undefined`, `constructor` included.
 */
export type Claims = Readonly<Record<string, unknown>>

/** Claims, and the names of those that have more than one reading in the event. */
export interface ParsedClaims {
  claims: Claims
  /** Lists whose text can be read in more than one way. They are not in `claims`. */
  ambiguous: readonly string[]
}

/**
 * Restores the types that claims have in the token.
 *
 * API Gateway passes claims on as text: lists as `[a b]` (HTTP API) or `a,b` (REST API), times as seconds or as
 * `Fri Jul 29 18:52:53 UTC 2016`, booleans as `"true"`, objects as JSON. Whether a claim is a list, a time or a boolean is
 * decided by its name, as Cognito and OpenID Connect define it, never by its looks: a `nickname` of `[admin]` stays that
 * text, and so does every claim that is not known here, custom attributes included.
 *
 * Times become seconds since the epoch. A time that cannot be read is omitted, and so is a list whose text can be read in
 * more than one way.
 *
 * @param raw       The claims of the event or of the token. Only own properties count.
 * @param listText  How the sender writes lists. See {@link readList}.
 * @see [Cognito: the ID token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html)
 */
export function readClaims(raw: object, listText: ListText): Claims {
  return parseClaims(raw, listText).claims
}

/** The same as {@link readClaims}, with the names of the lists that were omitted. */
export function parseClaims(raw: object, listText: ListText): ParsedClaims {
  // Without a prototype, a claim with the name `__proto__` is a claim as any other.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object has nothing but unknown properties
  const source = raw as Readonly<Record<string, unknown>>
  const claims: Record<string, unknown> = Object.create(null)
  let ambiguous = NONE_AMBIGUOUS
  for (const name of Object.keys(source)) {
    const value = source[name]
    if (value === null || value === undefined) continue
    const read = READERS.get(name)
    const restored = read ? read(value, listText) : value
    if (restored !== undefined) claims[name] = restored
    else if (read === readList) ambiguous = [...ambiguous, name]
  }
  return { claims: Object.freeze(claims), ambiguous }
}

const NONE_AMBIGUOUS: readonly string[] = Object.freeze([])

/** Reads a boolean that may have been turned into text. Only `true` and `"true"` are true. */
export const readBoolean = (value: unknown): boolean => value === true || value === 'true'

/**
 * Reads a moment: seconds since the epoch, as a number or text, or a date in words.
 *
 * @returns Seconds since the epoch; `undefined` if it is not a moment.
 */
export function readSeconds(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.length > 64) return undefined
  const text = value.trim()
  const seconds = /^\d+(\.\d+)?(E\d+)?$/i.test(text) ? Number(text) : Date.parse(text) / 1_000
  return Number.isFinite(seconds) ? seconds : undefined
}

/**
 * Reads `scp`: a list (Okta), which an HTTP API writes as `[a b]`, or one text with spaces (Entra). A scope contains no space.
 */
function readScp(value: unknown, listText: ListText): unknown {
  if (typeof value !== 'string' || listText === 'array') return value
  const isList = value.startsWith('[') && value.endsWith(']')
  return readScopes(isList ? value.slice(1, -1) : value)
}

/** Reads `scope`: one text with spaces (RFC 6749), or a list (IdentityServer). A user pool writes no list. */
const readScope = (value: unknown, listText: ListText): unknown =>
  listText === 'unknown' ? readScp(value, listText) : value

/** Reads an object that may have been turned into JSON. */
const readObject = (value: unknown): unknown =>
  typeof value === 'string' && /^\s*\{/.test(value) ? (parseJson(value) ?? value) : value

/**
 * Reads the identities of a federated user, an array in the token. A REST API writes its objects as JSON, joined by
 * commas and without brackets (public dumps of two user pools' events); brackets are taken as well.
 */
function readIdentities(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  const list = value.trimStart().startsWith('{') ? parseJson(`[${value}]`) : parseJson(value)
  return list ?? value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type ClaimReader = (value: unknown, listText: ListText) => unknown

const READERS: ReadonlyMap<string, ClaimReader> = new Map<string, ClaimReader>([
  ['cognito:groups', readList],
  ['cognito:roles', readList],
  ['scp', readScp],
  ['scope', readScope],
  ['exp', readSeconds],
  ['iat', readSeconds],
  ['nbf', readSeconds],
  ['auth_time', readSeconds],
  ['updated_at', readSeconds],
  ['email_verified', readBoolean],
  ['phone_number_verified', readBoolean],
  ['identities', readIdentities],
  ['address', readObject],
])

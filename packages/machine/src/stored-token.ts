import { field, parseJson, textField } from './response-fields.ts'

/** A token as it is kept in memory and in a store. */
export interface StoredToken {
  token: string
  scopes: readonly string[]
  /** Milliseconds since the epoch. */
  mintedAt: number
  /** Milliseconds since the epoch. */
  expiresAt: number
  /** How many tokens in a row were rejected before this one was requested to replace them. */
  replaces: number
}

/** An access token and what is known about it. */
export interface AccessToken {
  /** A hidden getter: it shows neither in JSON nor in a log of this object. Read it by name. */
  readonly token: string
  readonly expiresAt: Date
  /** What was granted. */
  readonly scopes: readonly string[]
}

/** Creates what a caller sees of a token. */
export function accessTokenOf({ token, expiresAt, scopes }: StoredToken): AccessToken {
  const accessToken: AccessToken = { token, expiresAt: new Date(expiresAt), scopes: [...scopes] }
  Object.defineProperty(accessToken, 'token', { enumerable: false, get: () => token })
  return Object.freeze(accessToken)
}

/** Writes a token as text, before it is encrypted. */
export const serializeToken = ({
  token,
  scopes,
  mintedAt,
  expiresAt,
  replaces,
}: StoredToken): string =>
  JSON.stringify({ version: VERSION, token, scopes, mintedAt, expiresAt, replaces })

/** Reads a token that {@link serializeToken} wrote; `undefined` for anything else, such as another version. */
export function parseToken(text: string | undefined): StoredToken | undefined {
  const read = parseJson(text ?? '')
  const token = textField(read, 'token')
  const scopes = field(read, 'scopes')
  if (field(read, 'version') !== VERSION || !token || !isTexts(scopes)) return undefined
  const mintedAt = field(read, 'mintedAt')
  const expiresAt = field(read, 'expiresAt')
  const replaces = field(read, 'replaces')
  if (!isNumber(mintedAt) || !isNumber(expiresAt) || !isNumber(replaces)) return undefined
  return { token, scopes, mintedAt, expiresAt, replaces }
}

const VERSION = 1

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

import { field, textField } from './source.ts'

/** A token as it is kept and shared. */
export interface Entry {
  token: string
  scopes: readonly string[]
  /** Milliseconds since the epoch. */
  mintedAt: number
  /** Milliseconds since the epoch. */
  expiresAt: number
  /** How many tokens in a row were rejected before this one was minted to replace them. */
  replaces: number
}

const VERSION = 1

/** An entry as text, before it is sealed. */
export const entryText = ({ token, scopes, mintedAt, expiresAt, replaces }: Entry): string =>
  JSON.stringify({ version: VERSION, token, scopes, mintedAt, expiresAt, replaces })

/** @returns The entry, or `undefined` for anything else, such as one of another version. */
export function entryOf(text: string | undefined): Entry | undefined {
  let read: unknown
  try {
    read = JSON.parse(text ?? '')
  } catch {
    return undefined
  }
  const number = (name: string): number => {
    const value = field(read, name)
    return typeof value === 'number' ? value : NaN
  }
  const [mintedAt, expiresAt, replaces] = [
    number('mintedAt'),
    number('expiresAt'),
    number('replaces'),
  ]
  const token = textField(read, 'token')
  const scopes = field(read, 'scopes')
  const whole = field(read, 'version') === VERSION && token && isTexts(scopes)
  if (!whole || !Number.isFinite(mintedAt + expiresAt + replaces)) return undefined
  return { token, scopes, mintedAt, expiresAt, replaces }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

import { readText } from './text.ts'

/**
 * How the sender of an event writes a list.
 *
 * - `spaces`: an HTTP API's JWT authorizer, for a token of a user pool: `[a b]`.
 * - `commas`: a REST API's Cognito authorizer: `a,b`.
 * - `context`: the context of a Lambda authorizer: an array or a JSON array. `[a]` may be a list or the name of one group.
 * - `array`: not as text, as in a token.
 * - `unknown`: it is not known which of these the sender uses.
 */
export type ListText = 'spaces' | 'commas' | 'context' | 'array' | 'unknown'

/**
 * Reads a list that may have been turned into text.
 *
 * The text is read by the rule of its sender and never by its looks: the name of a user pool's group may contain commas,
 * quotes and brackets, and must not become another group. It contains no white space, so that an HTTP API's list can be
 * split at its spaces. A REST API's `a,b` is one group or two; the text does not show which.
 *
 * @param value     The claim.
 * @param listText  How the sender writes lists.
 * @returns `undefined` if the text can be read as different lists. Entries that are not text are omitted.
 * @see [Cognito: CreateGroup, the pattern of a name](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html)
 * @see HTTP API, measured: floci-io/floci#2011. REST API: unverified, but what AWS's own samples split at.
 */
export function readList(value: unknown, listText: ListText): readonly string[] | undefined {
  if (Array.isArray(value)) return textsOf(value)
  if (typeof value !== 'string' || value === '' || listText === 'array') return NO_TEXTS
  if (listText === 'commas') return value.includes(',') ? undefined : textsOf([value])
  if (listText === 'unknown') return soleName(value)
  if (listText === 'context') return jsonTexts(value) ?? soleName(value)
  const isBracketed = value.startsWith('[') && value.endsWith(']')
  if (isBracketed) return textsOf(value.slice(1, -1).split(' '))
  return /[,\s]/.test(value) ? undefined : textsOf([value])
}

/** A text that is one name, however its sender writes lists. */
const soleName = (text: string): readonly string[] | undefined =>
  /[[\],"\s]/.test(text) ? undefined : textsOf([text])

/** Splits the scopes of a token: one text with spaces, as OAuth has it, or an array. No scope contains a space. */
export function readScopes(value: unknown): readonly string[] {
  if (typeof value === 'string') return textsOf(value.split(' '))
  return Array.isArray(value) ? textsOf(value) : NO_TEXTS
}

const textsOf = (list: readonly unknown[]): readonly string[] =>
  Object.freeze(list.filter((entry): entry is string => readText(entry) !== undefined))

const NO_TEXTS: readonly string[] = Object.freeze([])

function jsonTexts(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((entry) => typeof entry === 'string')
      ? textsOf(list)
      : undefined
  } catch {
    return undefined
  }
}

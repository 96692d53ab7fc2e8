/** An object of a template. */
export type Dictionary = Readonly<Record<string, unknown>>

export const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Unresolved)

/** The member of an object, as an object; an empty one if there is none. */
export const dictionaryIn = (value: unknown, name: string): Dictionary => {
  const member = memberOf(value, name)
  return isDictionary(member) ? member : {}
}

/** The member of an object. */
export const memberOf = (value: unknown, name: string): unknown =>
  isDictionary(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** The member of an object as a list: a single value is a list of one. */
export const listIn = (value: unknown, name: string): readonly unknown[] => {
  const member = memberOf(value, name)
  if (member === undefined || member === null) return []
  return Array.isArray(member) ? member : [member]
}

/** The texts of a list; anything else is left out. */
export const textsIn = (value: unknown, name: string): string[] =>
  listIn(value, name).filter((entry) => typeof entry === 'string')

/** The member of an object as text: numbers and booleans are written out. */
export function textIn(value: unknown, name: string): string | undefined {
  const member = memberOf(value, name)
  if (typeof member === 'number' || typeof member === 'boolean') return String(member)
  return typeof member === 'string' ? member : undefined
}

/** Whether a member is true, as a boolean or as text. */
export const isTrueIn = (value: unknown, name: string): boolean =>
  textIn(value, name)?.toLowerCase() === 'true'

/** A value that is known on AWS only, such as the ARN of a table. Where it matters, it becomes a problem. */
export class Unresolved {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** Which of these members is not known, and why: a part of a sentence. */
export function unknownMember(value: unknown, names: readonly string[]): string | undefined {
  for (const name of names) {
    const unknown = unresolvedIn(memberOf(value, name))
    if (unknown) return `its ${name} is not known: ${unknown.reason}`
  }
  return undefined
}

/** Finds the first value of a tree that is not known. */
export function unresolvedIn(value: unknown): Unresolved | undefined {
  if (value instanceof Unresolved) return value
  if (typeof value !== 'object' || value === null) return undefined
  for (const member of Object.values(value)) {
    const unresolved = unresolvedIn(member)
    if (unresolved) return unresolved
  }
  return undefined
}

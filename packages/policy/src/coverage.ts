import { advance, beginning, type Token } from './pattern.ts'

/** How many of the resources that a text describes are matched by a pattern. */
export type Coverage = 'all' | 'some' | 'none'

/** A part of a resource: one character, or a parameter for any text of one or more characters. */
type Part = { char: string } | { parameter: string; withSlashes: boolean }

/** `{id}`, which is one segment of a path, and `{proxy+}`, which is the rest of it. */
const PARAMETER = /\{([A-Za-z0-9._-]+)(\+?)\}/g

/** The names of the parameters in a resource, as they are written: `{id}`. */
export const parametersOf = (resource: string): string[] => resource.match(PARAMETER) ?? []

/** More positions than any policy needs that a person wrote. */
const MAX_STATES = 5_000

/**
 * Compares a pattern with every resource that a text with parameters describes, by following both at once.
 *
 * @param resource  `…/GET/notes/{id}`: `{id}` is any text without a slash, `{proxy+}` any text.
 * @returns `some` also if the comparison would take too long.
 */
export function coverageOf(tokens: readonly Token[], resource: string): Coverage {
  const parts = partsOf(resource)
  const characters = charactersOf(tokens)
  const visited = new Set<string>()
  const pending: State[] = [{ part: 0, inside: false, at: beginning(tokens) }]
  let isMatched = false
  let isMissed = false
  const add = (state: State): void => {
    const key = `${state.part} ${state.inside} ${state.at.join()}`
    if (!visited.has(key)) pending.push(state)
    visited.add(key)
  }
  for (let state = pending.pop(); state; state = pending.pop()) {
    if (visited.size > MAX_STATES) return 'some'
    const { part, inside, at } = state
    const current = parts[part]
    if (!current) {
      if (at.includes(tokens.length)) isMatched = true
      else isMissed = true
      if (isMatched && isMissed) return 'some'
    } else if ('char' in current) {
      add({ part: part + 1, inside: false, at: advance(tokens, at, current.char) })
    } else {
      if (inside) add({ part: part + 1, inside: false, at })
      for (const char of characters) {
        if (char === '/' && !current.withSlashes) continue
        add({ part, inside: true, at: advance(tokens, at, char) })
      }
    }
  }
  if (isMatched) return 'all'
  return 'none'
}

/** A position in the resource, and all positions in the pattern that its text so far may lead to. */
interface State {
  part: number
  /** Whether the parameter has a character already. */
  inside: boolean
  at: readonly number[]
}

function partsOf(resource: string): Part[] {
  const parts: Part[] = []
  let from = 0
  const addText = (text: string): void => {
    for (const char of text) parts.push({ char })
  }
  for (const match of resource.matchAll(PARAMETER)) {
    addText(resource.slice(from, match.index))
    parts.push({ parameter: match[0], withSlashes: match[2] === '+' })
    from = match.index + match[0].length
  }
  addText(resource.slice(from))
  return parts
}

/** The characters that a pattern distinguishes, and one for all others. */
const charactersOf = (tokens: readonly Token[]): string[] => [
  ...new Set(['/', '\0', ...tokens.flatMap(({ char }) => char ?? [])]),
]

/** Returns the value of a condition key, for a policy variable. */
export type Lookup = (key: string) => string | undefined

/**
 * How a pattern reads `*` and `?`.
 *
 * - `text`: `*` is any characters, `?` is one.
 * - `arn`: as the ARN operators read it. Each of the six fields between colons is matched separately.
 * - `resource`: as the element `Resource` reads it. A `*` that ends a field may extend across colons, and an
 *   ARN with fewer than six fields matches all ARNs that begin with them.
 * - `literal`: they are ordinary characters.
 */
export type PatternKind = 'text' | 'arn' | 'resource' | 'literal'

/**
 * Whether a pattern of a policy matches a value.
 *
 * Case counts. What a policy variable inserts is text: an asterisk in it is an asterisk. A variable without value and
 * default makes the pattern match nothing, and so does a variable before the fifth colon of an ARN, which AWS's page
 * says is not replaced. IAM stores such policies nevertheless, AWS's own `AmazonTimestreamInfluxDBServiceRolePolicy` among
 * them; whether AWS replaces the variable is unverified.
 *
 * @param lookup  Resolves policy variables. Without it `${` is text, as in policies of version 2008-10-17.
 * @see [AWS: Resource](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html),
 *   [policy variables](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html)
 */
export function matches(
  pattern: string,
  value: string,
  kind: PatternKind,
  lookup?: Lookup,
): boolean {
  const tokens = readPattern(pattern, kind, lookup)
  return tokens !== undefined && accepts(tokens, value)
}

/** Whether a value matches a pattern that was read before. `lookup` as in {@link matches}. */
export type Matcher = (value: string, lookup?: Lookup) => boolean

/**
 * Reads a pattern once, to compare many values with it. It matches as {@link matches} does.
 *
 * @param variables  Whether policy variables count.
 */
export function compilePattern(pattern: string, kind: PatternKind, variables: boolean): Matcher {
  if (variables && pattern.includes('${')) {
    return (value, lookup) => matches(pattern, value, kind, lookup)
  }
  const tokens = readPattern(pattern, kind) ?? []
  const wildcard = tokens.findIndex(({ char }) => char === undefined)
  if (wildcard < 0) return (value) => value === pattern
  // Most values differ before the first wildcard, which is cheaper to see than to follow all ways.
  const head = textOf(tokens.slice(0, wildcard))
  const rest = tokens.slice(wildcard)
  const [first, ...after] = rest
  if (first?.many && !first.inField && after.every(({ char }) => char !== undefined)) {
    const tail = textOf(after)
    const least = head.length + tail.length
    return (value) => value.length >= least && value.startsWith(head) && value.endsWith(tail)
  }
  return (value) => value.startsWith(head) && accepts(rest, value.slice(head.length))
}

const textOf = (tokens: readonly Token[]): string => tokens.map(({ char }) => char).join('')

/** `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`. The key of a tag may have spaces: `${aws:PrincipalTag/Cost Center}`. */
const VARIABLE = /\$\{([^}]*)\}/g
const INSIDE = /^\s*(?:([*?$])|([^\s,'{}$]+(?: +[^\s,'{}$]+)*)(?:\s*,\s*'([^']*)')?)\s*$/

/** Describes what is wrong with the policy variables of a text; `undefined` if nothing is. */
export function variableFault(text: string): string | undefined {
  if (text.replace(VARIABLE, '').includes('${')) return 'has a "${" without its "}"'
  for (const [whole, inside] of text.matchAll(VARIABLE)) {
    if (!INSIDE.test(inside ?? '')) return `has the malformed policy variable ${whole}`
  }
  return undefined
}

/** Returns a text with every policy variable replaced, for checks of the text around them. */
export const withoutVariables = (text: string, replacement: string): string =>
  text.replace(VARIABLE, () => replacement)

/** The first policy variable of a text that has neither a value nor a default, as it is written. */
export function missingVariable(text: string, lookup: Lookup): string | undefined {
  for (const [whole, inside] of text.matchAll(VARIABLE)) {
    const [, character, key, fallback] = INSIDE.exec(inside ?? '') ?? []
    if (character !== undefined || fallback !== undefined || key === undefined) continue
    if (lookup(key) === undefined) return whole
  }
  return undefined
}

/** The keys of the policy variables of a text that have no value, with or without a default. */
export function unknownVariables(text: string, lookup: Lookup): string[] {
  return [...text.matchAll(VARIABLE)].flatMap(([, inside]) => {
    const [, , key] = INSIDE.exec(inside ?? '') ?? []
    return key === undefined || lookup(key) !== undefined ? [] : [key]
  })
}

/** `arn:partition:service:region:account:resource` */
export const FIELDS_OF_AN_ARN = 6

/** One step of a pattern: a character, one of any kind, or any number of them. */
export interface Token {
  char?: string
  many?: boolean
  /** Does not match a colon. */
  inField?: boolean
}

/**
 * Reads a pattern.
 *
 * @param unknown  What a policy variable without a value is: `undefined` if nothing matches it, `any` if its value is not known and
 *   may be any text.
 * @returns `undefined` if the pattern matches nothing.
 */
export function readPattern(
  pattern: string,
  kind: PatternKind,
  lookup?: Lookup,
  unknown?: 'any',
): Token[] | undefined {
  const tokens: Token[] = []
  const inFields = (kind === 'arn' || kind === 'resource') && pattern !== '*'
  let field = 1
  const plain = (text: string, next: string): void => {
    const chars = Array.from(text)
    chars.forEach((char, i) => {
      const inField = inFields && field < FIELDS_OF_AN_ARN
      if (kind !== 'literal' && char === '?') tokens.push({ inField })
      else if (kind !== 'literal' && char === '*') {
        const ends = (chars[i + 1] ?? next) === ':'
        tokens.push({ many: true, inField: inField && !(kind === 'resource' && ends) })
      } else {
        if (char === ':') field++
        tokens.push({ char })
      }
    })
  }
  let from = 0
  for (const match of lookup ? pattern.matchAll(VARIABLE) : []) {
    const [, char, key, fallback] = INSIDE.exec(match[1] ?? '') ?? []
    plain(pattern.slice(from, match.index), '$')
    if (kind === 'resource' && field < FIELDS_OF_AN_ARN) return undefined
    from = match.index + match[0].length
    const known = char ?? (key === undefined ? undefined : lookup?.(key))
    if (known === undefined && unknown === 'any') {
      tokens.push({ many: true })
      continue
    }
    const value = known ?? fallback
    if (value === undefined) return undefined
    for (const character of value) tokens.push({ char: character })
  }
  plain(pattern.slice(from), '')
  if (kind !== 'resource' || !inFields) return tokens
  for (; field < FIELDS_OF_AN_ARN; field++) tokens.push({ char: ':' }, { many: true })
  return tokens
}

/** Follows all ways through the pattern at once: never slower than pattern × value. */
function accepts(tokens: readonly Token[], value: string): boolean {
  let at = beginning(tokens)
  for (const char of value) at = advance(tokens, at, char)
  return at.includes(tokens.length)
}

/** The positions in a pattern before the first character. The pattern matches where its length is among them. */
export const beginning = (tokens: readonly Token[]): number[] => reach([], 0, tokens)

/** The positions in a pattern after one more character. */
export function advance(tokens: readonly Token[], at: readonly number[], char: string): number[] {
  const next: number[] = []
  for (const i of at) {
    const token = tokens[i]
    if (!token) continue
    if (token.char === undefined ? token.inField && char === ':' : token.char !== char) continue
    reach(next, token.many ? i : i + 1, tokens)
  }
  return next
}

/** Adds a position, and those behind each `*` that it is in front of. They stay in order, each once. */
function reach(at: number[], position: number, tokens: readonly Token[]): number[] {
  for (let i = position; ; i++) {
    if (i > (at.at(-1) ?? -1)) at.push(i)
    if (!tokens[i]?.many) return at
  }
}

/**
 * Parses a JSON object.
 *
 * @returns `undefined` for any other text. The parser's message quotes the text, which may contain a secret, so it is dropped.
 */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return { ...value }
  } catch {
    return undefined
  }
}

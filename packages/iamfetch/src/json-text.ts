/** Writes a value as JSON. @returns `undefined` for what JSON does not have: functions, big integers, circles. */
export function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

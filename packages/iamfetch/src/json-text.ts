/**
 * Writes a value as JSON.
 *
 * @param refusal  Creates the error for what JSON does not have: functions, big integers, circles. Its cause is what `JSON.stringify`
 *   or a `toJSON` threw.
 */
export function jsonText(value: unknown, refusal: () => TypeError): string {
  let cause: unknown
  try {
    const text: string | undefined = JSON.stringify(value)
    if (text !== undefined) return text
  } catch (error) {
    cause = error
  }
  throw Object.assign(refusal(), cause !== undefined && { cause })
}

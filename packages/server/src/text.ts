/** The longest claim that is read as a name. */
const MAX_TEXT_LENGTH = 2_048

/** Reads a text that can be a name: not empty, not endless, without control characters. */
export function readText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT_LENGTH) return undefined
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(value) ? undefined : value
}

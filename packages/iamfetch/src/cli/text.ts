/**
 * Decodes what a file or a pipe contains: UTF-8, or the UTF-16 that Windows PowerShell writes with `>` and `Out-File`, with or
 * without a byte order mark.
 */
export function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  // ASCII text in UTF-16 has a zero in every second byte.
  if (first !== undefined && first !== 0 && second === 0) {
    return new TextDecoder('utf-16le').decode(bytes)
  }
  if (first === 0 && second !== undefined && second !== 0) {
    return new TextDecoder('utf-16be').decode(bytes)
  }
  return new TextDecoder().decode(bytes)
}

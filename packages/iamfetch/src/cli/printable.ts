/**
 * Escapes foreign text for a terminal. Control characters, with which a token or a response could move the cursor, set
 * the title or hide other output, are shown as `\\u001b`, and so are those that change the direction of writing.
 * Line breaks, tabs and the colours of this program stay. In JSON it is the same value as before.
 *
 * @see [CWE-150: escape, meta, or control sequences](https://cwe.mitre.org/data/definitions/150.html)
 */
export const printable = (text: string): string =>
  text.replace(UNFIT, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const UNFIT =
  // oxlint-disable-next-line no-control-regex
  /\u001B(?!\[(?:[012]|3[123])m)|[\0-\x08\x0B-\x1A\x1C-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g

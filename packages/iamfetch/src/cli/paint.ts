/** Emphasizes text, or leaves it as it is. */
export type Paint = (style: keyof typeof STYLES, text: string) => string

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 }

/**
 * Colours for one stream: only on a terminal, and never where `NO_COLOR` is set.
 *
 * @see [no-color.org](https://no-color.org)
 */
export function paintFor(
  stream: { isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  if (!stream.isTTY || env.NO_COLOR || env.TERM === 'dumb') return (_style, text) => text
  return (style, text) => `\u001B[${STYLES[style]}m${text}\u001B[0m`
}

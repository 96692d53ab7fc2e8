/** Removes what only the checks of the repository read. */
export const withoutMarkers = (text: string): string =>
  text.replace(/^<!-- (?:not compiled:|output of|passes with) .* -->\n+/gm, '')

/** Shows the name of a file above its block: VitePress shows it in a group of blocks only. */
export const showFileNames = (text: string): string =>
  text.replace(
    /^```(\w+) \[([^\]\n]+)\]$/gm,
    (_found, language: string, name: string) =>
      `<p class="file"><code>${name}</code></p>\n\n\`\`\`${language}`,
  )

/** Metadata as one JSON text. The order of its keys has no meaning, so it is fixed. */
export const metadataText = (metadata: Readonly<Record<string, string>>): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  )

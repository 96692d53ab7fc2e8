/** The scopes of the notes that the members of a group hold, and may hand out to their keys. */
export const scopesOfGroup: Readonly<Record<string, readonly string[]>> = {
  FullAccess: ['notes/read', 'notes/write'],
  ReadOnlyAccess: ['notes/read'],
}

/** The scopes that members of these groups hold. */
export const scopesOf = (groups: readonly string[]): readonly string[] => [
  ...new Set(groups.flatMap((group) => scopesOfGroup[group] ?? [])),
]

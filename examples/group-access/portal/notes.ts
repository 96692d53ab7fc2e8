/** One note of a user. */
export interface Note {
  text: string
  /** `you`, or the client ID of the key that wrote it. */
  by: string
  /** Milliseconds since the epoch. */
  at: number
}

/** What users keep, in memory, each apart from the others. */
export interface Notes {
  /** The notes of one user, the newest first. There is no way from here to those of another. */
  readonly of: (subject: string) => readonly Note[]
  readonly add: (subject: string, note: Note) => void
}

/** Enough to see; the oldest go. */
const MOST = 20

/** Makes an empty store. */
export function createNotes(): Notes {
  const all = new Map<string, readonly Note[]>()
  return {
    of: (subject) => all.get(subject) ?? [],
    add: (subject, note) =>
      void all.set(subject, [note, ...(all.get(subject) ?? [])].slice(0, MOST)),
  }
}

/** One note of a user. */
export interface Note {
  text: string
  /** `you`, or the client ID of the key that wrote it. */
  by: string
  /** Milliseconds since the epoch. */
  at: number
}

/** What users keep, each apart from the others. */
export interface Notes {
  /** The notes of one user, the newest first. There is no way from here to those of another. */
  readonly of: (subject: string) => Promise<readonly Note[]>
  readonly add: (subject: string, note: Note) => Promise<void>
}

/** Enough to see. */
export const MOST_NOTES = 20

/** Keeps notes in memory; the oldest go. */
export function createNotes(): Notes {
  const all = new Map<string, readonly Note[]>()
  return {
    of: async (subject) => all.get(subject) ?? [],
    async add(subject, note) {
      all.set(subject, [note, ...(all.get(subject) ?? [])].slice(0, MOST_NOTES))
    },
  }
}

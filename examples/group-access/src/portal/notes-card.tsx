import type { Key, Note } from './keys-api.ts'
import { Moment } from './moment.tsx'

/** What the user has at the API, and who of the user's wrote it. */
export function NotesCard({
  notes,
  keys,
}: {
  notes: readonly Note[] | undefined
  keys: readonly Key[]
}) {
  const writer = ({ by }: Note): string => {
    if (by === 'you') return 'by you'
    const key = keys.find(({ clientId }) => clientId === by)
    return key ? `by the key “${key.label}”` : 'by a key'
  }
  return (
    <section className="card your-notes" aria-labelledby="notes">
      <h2 id="notes">Your notes</h2>
      <p className="hint">
        The notes that your keys can reach. This page reads them with your own signature.
      </p>
      <ul className="notes">
        {notes?.map((note) => (
          <li key={`${note.at} ${note.by}`}>
            <span>{note.text}</span>
            <small>
              {writer(note)}, <Moment at={note.at} />
            </small>
          </li>
        ))}
      </ul>
      {!notes && <p className="empty">Loading …</p>}
      {notes?.length === 0 && <p className="empty">None yet.</p>}
    </section>
  )
}

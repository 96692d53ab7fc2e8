// The Lambda functions behind the API: the local stack calls them, and a deployment bundles this file.
import { notesInMemory, notesInTable, type Note, type Notes } from './notes.ts'

/** What API Gateway gives the function of an IAM-authorised route (payload format 2.0). */
interface SignedEvent {
  body?: string
  requestContext: { authorizer: { iam: { userArn: string } } }
}

const { NOTES_TABLE, DYNAMODB_URL } = process.env
const notes: Notes = NOTES_TABLE ? notesInTable(NOTES_TABLE, DYNAMODB_URL) : notesInMemory()

/** `GET /notes` */
export const listNotes = async (): Promise<Note[]> => notes.list()

/** `POST /notes` with `{ "text": … }` */
export const addNote = async (event: SignedEvent): Promise<unknown> => {
  const text = textIn(event.body)
  if (!text) return { statusCode: 400, body: JSON.stringify({ message: 'text is missing' }) }
  const note: Note = { text, by: event.requestContext.authorizer.iam.userArn.split('/')[1] ?? '' }
  await notes.add(note)
  return { statusCode: 201, body: JSON.stringify(note) }
}

function textIn(body = ''): string | undefined {
  try {
    const { text } = JSON.parse(body) as { text?: unknown }
    return typeof text === 'string' && text.trim() ? text.trim().slice(0, 200) : undefined
  } catch {
    return undefined
  }
}

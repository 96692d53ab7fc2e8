// Where notes are kept. On AWS each route is a function of its own, in processes that come and go, so notes are in a
// DynamoDB table (infra/app.ts creates it). On your machine they are in memory.
import { createIamFetch } from 'iamfetch'
import { fromEnvironment } from 'iamfetch/node'

export interface Note {
  text: string
  /** The role of the user who wrote it. */
  by: string
}

export interface Notes {
  list: () => Promise<Note[]>
  add: (note: Note) => Promise<void>
}

/** Keeps notes in this process. */
export function notesInMemory(): Notes {
  const notes: Note[] = [{ text: 'The first note', by: 'nobody' }]
  return {
    list: async () => notes,
    async add(note) {
      notes.push(note)
    },
  }
}

/** Keeps notes in a DynamoDB table with the keys `pk` and `sk`. */
export function notesInTable(TableName: string, endpoint?: string): Notes {
  const region = process.env.AWS_REGION ?? ''
  const signed = createIamFetch({
    baseUrl: endpoint ?? `https://dynamodb.${region}.amazonaws.com`,
    service: 'dynamodb',
    region,
    credentials: fromEnvironment(),
  })
  const call = async (operation: string, input: object): Promise<{ Items?: Item[] }> => {
    const response = await signed('/', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
      },
      body: JSON.stringify({ TableName, ...input }),
    })
    if (response.ok) return (await response.json()) as { Items?: Item[] }
    throw new Error(`${operation} failed with ${response.status}: ${await response.text()}`)
  }
  return {
    async list() {
      const { Items = [] } = await call('Query', {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'notes' } },
        ConsistentRead: true,
      })
      return Items.map(({ text, by }) => ({ text: text.S, by: by.S }))
    },
    async add({ text, by }) {
      // Sorts by time; two of one millisecond stay two.
      const sk = `${new Date().toISOString()} ${crypto.randomUUID()}`
      await call('PutItem', {
        Item: { pk: { S: 'notes' }, sk: { S: sk }, text: { S: text }, by: { S: by } },
      })
    },
  }
}

type Item = Record<'text' | 'by', { S: string }>

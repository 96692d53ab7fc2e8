import { randomUUID } from 'node:crypto'
import { PutItemCommand, QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { MOST_NOTES, type Notes } from './notes.ts'

/** Keeps notes in a DynamoDB table with the keys `pk` (whose) and `sk` (when), both strings. */
export function notesTable(client: DynamoDBClient, TableName: string): Notes {
  return {
    async of(subject) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: subject } },
          ScanIndexForward: false,
          Limit: MOST_NOTES,
          ConsistentRead: true,
        }),
      )
      return Items.map(({ text, by, at }) => ({
        text: text?.S ?? '',
        by: by?.S ?? '',
        at: Number(at?.N),
      }))
    },
    async add(subject, { text, by, at }) {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: {
            pk: { S: subject },
            // Sorts by time; two of one millisecond stay two.
            sk: { S: `${new Date(at).toISOString()} ${randomUUID()}` },
            text: { S: text },
            by: { S: by },
            at: { N: String(at) },
          },
        }),
      )
    },
  }
}

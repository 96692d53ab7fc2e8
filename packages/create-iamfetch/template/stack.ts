import { defineStack, type PolicyDocument } from '@iamfetch/local'
import { addNote, listNotes } from './api.ts'

/** What a group's role may call. REGION, ACCOUNT_ID and API_ID are filled in. */
const mayCall = (...routes: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: routes.map((route) => `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/${route}`),
    },
  ],
})

/** Users, groups with their IAM roles, and the API. `npm run dev` runs it, and again when this file changes. */
export default defineStack({
  region: 'eu-central-1',
  groups: {
    Editors: { precedence: 1, policy: mayCall('GET/notes', 'POST/notes') },
    Readers: { precedence: 2, policy: mayCall('GET/notes') },
  },
  users: {
    alice: { groups: ['Editors'], email: 'alice@example.com' },
    bob: { groups: ['Readers'], email: 'bob@example.com' },
  },
  apis: {
    notes: {
      type: 'http',
      cors: { allowOrigins: ['*'] },
      routes: {
        'GET /notes': { auth: 'iam', handler: listNotes },
        'POST /notes': { auth: 'iam', handler: addNote },
      },
    },
  },
})

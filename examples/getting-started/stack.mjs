import { defineStack } from '@iamfetch/local'

/** Allows these routes. REGION, ACCOUNT_ID and API_ID are filled in. */
const allow = (...routes) => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: routes.map((route) => `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/${route}`),
  },
})

const notes = []

export default defineStack({
  groups: {
    Editors: { precedence: 1, policy: allow('GET/notes', 'POST/notes') },
    Readers: { precedence: 2, policy: allow('GET/notes') },
  },
  users: {
    alice: { groups: ['Editors'] },
    bob: { groups: ['Readers'] },
  },
  apis: {
    notes: {
      type: 'http',
      routes: {
        'GET /notes': {
          auth: 'iam',
          handler: () => ({ statusCode: 200, body: JSON.stringify(notes) }),
        },
        'POST /notes': {
          auth: 'iam',
          handler: (event) => {
            notes.push(JSON.parse(event.body))
            return { statusCode: 201, body: JSON.stringify(notes.at(-1)) }
          },
        },
      },
    },
  },
})

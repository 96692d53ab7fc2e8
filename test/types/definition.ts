import { defineStack } from '@iamfetch/local'

/** A definition with two APIs and everything that has a name. */
export const definition = defineStack({
  groups: {
    Editors: {
      precedence: 1,
      policy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'execute-api:Invoke',
            Resource: ['arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_notes/*/*/notes'],
          },
        ],
      },
    },
    Readers: {
      policy: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: 'execute-api:Invoke',
          Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_notes/*/GET/notes',
          Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
        },
      },
    },
  },
  users: {
    alice: { groups: ['Editors', 'Readers'], email: 'alice@example.com' },
    bob: { groups: ['Readers'] },
  },
  resourceServers: { premium: ['read', 'write'] },
  appClients: { reader: { scopes: ['premium/read'] } },
  signInClients: { web: { callbackUrls: ['https://app.example.com/callback'] } },
  roles: {
    worker: {
      policy: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: 'secretsmanager:GetSecretValue',
          Resource: 'arn:aws:secretsmanager:REGION:ACCOUNT_ID:secret:reader-??????',
        },
      },
    },
  },
  apis: {
    notes: {
      type: 'http',
      cors: { allowOrigins: ['*'] },
      routes: {
        'GET /notes': { auth: 'iam', handler: async () => [{ id: '1', text: 'Hello' }] },
        'POST /notes': {
          auth: 'iam',
          handler: async () => ({ statusCode: 201, body: '{"id":"2"}' }),
        },
        'GET /notes/{id}': { auth: 'iam', handler: (event) => ({ id: String(event), text: '' }) },
      },
    },
    premium: {
      type: 'rest',
      routes: { 'GET /premium': { auth: 'jwt', scopes: ['premium/read'], handler: () => 'ok' } },
    },
  },
})

import type { PolicyDocument } from '@iamfetch/policy'
import { defineStack, type StackDefinition } from './definition.ts'

const may = (...methods: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: methods.map(
        (method) => `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/${method}/test`,
      ),
    },
  ],
})

const handler = (event: {
  requestContext: { http: { method: string }; authorizer: { iam: { userArn: string } } }
}): unknown => ({
  youCalled: `${event.requestContext.http.method} /test`,
  youAre: event.requestContext.authorizer.iam.userArn,
})

/** What `iamfetch-local` runs without a definition: FullAccess may GET and POST, ReadOnlyAccess only GET. */
export const sample: StackDefinition = defineStack({
  groups: {
    FullAccess: { precedence: 1, policy: may('GET', 'POST') },
    ReadOnlyAccess: { precedence: 2, policy: may('GET') },
  },
  users: {
    alice: { groups: ['FullAccess'], email: 'alice@example.com' },
    bob: { groups: ['ReadOnlyAccess'], email: 'bob@example.com' },
  },
  apis: {
    test: {
      type: 'http',
      cors: { allowOrigins: ['*'] },
      routes: { 'GET /test': { auth: 'iam', handler }, 'POST /test': { auth: 'iam', handler } },
    },
  },
})

import { defineStack, type PolicyDocument, type StackDefinition } from '@iamfetch/local'
import example from '../examples/group-access/access.ts'

const may = (...methods: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: methods.flatMap((method) => [
      `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_http/*/${method}/test`,
      `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_rest/*/${method}/test`,
      `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_http/*/${method}/@connections/*`,
    ]),
  },
})

/** What a handler of these tests tells: who called, with what. */
export interface Echo {
  method: string
  body: string | null
  role: string
}

/** The example's users and groups, with an HTTP API and a REST API side by side. */
export const groupAccess: StackDefinition = defineStack({
  ...example,
  groups: {
    FullAccess: { precedence: 1, policy: may('GET', 'POST') },
    ReadOnlyAccess: { precedence: 2, policy: may('GET') },
  },
  apis: {
    http: {
      type: 'http',
      cors: { allowOrigins: ['*'] },
      routes: {
        // Without it the authorizer of ANY refuses the preflights of browsers, as on AWS.
        'OPTIONS /test': { auth: 'none', handler: () => ({ statusCode: 204 }) },
        'ANY /test': {
          auth: 'iam',
          handler: (event): Echo => ({
            method: event.requestContext.http.method,
            body: event.body ?? null,
            role: event.requestContext.authorizer.iam.userArn.split('/')[1],
          }),
        },
        'POST /@connections/{id}': {
          auth: 'iam',
          handler: (event) => ({ posted: event.pathParameters.id }),
        },
      },
    },
    rest: {
      type: 'rest',
      stage: 'prod',
      routes: {
        'ANY /test': {
          auth: 'iam',
          handler: (event) => ({
            statusCode: 200,
            body: JSON.stringify({
              method: event.httpMethod,
              body: event.body,
              role: event.requestContext.identity.userArn.split('/')[1],
            } satisfies Echo),
          }),
        },
      },
    },
  },
})

// The definition that examples of doc comments import as '../stack.ts'.
import { defineStack, type PolicyDocument } from '@iamfetch/local'

const policy: PolicyDocument = { Version: '2012-10-17', Statement: [] }

export default defineStack({
  groups: { Editors: { precedence: 1, policy }, Readers: { precedence: 2, policy } },
  users: { alice: { groups: ['Editors'] }, bob: { groups: ['Readers'] } },
  apis: {
    notes: {
      type: 'http',
      routes: {
        'GET /notes': { auth: 'iam', handler: () => [] },
        'POST /notes': { auth: 'iam', handler: () => ({ statusCode: 201 }) },
        'GET /notes/{id}': { auth: 'iam', handler: () => ({}) },
      },
    },
  },
})

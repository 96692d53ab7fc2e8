import { readFileSync } from 'node:fs'
import { defineStack, type PolicyDocument } from '@iamfetch/local'
import { read, write } from './handlers.ts'

/** The IAM policies of the two groups: JSON as one would paste it into the console. */
const policy = (name: string): PolicyDocument =>
  JSON.parse(readFileSync(new URL(`./policies/${name}.json`, import.meta.url), 'utf8'))

/** FullAccess may GET and POST on /test, ReadOnlyAccess may only GET. */
export default defineStack({
  region: 'eu-central-1',
  groups: {
    FullAccess: { precedence: 1, policy: policy('full-access') },
    ReadOnlyAccess: { precedence: 2, policy: policy('read-only-access') },
  },
  users: {
    alice: { groups: ['FullAccess'], email: 'alice@example.com' },
    bob: { groups: ['ReadOnlyAccess'], email: 'bob@example.com' },
  },
  apis: {
    test: {
      type: 'http',
      // A page that may read the gateway's Date corrects a wrong clock by it.
      cors: { allowOrigins: ['*'], exposeHeaders: ['date', 'apigw-requestid'] },
      routes: {
        'GET /test': { auth: 'iam', handler: read },
        'POST /test': { auth: 'iam', handler: write },
      },
    },
  },
})

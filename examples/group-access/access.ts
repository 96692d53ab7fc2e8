import { readFileSync } from 'node:fs'
import { defineStack, type PolicyDocument } from '@iamfetch/local'

/** The IAM policies of the two groups: JSON as one would paste it into the console. */
const policy = (name: string): PolicyDocument =>
  JSON.parse(readFileSync(new URL(`./policies/${name}.json`, import.meta.url), 'utf8'))

/** The identity that the gateway puts into a payload 2.0 event of an IAM-authorised route. */
interface SignedEvent {
  body?: string
  requestContext: { authorizer: { iam: { userArn: string } } }
}

const roleOf = (event: SignedEvent): string =>
  event.requestContext.authorizer.iam.userArn.split('/')[1] ?? 'unknown'

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
      cors: { allowOrigins: ['*'] },
      routes: {
        'GET /test': {
          auth: 'iam',
          handler: (event: SignedEvent) => ({ message: 'You may read.', role: roleOf(event) }),
        },
        'POST /test': {
          auth: 'iam',
          handler: (event: SignedEvent) => ({
            message: 'You may write.',
            role: roleOf(event),
            received: JSON.parse(event.body ?? 'null'),
          }),
        },
      },
    },
  },
})

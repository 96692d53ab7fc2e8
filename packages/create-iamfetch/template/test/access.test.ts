// Who may call what, against the local stack: real sign-in, real signatures, the IAM policies of stack.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startLocalStack, type LocalStack } from '@iamfetch/local'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import definition from '../stack.ts'

let stack: LocalStack<typeof definition>
before(async () => {
  stack = await startLocalStack(definition)
})
after(() => stack.stop())

/** A `fetch` that signs as a user. */
function fetchAs(name: string): typeof fetch {
  const { config } = stack
  const signedIn = stack.signIn(name)
  const credentials = cognitoCredentials({
    identityPoolId: config.identityPoolId,
    idToken: async () => (await signedIn).idToken,
    endpoint: config.endpoints.cognitoIdentity,
  })
  return createIamFetch({ baseUrl: config.apis.notes.url, region: config.region, credentials })
}

const note = { method: 'POST', body: JSON.stringify({ text: 'Hello' }) }

test('alice, in Editors, reads and writes', async () => {
  const iamFetch = fetchAs('alice')
  assert.equal((await iamFetch('/notes')).status, 200)
  const written = await iamFetch('/notes', note)
  assert.equal(written.status, 201)
  assert.deepEqual(await written.json(), { text: 'Hello', by: 'EditorsRole' })
})

test('bob, in Readers, reads and may not write', async () => {
  const iamFetch = fetchAs('bob')
  assert.equal((await iamFetch('/notes')).status, 200)
  const refused = await iamFetch('/notes', note)
  assert.equal(refused.status, 403)
  // The local stack tells what AWS hides.
  assert.match(refused.headers.get('x-local-reason') ?? '', /^ImplicitDeny: .*ReadersRole/)
})

test('a note without a text is refused by the handler', async () => {
  const response = await fetchAs('alice')('/notes', { method: 'POST', body: '{"text": 1}' })
  assert.equal(response.status, 400)
})

test('a call without a signature has no user', async () => {
  const response = await fetch(`${stack.config.apis.notes.url}/notes`)
  assert.equal(response.status, 403)
})

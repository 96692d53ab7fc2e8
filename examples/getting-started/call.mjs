import { startLocalStack } from '@iamfetch/local'
import { cognitoCredentials, createIamFetch, describeRefusal } from 'iamfetch'
import definition from './stack.mjs'

const stack = await startLocalStack(definition)
const { config } = stack

for (const user of ['alice', 'bob']) {
  const credentials = cognitoCredentials({
    identityPoolId: config.identityPoolId,
    endpoint: config.endpoints.cognitoIdentity, // only for the local stack
    idToken: async () => (await stack.signIn(user)).idToken,
  })
  const iamFetch = createIamFetch({
    baseUrl: config.apis.notes.url,
    region: config.region, // 127.0.0.1 does not contain a region
    credentials,
  })
  const notes = await iamFetch('/notes')
  console.log(user, 'GET', notes.status)

  const added = await iamFetch('/notes', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: `Hello from ${user}` }),
  })
  console.log(user, 'POST', added.status)
  if (!added.ok) console.log((await describeRefusal(added)).message)
}
await stack.stop()

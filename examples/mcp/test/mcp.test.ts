import { signIn } from '@iamfetch/testing/sign-in'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectAsUser } from '../agent.ts'
import { connectAsService } from '../service.ts'
import { startMcp, type McpStack } from '../start.ts'

let stack: McpStack
beforeAll(async () => {
  stack = await startMcp()
})
afterAll(() => stack.stop())

const asUser = (name: string) => {
  const { config } = stack
  return connectAsUser(`${config.apis.tools.url}/mcp`, {
    identityPoolId: config.identityPoolId,
    idToken: async () => (await signIn(stack, name)).idToken,
    endpoint: config.endpoints.cognitoIdentity,
    region: config.region,
  })
}

test('alice lists and calls tools with the role of her group, and the tool knows who she is', async () => {
  const client = await asUser('alice')
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['whoami', 'add'])
  expect(await client.callTool({ name: 'whoami' })).toMatchObject({
    content: [{ text: expect.stringMatching(/^user [\w-]+$/) }],
  })
  expect(await client.callTool({ name: 'add', arguments: { a: 2, b: 3 } })).toMatchObject({
    content: [{ text: '5' }],
  })
  await client.close()
})

test('bob is refused by IAM, and sees which statement is missing', async () => {
  await expect(asUser('bob')).rejects.toThrow(
    /no statement of the role ReadersRole allows execute-api:Invoke on \S+\/POST\/mcp/,
  )
})

test('a service calls with one machine token, and is known as a client', async () => {
  const { clientId, clientSecret } = stack.appClients.reporter
  const client = await connectAsService(`${stack.config.apis.tools.url}/service/mcp`, {
    tokenUrl: `${stack.config.endpoints.oauth}/oauth2/token`,
    clientId,
    clientSecret,
  })
  await client.listTools()
  expect(await client.callTool({ name: 'whoami' })).toMatchObject({
    content: [{ text: expect.stringMatching(/^machine /) }],
  })
  expect(stack.tokensMinted('reporter')).toBe(1)
  await client.close()
})

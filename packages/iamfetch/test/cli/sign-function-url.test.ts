import { startLocalStack } from '@iamfetch/local'
import { expect, test } from 'vitest'
import { signCommand } from '../../src/cli/sign.ts'

const policy = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'],
    Resource: 'arn:aws:lambda:REGION:ACCOUNT_ID:function:chat',
  },
} as const

test('iamfetch sign signs a call of a function URL of the local stack for the service lambda', async () => {
  await using stack = await startLocalStack({
    groups: { Chatters: { policy } },
    users: { alice: { groups: ['Chatters'] } },
    functionUrls: { chat: { authType: 'AWS_IAM', handler: () => ({ ok: true }) } },
  })
  const printed: string[] = []
  const code = await signCommand.run(
    ['--json', '--stack', stack.config.endpoints.cognitoIdp, '--user', 'alice', 'GET', '/x'],
    {
      name: 'iamfetch',
      env: { XDG_RUNTIME_DIR: '/nothing-here', IAMFETCH_PASSWORD: stack.users.alice.password },
      paint: (_, text) => text,
      print: (text) => printed.push(text),
      note: () => {},
    },
  )
  expect(code).toBe(0)
  const { url, headers } = JSON.parse(printed[0] ?? '')
  expect(url).toBe(`${stack.config.functionUrls.chat.url}/x`)
  expect(headers.authorization).toContain('/eu-central-1/lambda/aws4_request')
  expect((await fetch(url, { headers })).status).toBe(200)
})

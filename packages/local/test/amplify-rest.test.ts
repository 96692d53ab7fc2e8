import { configureAmplify } from '@iamfetch/testing/amplify'
import { get, isCancelError, post } from 'aws-amplify/api'
import { signIn, signOut } from 'aws-amplify/auth'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startLocalStack, type LocalStack } from '../src/index.ts'
import { sample } from '../src/definition/sample.ts'

let stack: LocalStack
beforeAll(async () => {
  stack = await startLocalStack(sample)
  const { apis, region } = stack.config
  configureAmplify(stack.config, {
    API: { REST: { test: { endpoint: apis['test']!.url, region, service: 'execute-api' } } },
  })
})
afterEach(() => signOut())
afterAll(() => stack.stop())

const retryStrategy = { strategy: 'no-retry' as const }

/** The status of a call; Amplify throws from 300 on. */
async function statusOf(call: { response: Promise<{ statusCode: number }> }): Promise<unknown> {
  try {
    return (await call.response).statusCode
  } catch (error) {
    if (isCancelError(error)) throw error
    return Object(Object(error).response).statusCode
  }
}
const calls = async (): Promise<unknown[]> => [
  await statusOf(
    get({ apiName: 'test', path: '/test', options: { queryParams: { q: 'a b' }, retryStrategy } }),
  ),
  await statusOf(
    post({ apiName: 'test', path: '/test', options: { body: { text: 'é' }, retryStrategy } }),
  ),
]

it('lets Amplify v6 sign in and call with the role of the group', async () => {
  await signIn(stack.users['alice']!)
  expect(await calls()).toEqual([200, 200])
  await signOut()
  await signIn(stack.users['bob']!)
  expect(await calls()).toEqual([200, 403])
})

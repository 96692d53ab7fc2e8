import type { LocalStack } from '@iamfetch/local'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendAll, WAYS, type Setup } from './send.ts'
import { allAccepted, serveEcho } from './stack.ts'

let stack: LocalStack
let setups: readonly Setup[]
beforeAll(async () => ({ stack, setups } = await serveEcho()) && undefined)
afterAll(() => stack?.stop())

test.each(WAYS)(
  'the gateway takes 200 calls that Node sends by %s',
  async (way) => {
    await expect(allAccepted(setups, way, 200, sendAll)).resolves.toBeUndefined()
  },
  30_000,
)

test('a call that was signed with another secret is refused', async () => {
  const [setup] = setups
  const foreign = { ...setup!, credentials: { ...setup!.credentials, secretAccessKey: 'other' } }
  const call = { method: 'GET', target: '/items', pairs: [], headers: {}, body: null }
  for (const way of WAYS) {
    expect(await sendAll(foreign, way, [call])).toMatchObject([{ status: 403 }])
  }
})
